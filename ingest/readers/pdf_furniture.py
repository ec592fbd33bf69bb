"""Leave out running headers and footers: what stands at the same place on most pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from citewell.ingest.readers.page_edits import keep, strip_page
from citewell.ingest.readers.page_text import PageText

MARGIN = 0.12
"""Share of the height of a page, at its top and at its bottom, where they stand."""

STEP = 6.0
"""Points up or down that are taken for the same place."""

FEWEST_PAGES = 3
LEAST_SHARE = 0.4
"""Share of pages that must have them; left and right pages may have different ones."""

_NUMBER = re.compile(r"\d+")
_LINE = re.compile(r"[^\n]+")

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Margin:
    """A line in the margin of a page: index of the page, span in its text, and its numbers."""

    page: int
    start: int
    end: int
    numbers: tuple[int, ...]
    blank: bool


def without_furniture(pages: Sequence[PageText]) -> list[PageText]:
    """Return the pages without running headers, footers and page numbers.

    The first occurrence of one that has words stays, so that nothing is lost.
    """
    groups: dict[Key, list[_Margin]] = defaultdict(list)
    for number, page in enumerate(pages):
        for text, place, line in _margins(page, number):
            groups[_NUMBER.sub("#", text), place].append(line)
    least = max(FEWEST_PAGES, LEAST_SHARE * sum(bool(page.text.strip()) for page in pages))
    gone: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lines in groups.values():
        running = _running(lines)
        if len({line.page for line in running}) >= least:
            for line in running[0 if running[0].blank else 1 :]:
                gone[line.page].append((line.start, line.end))
    return [_without(page, sorted(gone[number])) for number, page in enumerate(pages)]


def _margins(page: PageText, number: int) -> Iterator[tuple[str, int, _Margin]]:
    """Yield text, place and span of each line in the margins of a page."""
    for match in _LINE.finditer(page.text):
        boxes = page.boxes[match.start() : match.end()]
        boxes = boxes[~np.isnan(boxes[:, 0])]
        if not len(boxes):
            continue
        middle = float(boxes[:, 1].min() + boxes[:, 3].max()) / 2
        if MARGIN * page.height < middle < (1 - MARGIN) * page.height:
            continue
        text = " ".join(match[0].split())
        numbers = tuple(int(found) for found in _NUMBER.findall(text)[:20])
        words = any(character.isalpha() for character in text)
        line = _Margin(number, *match.span(), numbers, not words)
        yield text, round(middle / STEP), line


def _running(lines: Sequence[_Margin]) -> list[_Margin]:
    """Return the lines whose numbers are the same on every page, or grow with the page."""
    kept = list(lines)
    for at in range(len(lines[0].numbers)):
        same = Counter(line.numbers[at] for line in kept).most_common(1)[0]
        offset = Counter(line.numbers[at] - line.page for line in kept).most_common(1)[0]
        if same[1] >= offset[1]:
            kept = [line for line in kept if line.numbers[at] == same[0]]
        else:
            kept = [line for line in kept if line.numbers[at] - line.page == offset[0]]
    return kept


def _without(page: PageText, gone: Sequence[tuple[int, int]]) -> PageText:
    """Return a page without these lines, nor the line ends after them."""
    if not gone:
        return page
    spans: list[tuple[int, int]] = []
    start = 0
    for first, end in gone:
        spans.append((start, first))
        start = end + (page.text[end : end + 1] == "\n")
    return strip_page(keep(page, [*spans, (start, len(page.text))]))
