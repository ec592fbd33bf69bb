"""Examples of two questions asked in one, which two pieces of evidence answer."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from citewell.app.drafting import NOT_FOUND
from citewell.app.fencing import shown_text
from citewell.app.tuning.examples import Example, Split
from citewell.app.tuning.finding import Found
from citewell.app.tuning.matching import holds
from citewell.app.tuning.rejected import wrong_marker
from citewell.app.tuning.selecting import Gold, select, without
from citewell.app.tuning.targets import in_its_words, reads_back, told

_LONGEST = 8
"""Words of an answer that is asked for together with another."""

_JOINTS = ("{first}, and {second}?", "{first}? And {second}?", "{first}? {Second}?")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found for it and the unit that answers."""

    found: Found
    gold: Gold


def pairs(asked: Sequence[Asked], pick: random.Random) -> Iterator[tuple[Asked, Asked]]:
    """Yield questions about the same document that different units answer, each once."""
    able = [each for each in asked if len(each.gold.said.split()) <= _LONGEST]
    able.sort(key=lambda each: each.found.question.documents)
    for _, group in groupby(able, key=lambda each: each.found.question.documents):
        same = list(group)
        pick.shuffle(same)
        while len(same) > 1:
            first = same.pop()
            second = next((each for each in same if _differ(first, each)), None)
            if second is not None:
                same.remove(second)
                yield first, second


def several(one: Asked, other: Asked, split: Split, pick: random.Random) -> Example | str:
    """Return an example that asks for two facts, or in words why there is none."""
    first, second = one.found.question, other.found.question
    answers = (*first.answers, *second.answers)
    others = without([*one.found.scored, *other.found.scored], answers)
    evidence = select(one.found, [one.gold.scored, other.gold.scored], others, pick)
    told_by = []
    for question in (first, second):
        holding = [each for each in evidence if holds(shown_text(each), question.answers)]
        if len(holding) != 1:
            return "several places hold the answer"
        said = in_its_words(shown_text(holding[0]), question.answers)
        if said is None:
            return "the answer does not stand in its words"
        told_by.append(told(said, [holding[0].number]))
    target = " ".join(told_by)
    if not reads_back(target, 2):
        return "the answer does not read back as two sentences"
    wrong = wrong_marker(target, evidence, pick) or " ".join(reversed(told_by))
    return Example(
        id=f"{first.id}-and-{second.id}",
        split=split,
        kind="several",
        source=first.source,
        document=first.documents[0],
        question=_joined(first.text, second.text, pick),
        evidence=evidence,
        target=target,
        rejected=(told_by[0], wrong, NOT_FOUND),
        answers=answers,
    )


def _differ(one: Asked, other: Asked) -> bool:
    """Tell whether two questions are answered by different units, in different words."""
    first, second = one.gold.scored.candidate, other.gold.scored.candidate
    apart = first.end != second.end and second.before != (first.start, first.end)
    apart = apart and first.before != (second.start, second.end)
    return (
        apart
        and not holds(first.text, other.found.question.answers)
        and not holds(second.text, one.found.question.answers)
    )


def _joined(first: str, second: str, pick: random.Random) -> str:
    one, other = first.rstrip(" ?."), second.rstrip(" ?.")
    lower = other[0].lower() + other[1:] if other.split()[0].lower() in _STARTS else other
    return pick.choice(_JOINTS).format(first=one, second=lower, Second=other[0].upper() + other[1:])


_STARTS = frozenset(
    [
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "how",
        "in",
        "on",
        "at",
        "by",
        "to",
        "from",
        "for",
    ]
)
