"""Replies to read, of one kind: figures do not tell what went wrong."""

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

from bench.replies import Judged

Shown = Literal["right", "wrong", "declined-rightly", "declined-wrongly", "answered-wrongly"]
"""Wrong is of questions with an answer; answered wrongly are those without."""
KINDS = get_args(Shown)


def kind_of(judged: Judged) -> Shown:
    """Return what a reply is."""
    if judged.reply.declined:
        return "declined-wrongly" if judged.question.answerable else "declined-rightly"
    if not judged.question.answerable:
        return "answered-wrongly"
    return "right" if judged.right else "wrong"


def shown(judged: Sequence[Judged], kind: Shown, count: int) -> Iterator[str]:
    """Yield so many replies of a kind in words, spread evenly over all there are."""
    found = [each for each in judged if kind_of(each) == kind]
    count = min(count, len(found))
    for number in range(count):
        yield "\n".join(_lines(found[number * len(found) // count]))


def _lines(judged: Judged) -> Iterator[str]:
    question, reply = judged.question, judged.reply
    yield f"{question.id}  {question.kind}  {kind_of(judged)}"
    for asked, said in question.history[-2:]:
        yield f"  before:   {asked!r} - {said[:150]!r}"
    yield f"  question: {question.text}"
    yield f"  gold:     {' / '.join(question.answers)[:400]}"
    for passage in question.passages[:2]:
        yield f"  passage:  {' '.join(passage.split())[:400]}"
    sure = "-" if reply.confidence is None else f"{reply.confidence:.3f}"
    yield f"  {reply.mode} {reply.reason}, confidence {sure}, gold document at {judged.found}"
    for sentence in reply.sentences:
        yield f"  answer:   {sentence.text}"
        for cited in sentence.cited:
            state = "checked" if cited.checked else "unchecked"
            yield f"    {state} {cited.document} {cited.start}-{cited.end}: {cited.quote[:300]!r}"
    yield f"  on gold {judged.on_gold}, holding {judged.holding}, F1 {judged.f1:.2f}"
