"""Put the text of a PDF page together: lines in reading order, tables row by row."""

import re
from collections.abc import Sequence
from itertools import islice, pairwise
from statistics import median
from typing import Any

import numpy as np

from citewell.ingest.readers.hyphens import PDFIUM_HYPHEN
from citewell.ingest.readers.page_text import Line, PageText
from citewell.ingest.readers.pdf_columns import regions
from citewell.ingest.readers.pdf_glyphs import Glyphs, read_glyphs
from citewell.ingest.readers.pdf_pieces import (
    TOUCHING,
    Piece,
    apart,
    beside,
    cut_pieces,
    joint,
    line_height,
    rows_of,
)
from citewell.ingest.readers.pdf_tables import FoundTable, find_tables
from citewell.retrieval.layout import Boxes
from citewell.retrieval.values import Table

CELL_BREAK = "\t"
PARAGRAPH_BREAK = "\n\n"

PARAGRAPH_GAP = 0.5
"""White space beyond the usual between two lines, in heights, that parts paragraphs."""

JUMPS = 0.2
"""Share of lines that stand above the line before, from which the library's order is not kept."""

FEWEST_JUMPS = 4

MOST_PAIRS = 1000
"""Pairs of letters that tell which way the lines of a page run."""


def read_page(page: Any) -> PageText:
    """Return the text of a pdfium page in reading order, not yet cleaned."""
    return lay_out(read_glyphs(page))


def lay_out(glyphs: Glyphs) -> PageText:
    """Return the text of a page in reading order, not yet cleaned, given its characters."""
    pieces = cut_pieces(glyphs, _upright(glyphs))
    writer = _Writer(glyphs)
    before: Piece | None = None
    for region in regions(pieces):
        if before:
            writer.blank(_column_break(before, region[0]))
        _write_region(writer, region)
        before = region[-1]
    return writer.page()


def _column_break(before: Piece, piece: Piece) -> str:
    """Return what parts a column from what is before it; a sentence may go on in the next one."""
    on_top = piece.top < before.top
    goes_on = piece.text[:1].islower() and not before.text.endswith((".", ":", "!", "?"))
    return "\n" if on_top and goes_on else PARAGRAPH_BREAK


class _Writer:
    """Collects text and boxes of a page."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._texts: list[str] = []
        self._boxes: list[Boxes] = []
        self._length = 0
        self._tables: list[Table] = []
        self._lines: list[Line] = []

    def blank(self, text: str) -> None:
        """Add white space, except before all other text."""
        if self._length:
            self._add(text, np.full((len(text), 4), np.nan, dtype=np.float32))

    def piece(self, piece: Piece) -> None:
        """Add what can be seen of a piece."""
        span = slice(piece.start, piece.end)
        text, boxes = piece.text, self._glyphs.boxes[span]
        hidden = self._glyphs.hidden[span]
        if hidden.any():
            text = "".join(c for c, gone in zip(text, hidden.tolist(), strict=True) if not gone)
            boxes = boxes[~hidden]
        self._add(text, boxes)

    def run(self, pieces: Sequence[Piece]) -> None:
        """Add pieces that follow one another, in a line or in a cell."""
        for number, piece in enumerate(pieces):
            if number:
                self.blank(joint(pieces[number - 1], piece))
            self.piece(piece)

    def line(self, pieces: Sequence[Piece]) -> None:
        """Add the pieces of one line."""
        start = self._length
        first = len(self._boxes)
        self.run(pieces)
        boxes = np.concatenate(self._boxes[first:])
        heights = boxes[:, 3] - boxes[:, 1]
        heights = np.sort(heights[~np.isnan(heights)])
        if len(heights):
            middle = float(heights[len(heights) // 2])
            self._lines.append(Line(start, self._length, middle, pieces[0].bold))

    def table(self, table: FoundTable) -> None:
        """Add the rows of a table."""
        start = self._length
        for number, row in enumerate(table.rows):
            if number:
                self.blank("\n")
            last = max(at for at, cell in enumerate(row) if cell)
            for at, cell in enumerate(row[: last + 1]):
                if at:
                    self.blank(CELL_BREAK)
                self.run(cell.pieces if cell else ())
        self._tables.append(Table(start, self._length, table.header))

    def _add(self, text: str, boxes: Boxes) -> None:
        self._texts.append(text)
        self._boxes.append(boxes)
        self._length += len(text)

    def page(self) -> PageText:
        """Return what was added."""
        glyphs = self._glyphs
        boxes = [np.empty((0, 4), dtype=np.float32), *self._boxes]
        return PageText(
            "".join(self._texts),
            np.concatenate(boxes),
            glyphs.width,
            glyphs.height,
            tuple(self._tables),
            tuple(self._lines),
            int(glyphs.hidden.sum()),
        )


def _write_region(writer: _Writer, pieces: Sequence[Piece]) -> None:
    """Add lines in order, and each table where its first piece comes."""
    tables = find_tables(pieces)
    table_of = {
        piece.start: table
        for table in tables
        for row in table.rows
        for cell in row
        if cell
        for piece in cell.pieces
    }
    free = _in_order([piece for piece in pieces if piece.start not in table_of])
    lines = _lines(free)
    places = _table_places(tables, lines, pieces)
    gap = _usual_gap(lines) + PARAGRAPH_GAP * line_height(pieces)
    for number in range(len(lines) + 1):
        here = places.get(number, ())
        for at, table in enumerate(here):
            if number or at:
                writer.blank(PARAGRAPH_BREAK)
            writer.table(table)
        if number < len(lines):
            if here:
                writer.blank(PARAGRAPH_BREAK)
            elif number:
                writer.blank(_break(lines[number - 1], lines[number], gap))
            writer.line(lines[number])


def _in_order(pieces: list[Piece]) -> list[Piece]:
    """Return pieces in the library's order, or from top to bottom if that order jumps about."""
    height = line_height(pieces)
    jumps = sum(after.bottom < before.top - height for before, after in pairwise(pieces))
    if jumps < max(FEWEST_JUMPS, JUMPS * len(pieces)):
        return pieces
    return [piece for row in rows_of(pieces) for piece in row]


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return pieces in lines, as the library has them."""
    lines: list[list[Piece]] = []
    for piece in pieces:
        if lines and _goes_on(lines[-1][-1], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _goes_on(before: Piece, piece: Piece) -> bool:
    """Tell whether a piece is on the line of the one before; raised signs end the library's."""
    near = 0 <= piece.line - before.line <= 1 and apart(before, piece) < 2 * TOUCHING
    return beside(before, piece) and (near or before.line == piece.line)


def _table_places(
    tables: Sequence[FoundTable], lines: Sequence[Sequence[Piece]], pieces: Sequence[Piece]
) -> dict[int, list[FoundTable]]:
    """Return the tables by the number of the line that each comes before."""
    order = {piece.start: number for number, piece in enumerate(pieces)}
    firsts = [order[line[0].start] for line in lines]
    sorted_lines = firsts == sorted(firsts)
    places: dict[int, list[FoundTable]] = {}
    for table in tables:
        own = [piece for row in table.rows for cell in row if cell for piece in cell.pieces]
        first = min(order[piece.start] for piece in own)
        top = min(piece.top for piece in own)
        after = (
            [at for at, number in enumerate(firsts) if number > first]
            if sorted_lines
            else [at for at, line in enumerate(lines) if line[0].top >= top]
        )
        places.setdefault(after[0] if after else len(lines), []).append(table)
    return places


def _usual_gap(lines: Sequence[Sequence[Piece]]) -> float:
    gaps = [after[0].top - before[0].bottom for before, after in pairwise(lines)]
    return max(median(gaps), 0.0) if gaps else 0.0


def _break(before: Sequence[Piece], line: Sequence[Piece], most: float) -> str:
    """Return what parts a line from the one before."""
    if before[-1].text.endswith(PDFIUM_HYPHEN):
        return "\n"
    gap = line[0].top - max(piece.bottom for piece in before)
    return PARAGRAPH_BREAK if gap > most or line[0].bottom < before[0].top else "\n"


def _upright(glyphs: Glyphs) -> Boxes:
    """Return the boxes as they stand when the page is turned so that most lines run rightwards.

    Vertical lines of Japanese are turned like those of a page that lies on its side.
    """
    boxes = glyphs.boxes
    steps = _steps(glyphs)
    right, down = steps.sum(axis=0).tolist()
    if abs(down) <= 2 * abs(right) and right >= 0:
        return boxes
    x0, top, x1, bottom = boxes.T
    if abs(down) <= 2 * abs(right):
        turned = [glyphs.width - x1, glyphs.height - bottom, glyphs.width - x0, glyphs.height - top]
    elif down > 0:
        turned = [top, glyphs.width - x1, bottom, glyphs.width - x0]
    else:
        turned = [glyphs.height - bottom, x0, glyphs.height - top, x1]
    return np.stack(turned, axis=1)


_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_PAIR = re.compile(rf"(?=[^\W{_RIGHT_TO_LEFT}]{{2}})")
"""Two letters of which the second is drawn further on in the direction of the line."""


def _steps(glyphs: Glyphs) -> Boxes:
    """Return the steps from letter to letter within words, right and down; an array of pairs."""
    found = islice(_PAIR.finditer(glyphs.text), MOST_PAIRS)
    at = np.array([match.start() for match in found], dtype=np.int64)
    middles = (glyphs.boxes[:, :2] + glyphs.boxes[:, 2:]) / 2
    steps = middles[at + 1] - middles[at]
    return np.asarray(steps[~np.isnan(steps).any(axis=1)])
