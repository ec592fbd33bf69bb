"""Change the text of a page, and keep its boxes, tables and lines with the characters they mark."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from citewell.ingest.readers.cleaning import clean_text
from citewell.ingest.readers.page_text import Line, PageText
from citewell.retrieval.values import Table

NOWHERE = -1
"""Stands for the origin of a character that the edit brought in."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_CLUSTER = re.compile(
    "(?:\r\n"
    "|[\u1100-\u11ff\uac00-\ud7a3][\u1160-\u11ff]+"
    "|.(?:[\u200c\u200d].|[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f"
    "\u06d6-\u06ed\u08d3-\u0902\u093c\u09bc-\u09cc\u0a3c\u0b3c-\u0b57\u0bbe-\u0bd7\u0c3e-\u0c56"
    "\u0cbc-\u0cd6\u0d3e-\u0d57\u0dca-\u0ddf\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a])*)",
    re.DOTALL,
)
"""A character with what may merge with it in NFC, or decides whether it is visible."""


def clean_page(page: PageText) -> PageText:
    """Return a page with its text cleaned as `clean_text` does it, and without blank ends."""
    if clean_text(page.text) == page.text:
        return strip_page(page)
    parts: list[str] = []
    origins: list[int] = []
    for line in _LINE.finditer(page.text):
        whole = clean_text(line[0]) == line[0]
        for span in [line.span()] if whole else _clusters(page.text, line):
            part = page.text[slice(*span)] if whole else clean_text(page.text[slice(*span)])
            parts.append(part)
            origins += [min(span[0] + at, span[1] - 1) for at in range(len(part))]
    edited = _edited(page, "".join(parts), origins)
    if edited.text != page.text:  # what was parted by an invisible character may merge now
        return clean_page(edited)
    return strip_page(substitute(edited, _BLANK_LINES, lambda _: "\n\n\n"))


def _clusters(text: str, line: re.Match[str]) -> list[tuple[int, int]]:
    return [cluster.span() for cluster in _CLUSTER.finditer(text, *line.span())]


def strip_page(page: PageText) -> PageText:
    """Return a page without blanks at both ends of its text."""
    start = len(page.text) - len(page.text.lstrip())
    return keep(page, [(start, max(start, len(page.text.rstrip())))])


def keep(page: PageText, spans: Sequence[tuple[int, int]]) -> PageText:
    """Return a page with these spans of its text alone, which are in order."""
    if list(spans) == [(0, len(page.text))]:
        return page
    parts = [np.arange(0), *(np.arange(start, end) for start, end in spans)]
    origins = np.concatenate(parts)
    return _edited(page, "".join(page.text[start:end] for start, end in spans), origins)


def substitute(
    page: PageText, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str]
) -> PageText:
    """Return a page with each match replaced; what old and new begin and end with keeps its place.

    Characters between these keep their places if they are as many as before.
    """
    parts: list[str] = []
    origins: list[int] = []
    end = 0
    for match in pattern.finditer(page.text):
        parts += page.text[end : match.start()], new(match)
        origins += range(end, match.start())
        origins += _origins(match[0], parts[-1], match.start())
        end = match.end()
    if not parts:
        return page
    origins += range(end, len(page.text))
    return _edited(page, "".join(parts) + page.text[end:], origins)


def _origins(old: str, new: str, start: int) -> list[int]:
    """Return for each character of ``new`` where it stood; ``old`` begins at ``start``."""
    if len(old) == len(new):
        return list(range(start, start + len(old)))
    front = _same(old, new)
    back = _same(old[front:][::-1], new[front:][::-1])
    middle = [NOWHERE] * (len(new) - front - back)
    first_back = start + len(old) - back
    return [*range(start, start + front), *middle, *range(first_back, first_back + back)]


def _same(one: str, other: str) -> int:
    """Return how many characters two texts have in common from the first on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _edited(page: PageText, text: str, origins: ArrayLike) -> PageText:
    """Return the page with another text, given where each of its characters stood before."""
    at = np.array(origins, dtype=np.int64)
    boxes = np.vstack([page.boxes, np.full((1, 4), np.nan, dtype=np.float32)])[at]
    reached = np.maximum.accumulate(at) if len(at) else at
    marked: list[Table | Line] = [*page.tables, *page.lines]
    starts = np.searchsorted(reached, [each.start for each in marked]).tolist()
    ends = np.searchsorted(reached, [each.end for each in marked]).tolist()
    places = list(zip(starts, ends, strict=True))
    count = len(page.tables)
    return replace(
        page,
        text=text,
        boxes=boxes,
        tables=tuple(
            replace(table, start=start, end=end)
            for table, (start, end) in zip(page.tables, places[:count], strict=True)
            if start < end
        ),
        lines=tuple(
            Line(start, end, line.height, line.bold)
            for line, (start, end) in zip(page.lines, places[count:], strict=True)
            if start < end
        ),
    )
