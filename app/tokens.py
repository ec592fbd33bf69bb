"""A text as its content words in order, each with its kind and its clause."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from citewell.app.amounts import amounts
from citewell.retrieval.analysis import index_terms
from citewell.retrieval.words import STOP_WORDS, WORD, stems, words

Kind = Literal["word", "name", "number", "year"]

_CLAUSE = re.compile(
    r"[;:()—]|,\s|\s[–-]\s|\b(?:but|although|though|whereas|while|because|unless|except|and|or)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"1\d{3}|20\d\d")
_CODE = re.compile(r"[A-Za-z]+\d")


@dataclass(frozen=True, slots=True)
class Token:
    """A content word.

    Attributes:
        stem: Of an amount, the plain number.
        clause: Number of its clause; a comma ends one.
        shown: As it is written.
        unit: Of an amount, the name of its unit.
    """

    stem: str
    kind: Kind
    clause: int
    shown: str
    unit: str = ""


@lru_cache(maxsize=2_000)
def tokens(text: str, language: str = "en") -> tuple[Token, ...]:
    """Return the content words and numbers of a text in order."""
    return tuple(_tokens(text, language))


def _tokens(text: str, language: str) -> Iterator[Token]:
    ends = [mark.start() for mark in _CLAUSE.finditer(text) if not _in_number(text, mark.start())]
    clause = 0
    place = 0
    for amount in (*amounts(text), None):
        stop = amount.start if amount else len(text)
        for word in WORD.finditer(text, place, stop):
            while clause < len(ends) and ends[clause] <= word.start():
                clause += 1
            yield from _of_word(text, word, clause, language)
        if amount:
            while clause < len(ends) and ends[clause] <= amount.start:
                clause += 1
            place = amount.end
            shown = text[amount.start : amount.end].strip()
            kind: Kind = "year" if is_year(amount.value, amount.unit) else "number"
            yield Token(amount.value, kind, clause, shown, amount.unit)


def is_year(value: str, unit: str = "") -> bool:
    """Tell whether a number without a unit is meant as a year."""
    return not unit and _YEAR.fullmatch(value) is not None


def _in_number(text: str, place: int) -> bool:
    return text[place : place + 1] == "," and text[place + 1 : place + 2].isdigit()


def _of_word(text: str, match: re.Match[str], clause: int, language: str) -> Iterator[Token]:
    shown = match[0]
    is_name = _is_name(shown, inside=bool(text[: match.start()].strip(" \"'“‘([*_-")))
    if language not in ("", "en"):
        for term in index_terms(shown, language):
            yield Token(term, "name" if is_name and language != "de" else "word", clause, shown)
        return
    acronym = is_name and len(shown) > 1 and shown.isupper() and not text.isupper()
    for word in words(shown):
        if word not in STOP_WORDS or acronym:
            yield Token(stems([word])[0], "name" if is_name else "word", clause, shown)


def _is_name(shown: str, *, inside: bool) -> bool:
    if any(letter.isupper() for letter in (shown if inside else shown[1:])):
        return True
    return _CODE.match(shown) is not None
