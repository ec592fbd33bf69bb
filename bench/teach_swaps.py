"""Questions that their passage does not answer, made by rule from ones that it does.

As in the tempting questions that people wrote for SQuAD 2.0 (Rajpurkar et al., 2018), one name,
number or word is exchanged for another of its kind.
"""

import random
import re
from collections.abc import Iterator, Sequence

_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?<![.,])(?![\w])")
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_NAME = re.compile(r"[A-Z][\w'’-]+(?: (?:(?:of|the|de|von|van) )?[A-Z][\w'’-]+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s+|\n)$")

_PAIRS = (
    ("first", "last"),
    ("largest", "smallest"),
    ("highest", "lowest"),
    ("most", "least"),
    ("more", "fewer"),
    ("before", "after"),
    ("early", "late"),
    ("northern", "southern"),
    ("north", "south"),
    ("eastern", "western"),
    ("east", "west"),
    ("oldest", "youngest"),
    ("increase", "decrease"),
    ("increased", "decreased"),
    ("win", "lose"),
    ("won", "lost"),
    ("begin", "end"),
    ("began", "ended"),
    ("maximum", "minimum"),
    ("male", "female"),
    ("inside", "outside"),
    ("buy", "sell"),
    ("accept", "reject"),
    ("allow", "forbid"),
    ("allowed", "forbidden"),
    ("support", "oppose"),
    ("supported", "opposed"),
    ("same", "opposite"),
    ("long", "short"),
    ("good", "bad"),
    ("is", "is not"),
    ("are", "are not"),
    ("was", "was not"),
    ("were", "were not"),
    ("can", "cannot"),
)
_OPPOSITES = {**dict(_PAIRS), **{second: first for first, second in _PAIRS if " " not in second}}
_WORD = re.compile(r"[A-Za-z]+")


def swapped(
    question: str, passage: str, answers: Sequence[str], pool: "Pool", rng: random.Random
) -> list[str]:
    """Return questions, none the same, that the passage most likely does not answer."""
    own = Pool([passage])
    found: dict[str, None] = {}
    for start, end, kind in _places(question, own):
        for source in (own, pool):
            new = source.other(question[start:end], kind, rng)
            if new is None or _stands(new, question) or any(_stands(new, a) for a in answers):
                continue
            new = new if question[start].isupper() else new.lower()
            found[question[:start] + new + question[end:]] = None
    for match in _WORD.finditer(question):
        opposite = _OPPOSITES.get(match[0])
        if opposite is not None:
            found[question[: match.start()] + opposite + question[match.end() :]] = None
    return list(found)


class Pool:
    """The names and numbers of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        names: dict[str, None] = {}
        numbers: dict[str, None] = {}
        for text in texts:
            names.update(dict.fromkeys(text[start:end] for start, end in name_spans(text)))
            numbers.update(dict.fromkeys(match[0] for match in _NUMBER.finditer(text)))
        self.names = list(names)
        self._by_kind = {
            "year": [each for each in numbers if _YEAR.fullmatch(each)],
            "number": [each for each in numbers if not _YEAR.fullmatch(each)],
            "name": [each for each in names if " " not in each],
            "names": [each for each in names if " " in each],
        }

    def other(self, word: str, kind: str, rng: random.Random) -> str | None:
        """Return another word of a kind, or None when there is none."""
        others = [each for each in self._by_kind[kind] if each.lower() != word.lower()]
        return rng.choice(others) if others else None


def name_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where names stand; a capital at the beginning of a sentence makes none."""
    for match in _NAME.finditer(text):
        if not _SENTENCE_START.search(text[: match.start()][-3:]):
            yield match.span()


def _places(question: str, passage: Pool) -> Iterator[tuple[int, int, str]]:
    """Yield where names and numbers stand in a question, and their kinds."""
    for match in _NUMBER.finditer(question):
        yield *match.span(), "year" if _YEAR.fullmatch(match[0]) else "number"
    spans = list(name_spans(question))
    if not spans:  # as people type into a search box
        for name in passage.names:
            found = re.search(rf"\b{re.escape(name.lower())}\b", question)
            if found and len(name) > 3:
                spans.append(found.span())
    for start, end in spans:
        yield start, end, "names" if " " in question[start:end] else "name"


def _stands(word: str, text: str) -> bool:
    return word.lower() in text.lower()
