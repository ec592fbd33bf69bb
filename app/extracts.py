"""The answer that quotes: words of the documents, as few as are likely to hold what was asked.

A sentence that is too long is cut where its clauses end, around the words that likely answer. No
number, name or cell is cut, and no clause loses its negation.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from citewell.app.evidence import Scored
from citewell.app.features import Question, covered, kind_matches
from citewell.app.units import Span
from citewell.retrieval.analysis import index_terms
from citewell.retrieval.values import Passage
from citewell.retrieval.words import STOP_WORDS, words

MOST_EXTRACTS = 3

SURE = 0.9
"""Probability of holding the answer, of all that is quoted, above which no more is added."""

CLEAR = 0.6
"""Probability of the best unit above which all words are for it, if it is that long."""

SHARE_OF_BEST = 0.6
"""Share of the words that are for the best unit otherwise."""

LEAST_WORDS = 6
"""Words below which a part of a sentence says too little."""

LEAST_MORE = 12
"""Likewise for a part of another sentence behind the first: scraps in a row are hard to read."""

LEAST_SHARE = 0.1
"""Probability, against that of the best, below which a unit of the same passage is not added."""

LEAST_ELSEWHERE = 0.3
"""Likewise for a unit of another passage: it is more often beside the point."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]{{1,2}}|[^\s{_CJK}]+")
_COMMA = r"(?<!\d,)(?<![A-Z]\.,),\s+(?![\d])"
_CLAUSE_END = re.compile(rf"{_COMMA}|[;:]\s+|[，；：、]|،\s+|\s+[-–—]\s+|(?<=\))\s+|\s+(?=\()")
_CELL_END = re.compile(r"\s*\|\s*|\t+|\n")
_MAJOR = re.compile(r"[;；]\s*|\s[-–—]\s")
_LAST_WORD = re.compile(r"([\w.’'-]*\w)([^\w\s]*)\s+$")
_NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|none|nobody|nothing|unless|except|hardly|"
    r"nicht|keine?[rnms]?|nie|ohne|jamais|sans|nunca|jamás|sin|mai|senza|não|niet|geen|"
    r"не|нет|ни|без|لا|لم|لن|ليس|ليست)\b|n[’']t\b|\bne\s\w+\s(?:pas|plus)\b|[不没沒无無未]|ません|ない"
)
_HANGING = [[word] for word in STOP_WORDS]
_TRIM = " \t\n,;:，；：、،"


@dataclass(frozen=True, slots=True)
class Extract:
    """Contiguous words of a document that are quoted.

    Attributes:
        scored: The unit they stand in, with the sentence before it where that is quoted too.
        start: Where they stand in the document.
        end: Where they end.
    """

    scored: Scored
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words."""
        candidate = self.scored.candidate
        return candidate.text[self.start - candidate.start : self.end - candidate.start]


def extract(question: Question, scored: Sequence[Scored], words: int = 40) -> list[Extract]:
    """Return what is to be quoted of the units, best first, of at most so many words together."""
    found: list[Extract] = []
    for item in scored:
        if found and not _worth_adding(item, found):
            continue
        room = words - sum(count_words(each.text) for each in found)
        if found:
            added = _quoted(question, item, room, LEAST_MORE)
        else:
            added = _quoted(question, item, _room(scored, words)) or _quoted(question, item, room)
        if added is not None and not any(_overlap(added, each) for each in found):
            found.append(added)
        if len(found) == MOST_EXTRACTS:
            break
    return found


def _room(scored: Sequence[Scored], words: int) -> int:
    """Return the words for the best unit: not all of them where others may hold the answer."""
    best = scored[0].probability
    return words if best is None or best >= CLEAR else round(words * SHARE_OF_BEST)


def count_words(text: str) -> int:
    """Return how many words a text has; two characters of a script without spaces are one."""
    return len(_WORD.findall(text))


def with_neighbour(item: Scored) -> Scored:
    """Return a unit together with the sentence that it leans on, if it leans on one."""
    candidate = item.candidate
    if candidate.before is None:
        return item
    start = candidate.before[0]
    text = _text(candidate.passage, start, candidate.end)
    return replace(item, candidate=replace(candidate, start=start, text=text, before=None))


def _worth_adding(item: Scored, found: Sequence[Extract]) -> bool:
    """Tell whether a unit may hold the answer when what is quoted does not."""
    held = sum(each.scored.probability or 0.0 for each in found)
    best = found[0].scored
    if held >= SURE or not best.probability or not item.probability:
        return False
    same = item.candidate.passage == best.candidate.passage
    least = LEAST_SHARE if same else LEAST_ELSEWHERE
    return item.probability / best.probability >= least


def _quoted(
    question: Question, item: Scored, room: int, least: int = LEAST_WORDS
) -> Extract | None:
    """Return a unit, or the clauses of it that likely answer; None if nothing of it fits."""
    return _whole(item, room) or (_part(question, item, room) if room >= least else None)


def _whole(item: Scored, room: int) -> Extract | None:
    """Return the whole unit, with the sentence it leans on if both fit; None if it does not fit."""
    for each in (with_neighbour(item), item):
        if count_words(each.candidate.text) <= room:
            return Extract(each, each.candidate.start, each.candidate.end)
    return None


def _part(question: Question, item: Scored, room: int) -> Extract | None:
    """Return the clauses of a long unit that most likely answer; None if none may stand alone."""
    best: tuple[float, Span] | None = None
    for limits in _limits(item):
        for span in _windows(item, limits, room):
            worth = _worth(question, item, span)
            if best is None or worth > best[0]:
                best = worth, span
        if best is not None:
            start = item.candidate.start
            return Extract(item, start + best[1][0], start + best[1][1])
    return None


def _limits(item: Scored) -> Iterator[list[int]]:
    """Yield where a unit may be cut: between cells or clauses, then between words."""
    text = item.candidate.text
    if item.candidate.kind == "row":
        yield _ends(_CELL_END, text)
    yield [end for end in _ends(_CLAUSE_END, text) if not _parts_a_name(text, end)]
    yield [end for end in _ends(re.compile(r"\s+"), text) if not _parts_a_name(text, end)]


def _ends(pattern: re.Pattern[str], text: str) -> list[int]:
    return [0, *(mark.end() for mark in pattern.finditer(text)), len(text)]


def _parts_a_name(text: str, at: int) -> bool:
    """Tell whether a cut would part words that may be one name, date or amount."""
    before, after = _LAST_WORD.search(text, max(0, at - 40), at), text[at : at + 1]
    if before is None or not after.isalnum():
        return False
    opens = before[1][0].isupper() or any(character.isdigit() for character in before[1])
    if after.isupper() or after.isdigit():
        return opens
    following = words(text[at : at + 40])[:1]
    return before[1][-1].isdigit() and not before[2] and following not in _HANGING


def _windows(item: Scored, limits: Sequence[int], room: int) -> Iterator[Span]:
    """Yield the longest stretch from each limit that fits, holds the focus and keeps negations."""
    text, start = item.candidate.text, item.candidate.start
    focus = None if item.focus is None else (item.focus[0] - start, item.focus[1] - start)
    for first in limits:
        ends = [end for end in limits if end > first and count_words(text[first:end]) <= room]
        spans = (_trimmed(text, first, end) for end in reversed(ends))
        span = next((each for each in spans if not _hangs(text, each)), (0, 0))
        holds_focus = focus is None or (span[0] <= focus[0] and focus[1] <= span[1])
        if span[0] < span[1] and holds_focus and not _loses_negation(text, span):
            yield span


def _trimmed(text: str, start: int, end: int) -> Span:
    stretch = text[start:end]
    return (
        start + len(stretch) - len(stretch.lstrip(_TRIM)),
        end - len(stretch) + len(stretch.rstrip(_TRIM)),
    )


def _hangs(text: str, span: Span) -> bool:
    """Tell whether a stretch ends with a word that opens something else, such as ``by``."""
    return span[1] < len(text) and text[slice(*span)].split()[-1:] in _HANGING


def _loses_negation(text: str, span: Span) -> bool:
    """Tell whether a word that denies stands outside of a stretch, in a clause that it touches."""
    borders = [0, *(mark.end() for mark in _MAJOR.finditer(text)), len(text)]
    begin = max(border for border in borders if border <= span[0])
    end = min(border for border in borders if border >= span[1])
    denials = list(_NEGATION.finditer(text.lower(), begin, end))
    return any(not (span[0] <= each.start() and each.end() <= span[1]) for each in denials)


def _worth(question: Question, item: Scored, span: Span) -> float:
    """Return how much of what was asked a stretch speaks of, more for one that begins it."""
    text = item.candidate.text[slice(*span)]
    held = covered(question, index_terms(text, question.language))
    fits = 0.0 if item.focus else max(0.0, kind_matches(question.text, text))
    return held + 0.3 * fits + 0.2 * (span[0] == 0) + 0.001 * count_words(text)


def _overlap(one: Extract, other: Extract) -> bool:
    same = one.scored.candidate.document == other.scored.candidate.document
    return same and one.start < other.end and other.start < one.end


def _text(passage: Passage, start: int, end: int) -> str:
    return passage.text[start - passage.chunk.start : end - passage.chunk.start]
