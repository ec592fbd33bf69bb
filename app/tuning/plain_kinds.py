"""Examples of one question with one answer, or with none."""

import random

from citewell.app.drafting import NOT_FOUND
from citewell.app.evidence import Scored
from citewell.app.explanations import explains
from citewell.app.fencing import shown_text
from citewell.app.tuning.examples import Example, Split
from citewell.app.tuning.finding import Found, in_gold
from citewell.app.tuning.matching import holds
from citewell.app.tuning.rejected import instead_of_answer, instead_of_refusal
from citewell.app.tuning.selecting import Gold, select, without, words_shown
from citewell.app.tuning.targets import (
    LEAST_EXPLAINED,
    in_its_words,
    reads_back,
    sentence_with,
    told,
)


def answered(found: Found, gold: Gold, split: Split, pick: random.Random) -> Example | str:
    """Return an example with the gold unit among others, or in words why there is none."""
    question = found.question
    others = without(found.scored, question.answers)
    evidence = select(found, [gold.scored], others, pick)
    holding = [each for each in evidence if in_its_words(shown_text(each), question.answers)]
    if len(holding) != 1:
        return "several places hold the answer"
    text = shown_text(holding[0])
    said = in_its_words(text, question.answers) or gold.said
    whole = _whole(question.text, text, said)
    target = told(whole or said, [holding[0].number])
    if not reads_back(target, 1):
        return "the answer does not read back as one sentence"
    return Example(
        id=question.id,
        split=split,
        kind="sentence" if whole else "answer",
        source=question.source,
        document=_document(question.documents),
        question=question.text,
        evidence=evidence,
        target=target,
        rejected=instead_of_answer(question.text, target, evidence, pick),
        answers=question.answers,
    )


def absent(found: Found, split: Split, pick: random.Random) -> Example | str:
    """Return an answerable question without what answers it."""
    question = found.question
    others = without(found.scored, question.answers)
    if not others:
        return "nothing is left without the answer"
    evidence = select(found, others[:1], others[1:], pick)
    return Example(
        id=f"{question.id}-absent",
        split=split,
        kind="absent",
        source=question.source,
        document=_document(question.documents),
        question=question.text,
        evidence=evidence,
        target=NOT_FOUND,
        rejected=instead_of_refusal(question.text, evidence, (), pick),
        answers=(),
    )


def unanswerable(found: Found, split: Split, pick: random.Random) -> Example | str:
    """Return a question that the documents do not answer, with what looks as if it did."""
    question = found.question
    if not found.scored:
        return "search found nothing"
    evidence = select(found, [_tempting(found)], found.scored, pick)
    return Example(
        id=question.id,
        split=split,
        kind="unanswerable",
        source=question.source,
        document=_document(question.documents),
        question=question.text,
        evidence=evidence,
        target=NOT_FOUND,
        rejected=instead_of_refusal(question.text, evidence, question.tempting, pick),
        answers=(),
    )


def _whole(question: str, text: str, said: str) -> str | None:
    """Return the sentence to answer with, where words of it are not enough."""
    if len(said.split()) < LEAST_EXPLAINED:
        return None
    whole = sentence_with(text, said)
    return whole if whole and (explains(question) or whole.rstrip(".!?") == said) else None


def _tempting(found: Found) -> Scored:
    """Return the unit with an answer that looks right, else the best of its document."""
    own = [item for item in found.scored if in_gold(item, found.question)]
    held = [item for item in own if holds(words_shown(item), found.question.tempting)]
    return (held or own or list(found.scored))[0]


def _document(documents: tuple[str, ...]) -> str:
    return documents[0] if documents else ""
