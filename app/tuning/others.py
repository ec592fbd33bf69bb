"""Another answer of the same kind: another year for a year, another name for a name."""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Sort = Literal["year", "number", "date", "name", "words"]

_YEAR = re.compile(r"(?:1\d|20)\d\d")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_DECADE = re.compile(r"(?:1\d|20)\d0s\b")
_SMALL = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_NAME = re.compile(r"(?:(?:The|the) )?[A-Z][\w.'’-]*(?: (?:of|the|de|von|and|[A-Z][\w.'’-]*)){0,4}")


_ASKED = re.compile(
    r"\b(?:(who|whom|whose|where)|(?:what|which) (country|city|state|river|religion|company|team|"
    r"king|emperor|president|general|battle|war|university|empire|dynasty))\b",
    re.IGNORECASE,
)


def sort_of(answer: str) -> Sort:
    """Return what kind of thing an answer is."""
    if _YEAR.fullmatch(answer):
        return "year"
    if _MONTH.search(answer):
        return "date"
    if _DIGITS.search(answer) or answer.lower() in _SMALL:
        return "number"
    return "name" if _NAME.fullmatch(answer) else "words"


@dataclass(frozen=True, slots=True)
class Names:
    """Answers that are names, by what was asked for: who, where, which city."""

    by_asked: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, answered: Iterable[tuple[str, str]]) -> "Names":
        """Make them of questions and their answers."""
        found: dict[str, list[str]] = {}
        for question, answer in answered:
            asked = asked_for(question)
            if asked and sort_of(answer) == "name":
                found.setdefault(asked, []).append(answer)
        return cls(found)


def asked_for(question: str) -> str:
    """Return what a question asks for, such as ``who`` or ``city``; blank if it cannot be told."""
    found = _ASKED.search(question)
    if found is None:
        return ""
    noun = (found[2] or found[1]).lower()
    return "who" if noun in ("whom", "whose") else noun


def another(question: str, answer: str, names: Names, pick: random.Random) -> str | None:
    """Return another answer of the same kind; None where it is of no kind that can be told."""
    match sort_of(answer):
        case "year":
            return str(int(answer) + pick.choice((-12, -9, -5, -3, -2, 2, 3, 4, 7, 11)))
        case "date":
            return _another_date(answer, pick)
        case "number":
            return _another_number(answer, pick)
        case "name":
            return _another_name(answer, names.by_asked.get(asked_for(question), ()), pick)
        case "words":
            return None


def _another_date(answer: str, pick: random.Random) -> str:
    """Return a date with another month, or with another day or year."""
    month = _MONTH.search(answer)
    assert month is not None
    others = [each for each in _MONTHS if each != month[0]]
    return answer[: month.start()] + pick.choice(others) + answer[month.end() :]


def _another_number(answer: str, pick: random.Random) -> str | None:
    if answer.lower() in _SMALL:
        return pick.choice([each for each in _SMALL if each != answer.lower()])
    found = _DIGITS.search(answer)
    if found is None:
        return None
    before, number, after = answer[: found.start()], found[0], answer[found.end() :]
    ordinal = _ORDINAL.match(after)
    if ordinal and "," not in number:
        value = max(1, int(number) + pick.choice((-2, -1, 1, 2)))
        value += int(value == int(number))
        return f"{before}{value}{_suffix(value)}{after[ordinal.end() :]}"
    if _DECADE.match(number + after):
        return f"{before}{int(number) + pick.choice((-30, -20, -10, 10))}{after}"
    return before + _changed(number, pick) + after


def _suffix(value: int) -> str:
    if value % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")


def _changed(number: str, pick: random.Random) -> str:
    """Return a number of the same form that differs by some tenths; a year, by some years."""
    if _YEAR.fullmatch(number):
        return str(int(number) + pick.choice((-8, -4, -3, 3, 5, 9)))
    whole, dot, rest = number.partition(".")
    plain = whole.replace(",", "") + rest
    round_to = 10 ** (len(plain) - len(plain.rstrip("0"))) if int(plain) else 1
    value = int(plain)
    step = round(value * pick.choice((-0.4, -0.25, -0.1, 0.1, 0.2, 0.3)) / round_to) * round_to
    other = str(max(value + (step or round_to), 1)).zfill(len(rest) + 1)
    front = other[: len(other) - len(rest)]
    grouped = f"{int(front):,}" if "," in whole else front
    return f"{grouped}{dot}{other[len(front) :]}"


def _another_name(answer: str, pool: Sequence[str], pick: random.Random) -> str | None:
    """Return a name of as many words that shares none with the answer."""
    said = set(answer.lower().split())
    alike = [
        each
        for each in pool
        if len(each.split()) == len(answer.split())
        and sort_of(each) == "name"
        and not said & set(each.lower().split())
        and each.startswith(("The ", "the ")) == answer.startswith(("The ", "the "))
    ]
    return pick.choice(alike) if alike else None
