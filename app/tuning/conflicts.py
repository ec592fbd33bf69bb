"""Examples of two sources that disagree: both are told, a sentence each."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from citewell.app.answer_values import Evidence
from citewell.app.drafting import NOT_FOUND
from citewell.app.fencing import shown_text
from citewell.app.tuning.examples import Example
from citewell.app.tuning.matching import holds
from citewell.app.tuning.others import Names, another
from citewell.app.tuning.targets import reads_back, told

MOST_SHOWN = 4

_TITLES = (
    "{} – an encyclopedia",
    "Notes on {}",
    "A short history of {}",
    "{} (archive)",
    "{}, second edition",
    "Reader: {}",
    "{} in brief",
    "Letters to the editor: {}",
    "{} – lecture notes",
    "Frequently asked: {}",
)
_OPENINGS = (
    "According to a later study, ",
    "Other records say that ",
    "In another account, ",
    "By the official count, ",
    "The museum's own text has it that ",
)
_BEFORE_A_CAPITAL = ("Elsewhere one reads: ", "From another report: ", "Correction in print: ")
_PLAIN = 0.3
"""Share of second sources that say the same sentence with nothing in front."""

_TARGET = re.compile(r"\.? \[\d+\]$")
_NEEDS_NO_CAPITAL = re.compile(r"(?:The|In|It|This|A|An|He|She|They|At|On|By|From|After|During)\b")


def conflicting(example: Example, names: Names, pick: random.Random) -> Example | str:
    """Return an answered example with a second source that says something else.

    Args:
        example: Of kind ``answer``: words with a marker.
        names: Of which another is taken where the answer is one.
    """
    said = _TARGET.sub("", example.target)
    other = another(example.question, said, names, pick)
    if other is None:
        return "there is no other answer of its kind"
    if any(holds(shown_text(each), [other]) for each in example.evidence):
        return "the other answer stands in the evidence"
    gold = next(each for each in example.evidence if said in shown_text(each))
    if shown_text(gold).count(said) > 1 or said not in gold.text:
        return "the answer stands more than once"
    second = _second(gold, said, other, pick)
    evidence = _with(example.evidence, gold, second, pick)
    answers = {each.number: said if each.text == gold.text else other for each in evidence}
    both = [each.number for each in evidence if each.text in (gold.text, second.text)]
    target = " ".join(told(answers[number], [number]) for number in both)
    if not reads_back(target, 2):
        return "the answer does not read back as two sentences"
    one, two = both
    return replace(
        example,
        id=f"{example.id}-conflict",
        kind="conflict",
        evidence=evidence,
        target=target,
        rejected=(
            told(answers[one], [one]),
            f"{told(answers[one], [two])} {told(answers[two], [one])}",
            NOT_FOUND,
        ),
        answers=(said, other),
    )


def _second(gold: Evidence, said: str, other: str, pick: random.Random) -> Evidence:
    """Return what another source says instead."""
    text = gold.text.replace(said, other)
    opening = ""
    if pick.random() >= _PLAIN and _NEEDS_NO_CAPITAL.match(text):
        opening, text = pick.choice(_OPENINGS), text[0].lower() + text[1:]
    elif pick.random() >= _PLAIN:
        opening = pick.choice(_BEFORE_A_CAPITAL)
    title = pick.choice(_TITLES).format(gold.title)
    return replace(
        gold,
        document=f"{gold.document}-other",
        title=title,
        text=opening + text,
        headings=(),
        rank=gold.rank + 1,
    )


def _with(
    evidence: Sequence[Evidence], gold: Evidence, second: Evidence, pick: random.Random
) -> tuple[Evidence, ...]:
    """Return evidence with one more piece at a random place, still so many at the most."""
    kept = [each for each in evidence if each != gold][: MOST_SHOWN - 2]
    shown = [each for each in evidence if each == gold or each in kept]
    shown.insert(pick.randint(0, len(shown)), second)
    return tuple(replace(each, number=number) for number, each in enumerate(shown, 1))
