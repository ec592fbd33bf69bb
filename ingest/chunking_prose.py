"""Cut prose: where paragraphs, sentences and the lines that introduce something stand."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from citewell.retrieval.sentences import Span, is_row, split_sentences

_BLANK_LINES = re.compile(r"\n\s*\n")
_LINE = re.compile(r"[^\n]+")
_TO_LAST_LINE = re.compile(r".*(?=\n)", re.DOTALL)
_TO_LAST_CELL = re.compile(r".*(?=\t| \| )", re.DOTALL)
_TO_LAST_SPACE = re.compile(r".*(?=\s)", re.DOTALL)


def paragraphs(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretches between blank lines, without white space around them."""
    for gap in _BLANK_LINES.finditer(text, start, end):
        yield from trimmed(text, start, gap.start())
        start = gap.end()
    yield from trimmed(text, start, end)


def trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the span without white space around it; nothing if it is blank."""
    piece = text[start:end]
    solid = len(piece.strip())
    if solid:
        start += len(piece) - len(piece.lstrip())
        yield start, start + solid


def prose_atoms(text: str, start: int, end: int, chars: int) -> Iterator[Span]:
    """Yield sentences, and the rows of tables that no reader knew; longer ones than ``chars`` cut.

    Nothing if the stretch is blank.
    """
    for unit in _line_units(text, start, end):
        whole_row = unit[1] - unit[0] <= chars and is_row(text[slice(*unit)])
        for span in [unit] if whole_row else split_sentences(text, *unit):
            yield from bounded(text, *span, chars)


def bounded(text: str, start: int, end: int, chars: int) -> Iterator[Span]:
    """Yield a span in parts of at most ``chars``: cut at a line's end, a cell's or white space."""
    while end - start > chars:
        cut = _best_cut(text, start, start + chars)
        yield from trimmed(text, start, cut)
        start = next(trimmed(text, cut, end), (end, end))[0]
    if end > start:
        yield start, end


def _best_cut(text: str, start: int, most: int) -> int:
    """Return where to end a part that begins at ``start``."""
    for ends in (_TO_LAST_LINE, _TO_LAST_CELL):
        found = ends.match(text, start, most + 1)
        if found and found.end() - start > (most - start) / 2:
            return found.end()
    space = _TO_LAST_SPACE.match(text, start, most + 1)
    return space.end() if space and space.end() > start else most


def _line_units(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield rows one by one, and lines of prose joined with those they run on in."""
    lines = [
        span for line in _LINE.finditer(text, start, end) for span in trimmed(text, *line.span())
    ]
    if not lines:
        return
    width = _usual_width(stop - begin for begin, stop in lines)
    first = lines[0][0]
    for line, following in pairwise(lines):
        if not _runs_on(text, line, following, width):
            yield first, line[1]
            first = following[0]
    yield first, lines[-1][1]


def _usual_width(lengths: Iterable[int]) -> int:
    """Return the length that four of five lines do not exceed: the width of wrapped prose."""
    by_length = sorted(lengths)
    return by_length[len(by_length) * 4 // 5]


def _runs_on(text: str, line: Span, following: Span, width: int) -> bool:
    """Tell whether a line was broken only because the first word of the next did not fit."""
    if is_row(text[slice(*line)]) or is_row(text[slice(*following)]):
        return False
    next_word = text[following[0] : min(following[1], following[0] + width)].split(maxsplit=1)[0]
    room_for = 0.75 * width if next_word[0].islower() else width
    return line[1] - line[0] + 1 + len(next_word) > room_for
