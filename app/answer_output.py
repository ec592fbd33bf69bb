"""The JSON contract of ``citewell ask``; its schema is ``schemas/ask-1.json``."""

from citewell.app.answer_values import (
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    LeftOut,
    Reading,
    Sent,
)
from citewell.app.output import Id, Json, passage_json
from citewell.retrieval.layout import Mark

ASK = "citewell.ask/1"


def ask_json(id_: Id, answer: Answer) -> Json:
    """Return what ``citewell ask --json`` prints for a question."""
    timings = answer.timings
    return {
        "schema": ASK,
        "id": id_,
        "question": answer.question,
        "standalone": answer.standalone,
        "answer": answer.text,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "mode": answer.mode,
        "sentences": [_sentence(sentence) for sentence in answer.sentences],
        "readings": [_reading(reading) for reading in answer.readings],
        "left_out": [_left_out(each) for each in answer.left_out],
        "sources": [passage_json(passage) for passage in answer.sources],
        "sent": None if answer.sent is None else _sent(answer.sent),
        "model": answer.model,
        "timings_ms": {
            "search": round(timings.search, 1),
            "first_token": None if timings.first_token is None else round(timings.first_token, 1),
            "total": round(timings.total, 1),
        },
        "notices": list(answer.notices),
    }


def _sentence(sentence: AnswerSentence) -> Json:
    return {
        "text": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
        "supported": sentence.supported,
        "citations": [_citation(citation) for citation in sentence.citations],
        "reason": sentence.reason,
    }


def _citation(citation: Citation) -> Json:
    return {
        "marker": citation.marker,
        "document": citation.document,
        "title": citation.title,
        "page": citation.page,
        "place": citation.place,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "header": citation.header,
        "boxes": [_box(mark) for mark in citation.boxes],
        "state": citation.state,
    }


def _box(mark: Mark) -> Json:
    return {"page": mark.page, **{side: round(at, 2) for side, at in mark.box._asdict().items()}}


def _reading(reading: Reading) -> Json:
    return {"question": reading.question, "citation": _citation(reading.citation)}


def _left_out(sentence: LeftOut) -> Json:
    return {"text": sentence.text, "reason": sentence.reason}


def _sent(sent: Sent) -> Json:
    return {
        "tokens": sent.tokens,
        "budget": sent.budget,
        "shown": [_evidence(each) for each in sent.shown],
        "cut": [_evidence(each) for each in sent.cut],
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "number": evidence.number,
        "document": evidence.document,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "header": evidence.header,
    }
