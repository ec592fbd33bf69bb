"""An answer as plain text with its sources, to be pasted anywhere."""

from collections.abc import Iterator

from citewell.app.answer_values import AnswerSentence, Citation
from citewell.app.chats import telling
from citewell.app.chats.values import KeptTurn
from citewell.app.page.source_html import STATES
from citewell.retrieval.visible import visible


def turn_text(turn: KeptTurn) -> str:
    """Return the answer with its markers, and below it what each marker stands for."""
    return visible("\n\n".join(part for part in _parts(turn) if part)) + "\n"


def _parts(turn: KeptTurn) -> Iterator[str]:
    between = "\n\n" if telling.apart(turn) else " "
    yield between.join(_sentence(sentence) for sentence in turn.sentences)
    yield telling.no_answer(turn)
    if turn.answer:
        yield "\n".join(
            f"- {reading.question} [{reading.citation.marker}]" for reading in turn.answer.readings
        )
    sources = [_source(citation) for citation in telling.cited(turn)]
    yield "\n".join(["Sources", *sources]) if sources else ""


def _sentence(sentence: AnswerSentence) -> str:
    numbers = "".join(f"[{marker}]" for marker in telling.markers(sentence))
    flag = "" if sentence.supported else f"[{sentence.reason or telling.UNSUPPORTED}]"
    return " ".join(part for part in (sentence.text, numbers, flag) if part)


def _source(citation: Citation) -> str:
    state = "" if citation.state == "verified" else f" ({STATES[citation.state][0].lower()})"
    quote = " ".join(citation.quote.split())
    place = telling.place_of(citation)
    return f"[{citation.marker}] {citation.title} ({place}): “{quote}”{state}"
