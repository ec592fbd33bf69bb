"""What people said of answers as an evaluation set: questions, and what is known to answer them.

The fields are those of the question files that ``citewell calibrate --questions`` and the
benchmarks read, and more beside them. Nothing is guessed: an answer that was called wrong without
the right passage leaves open whether the documents answer the question.
"""

from citewell.app.answer_values import Citation
from citewell.app.chats.values import Judged, RightPassage
from citewell.app.output import Json

FEEDBACK = "citewell.feedback/1"


def answerable(judged: Judged) -> bool | None:
    """Tell whether the documents answer a question, as far as people said; None if it is open."""
    feedback = judged.feedback
    if feedback.right is not None:
        return True
    if feedback.rating != "up":
        return None
    return True if judged.turn.sentences else _declined(judged)


def feedback_json(judged: Judged) -> Json:
    """Return a row of ``citewell feedback export`` and ``citewell feedback list --json``."""
    turn, feedback = judged.turn, judged.feedback
    known = answerable(judged)
    right = [] if feedback.right is None else [_place(feedback.right)]
    supporting = _cited(judged, wrong=False) if feedback.rating == "up" else []
    gold = list({tuple(place.values()): place for place in right + supporting}.values())
    answer = " ".join(sentence.text for sentence in turn.sentences)
    confirmed = [answer] if feedback.rating == "up" and answer else []
    return {
        "schema": FEEDBACK,
        "id": turn.id,
        "question": turn.standalone or turn.question,
        "answerable": known,
        "answers": confirmed or [place["quote"] for place in right],
        "gold_doc_ids": list(dict.fromkeys(place["document"] for place in gold)),
        "gold_passages": [place["quote"] for place in gold],
        "kind": _kind(judged),
        "asked": turn.question,
        "collection": judged.conversation.collection,
        "conversation": judged.conversation.id,
        "asked_at": turn.asked.isoformat(),
        "judged_at": judged.given.isoformat(),
        "rating": feedback.rating,
        "comment": feedback.comment,
        "answer": answer,
        "reason": turn.answer.reason if turn.answer else None,
        "model": turn.answer.model if turn.answer else None,
        "supporting": supporting,
        "wrong": _cited(judged, wrong=True),
        "right": right[0] if right else None,
    }


def _kind(judged: Judged) -> str:
    """Name what was said: ``confirmed``, ``declined`` rightly, ``corrected``, or left ``open``."""
    match answerable(judged):
        case None:
            return "open"
        case False:
            return "declined"
        case True:
            return "corrected" if judged.feedback.right else "confirmed"


def _declined(judged: Judged) -> bool | None:
    """Return False where it was right to decline; None where nothing was answered at all.

    An ambiguous question is one that the documents answer in several ways.
    """
    answer = judged.turn.answer
    return None if answer is None or answer.reason in (None, "ambiguous") else False


def _cited(judged: Judged, *, wrong: bool) -> list[Json]:
    """Return the places that an answer cites and that were, or were not, marked as wrong."""
    citations = (c for sentence in judged.turn.sentences for c in sentence.citations)
    chosen = {c.marker: c for c in citations if (c.marker in judged.feedback.wrong) == wrong}
    return [_place(chosen[marker]) for marker in sorted(chosen)]


def _place(found: Citation | RightPassage) -> Json:
    return {
        "document": found.document,
        "start": found.start,
        "end": found.end,
        "quote": found.quote,
    }
