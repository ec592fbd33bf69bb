"""What is to be counted: whether a text gives the number of that, or of something beside it."""

import re
from collections.abc import Iterator

_ASKED = re.compile(r"\bhow many\s+(\w[\w-]*)", re.IGNORECASE)
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(rf"(?<![\w-])(\d[\d,.]*|{'|'.join(_WORDS)})\b", re.IGNORECASE)
_NEXT = re.compile(r"[\s-]+(?:(?:hundred|thousand|million|billion|trillion)[\s-]+)?(\w[\w-]*)")


def counts_another(question: str, text: str, evidence: str) -> bool:
    """Tell whether a text gives another number than evidence gives of what is asked for.

    Where a question asks how many there are of something, and the evidence has numbers of just
    that, one of them is wanted: of "24 layers and 340 million parameters" asked for parameters,
    24 is not. English only; where the evidence has no such number, nothing is told.
    """
    asked = _ASKED.search(question)
    if asked is None:
        return False
    wanted = {number for number, of in _counted(evidence) if of == _stem(asked[1])}
    said = {_plain(number[1]) for number in _NUMBER.finditer(text)}
    return bool(wanted and said) and wanted.isdisjoint(said)


def _counted(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number with the word that says of what it is."""
    for number in _NUMBER.finditer(text):
        if of := _NEXT.match(text, number.end()):
            yield _plain(number[1]), _stem(of[1])


def _plain(number: str) -> str:
    value = number.casefold().replace(",", "").rstrip(".")
    return str(_WORDS.index(value) + 1) if value in _WORDS else value


def _stem(word: str) -> str:
    return word.casefold().removesuffix("s")
