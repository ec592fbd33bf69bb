"""Find headings by how they are set, where a PDF has no outline."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from citewell.ingest.readers.cleaning import clean_line
from citewell.ingest.readers.page_text import Line, PageText
from citewell.retrieval.values import Heading, Page

LARGER = 1.12
"""Height of a heading in heights of the body's lines, at the least, if it is not bold."""

SMALLEST = 0.97
"""Height of a bold heading in heights of the body's lines, at the least."""

STEP = 1.06
"""Ratio of the heights of two levels, at the least."""

MOST_LEVELS = 3
MOST_WORDS = 14
LEAST_LETTERS = 0.6
"""Share of letters in a title."""

MOST_SHARE = 0.25
"""Share of all lines that may be headings; with more, what is bold or large means nothing."""

MOST_REPEATS = 2
"""Times a title may occur; what occurs more often is a label."""

_TITLE = re.compile(r"[^\W\d_]|[\d“\"'(¿¡§\[]")
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2}")
_GOES_ON = re.compile(r"(?:[:,&–—]|\b(?:and|or|of|in|to|for|from|by|the|a|on|at|with|et|de|und))$")
_MATHS = re.compile(r"[=×∈∃∀≤≥←→∪∩☐☒□■✓@|]|://|…|\.{4}")


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    line: Line
    title: str


def set_headings(read: Sequence[PageText], pages: Sequence[Page]) -> tuple[Heading, ...]:
    """Return the short lines that are larger or bolder than the body and stand alone."""
    heights: Counter[float] = Counter()
    for page in read:
        for line in page.lines:
            heights[round(line.height, 1)] += line.end - line.start
    if not heights:
        return ()
    body = heights.most_common(1)[0][0]
    found = [
        each
        for text, page in zip(read, pages, strict=True)
        for each in _joined(_candidates(text, page.start, body))
    ]
    often = Counter(each.title for each in found)
    found = [
        each for each in found if often[each.title] <= MOST_REPEATS and not each.title[0].islower()
    ]
    count = sum(len(page.lines) for page in read)
    if len(found) > max(MOST_SHARE * count, 1):
        found = [each for each in found if each.line.height >= LARGER * body]
    if len(found) > max(MOST_SHARE * count, 1):
        return ()
    levels = _levels([each.line.height for each in found])
    return tuple(
        Heading(levels[round(each.line.height, 1)], each.title, each.start) for each in found
    )


def _candidates(page: PageText, start: int, body: float) -> Iterator[_Found]:
    for line in page.lines:
        title = clean_line(page.text[line.start : line.end])
        if _is_set_apart(line, body) and _is_title(title) and _is_alone(page.text, line):
            yield _Found(start + line.start, start + line.end, line, title)


def _is_set_apart(line: Line, body: float) -> bool:
    return line.height >= LARGER * body or (line.bold and line.height >= SMALLEST * body)


def _is_title(title: str) -> bool:
    return (
        len(title.split()) <= MOST_WORDS
        and bool(_TITLE.match(title))
        and bool(_WORD.search(title))
        and not _MATHS.search(title)
        and len(_LETTER.findall(title)) >= LEAST_LETTERS * len(title.replace(" ", ""))
        and not title.endswith((".", ",", ";", "-"))
        and not (title.startswith("(") and title.endswith(")"))
    )


def _is_alone(text: str, line: Line) -> bool:
    """Tell whether a line is a whole one."""
    return text[: line.start].endswith(("", "\n")[bool(line.start)]) and (
        text[line.end : line.end + 1] in {"", "\n"}
    )


def _joined(found: Iterator[_Found]) -> list[_Found]:
    """Return headings with those whole that run over lines."""
    whole: list[_Found] = []
    for each in found:
        last = whole[-1] if whole else None
        if last and _is_rest(last, each):
            title = f"{last.title} {each.title}"
            whole[-1] = _Found(last.start, each.end, last.line, title)
        else:
            whole.append(each)
    return whole


def _is_rest(last: _Found, each: _Found) -> bool:
    """Tell whether a line goes on with the heading on the line before."""
    same = each.start - last.end == 1 and abs(each.line.height - last.line.height) < 0.5
    goes_on = each.title[0].islower() or bool(_GOES_ON.search(last.title))
    return same and goes_on and len(last.title.split()) <= MOST_WORDS


def _levels(heights: Sequence[float]) -> dict[float, int]:
    """Return a level for each height: the largest is 1, and there are three at the most."""
    levels: dict[float, int] = {}
    level, first = 0, 0.0
    for height in sorted({round(each, 1) for each in heights}, reverse=True):
        if not level or (first >= STEP * height and level < MOST_LEVELS):
            level, first = level + 1, height
        levels[height] = level
    return levels
