"""Cut the characters of a page into pieces: runs on one line without a wide gap."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citewell.ingest.readers.hyphens import PDFIUM_HYPHEN
from citewell.ingest.readers.pdf_glyphs import Glyphs

WIDE_GAP = 0.85
"""Gap that parts two pieces, in heights of a line. Blanks between words have about 0.25."""

NUMBER_GAP = 0.45
"""Gap that parts two numbers, in heights of a line: columns of figures stand close."""

TOUCHING = 0.12
"""Gap within a word, in heights of a line, at the most: the library ends lines at raised signs."""

LINE_JUMP = 0.4
"""Step up or down that parts two pieces, in heights; footnote signs overlap their line."""

ROW_OVERLAP = 0.5
"""Share of the lower of two pieces that lies beside the other, if they stand on one row."""

_NUMBER_ENDS = set("0123456789)%—")
_NUMBER_BEGINS = set("0123456789($€£—-")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters ``[start, end)`` of a page and the rectangle around it, in points.

    Attributes:
        line: Number of the line of the library that it is a part of.
    """

    start: int
    end: int
    line: int
    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    bold: bool = False

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def words(self) -> int:
        """Words of at least two letters."""
        return len(_WORD.findall(self.text))


def cut_pieces(glyphs: Glyphs, boxes: NDArray[np.float32]) -> list[Piece]:
    """Return the pieces of a page in the library's order.

    Args:
        glyphs: The characters.
        boxes: Where each stands; turned so that most lines run from left to right.
    """
    text = glyphs.text
    seen = np.array([not character.isspace() for character in text], dtype=bool)
    at = np.flatnonzero(seen & ~glyphs.hidden & ~np.isnan(boxes[:, 0]))
    if not len(at):
        return []
    ends = np.array([character == "\n" for character in text], dtype=bool)
    lines = np.cumsum(ends)[at]
    first = np.concatenate([[True], _parted(boxes[at], lines, _numbers(text, at))])
    begins = np.flatnonzero(first)
    last = np.append(begins[1:], len(at)) - 1
    corners = np.hstack(
        [np.minimum.reduceat(boxes[at, :2], begins), np.maximum.reduceat(boxes[at, 2:], begins)]
    ).tolist()
    spans = zip(at[begins].tolist(), (at[last] + 1).tolist(), lines[begins].tolist(), strict=True)
    return [
        Piece(start, end, line, text[start:end], x0, top, x1, bottom, start in glyphs.bold)
        for (start, end, line), (x0, top, x1, bottom) in zip(spans, corners, strict=True)
    ]


def _numbers(text: str, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each of these characters but the first whether it parts two numbers."""
    ends = np.array([text[place] in _NUMBER_ENDS for place in at[:-1].tolist()], dtype=bool)
    begins = np.array([text[place] in _NUMBER_BEGINS for place in at[1:].tolist()], dtype=bool)
    return np.asarray(ends & begins)


def _parted(
    boxes: NDArray[np.float32], lines: NDArray[np.int64], numbers: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell of each character but the first whether a new piece begins with it."""
    before, after = boxes[:-1], boxes[1:]
    height = np.maximum(before[:, 3] - before[:, 1], after[:, 3] - after[:, 1])
    apart = np.maximum(after[:, :2] - before[:, 2:], before[:, :2] - after[:, 2:])
    middles = np.abs((after[:, 1] + after[:, 3]) - (before[:, 1] + before[:, 3])) / 2
    moved = (apart[:, 1] > 0) | (middles > height)
    gap = np.where(numbers, NUMBER_GAP, WIDE_GAP) * height
    far = (apart[:, 0] > gap) | (moved & (middles > LINE_JUMP * height))
    return np.asarray((lines[1:] != lines[:-1]) | far)


def rows_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return the pieces in rows from top to bottom, each row from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.top + piece.bottom) / 2):
        if rows and beside(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.x0) for row in rows]


def beside(one: Piece, other: Piece) -> bool:
    """Tell whether two pieces stand on one row."""
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap > ROW_OVERLAP * min(one.height, other.height)


def apart(one: Piece, other: Piece) -> float:
    """Return the white space between two pieces on a row, in heights of the larger."""
    gap = max(other.x0 - one.x1, one.x0 - other.x1)
    return gap / max(one.height, other.height, 0.1)


def joint(before: Piece, after: Piece) -> str:
    """Return what parts two pieces of one line or cell: a blank, unless they touch."""
    if beside(before, after):
        return "" if apart(before, after) < TOUCHING else " "
    return "" if before.text.endswith(("-", PDFIUM_HYPHEN)) else " "


def line_height(pieces: Sequence[Piece]) -> float:
    """Return the median height of a piece, in points."""
    return float(np.median([piece.height for piece in pieces])) if pieces else 0.0
