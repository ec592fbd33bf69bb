"""Where the characters of a text stand on the pages they came from.

The boxes of a page are kept in four columns (left, top, width, height) of 16-bit numbers and
packed with zlib: neighbours differ little, so a character costs two to three bytes.
"""

import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.values import Layout

Boxes = NDArray[np.float32]
"""Boxes of characters: an array of shape ``(characters, 4)`` with the columns x0, top, x1, bottom.

Points from the top left corner of the page as it is shown, y downwards. A character that stands
nowhere, such as a line end, has NaN in all four.
"""

MOST = 65_535
"""Largest number of a packed box. It stands for the longer side of the page."""


_CHARACTER_BYTES = 8
"""Four numbers of 16 bits."""

TOUCHING = 0.6
"""Step between two characters of a line that runs downwards, in widths of the line, at the most."""


class Box(NamedTuple):
    """A rectangle on a page as it is shown, in points from its top left corner, y downwards."""

    x0: float
    top: float
    x1: float
    bottom: float


class Mark(NamedTuple):
    """A rectangle on a page that covers cited text."""

    page: int
    box: Box


def box_array(boxes: Sequence[Box | None]) -> Boxes:
    """Return boxes as an array; None is a character that stands nowhere."""
    nowhere = (np.nan,) * 4
    rows = [box or nowhere for box in boxes]
    return np.array(rows, dtype=np.float32).reshape(len(rows), 4)


def pack_layout(page: int, start: int, width: float, height: float, boxes: Boxes) -> Layout:
    """Return the layout of a page.

    Args:
        page: Number of the page.
        start: Offset in the document's text of the character that ``boxes`` begins with.
        width: Of the page as it is shown, in points; above 0.
        height: Likewise.
        boxes: One for each character from ``start`` on.
    """
    scale = MOST / max(width, height)
    nowhere = np.isnan(boxes[:, 0])
    corners = np.clip(np.rint(np.where(nowhere[:, None], 0, boxes) * scale), 0, MOST - 1)
    columns = corners.T.astype(np.int64)
    columns[2:] = np.maximum(columns[2:] - columns[:2], 1)
    columns[:, nowhere] = 0
    packed = zlib.compress(columns.astype("<u2").tobytes(), 6)
    return Layout(page, start, width, height, packed)


def boxes_of(layout: Layout) -> list[Box | None]:
    """Return the box of each character from ``layout.start`` on."""
    scale = max(layout.width, layout.height) / MOST
    numbers = np.frombuffer(zlib.decompress(layout.packed), dtype="<u2").reshape(4, -1)
    left, top, width, height = numbers.tolist()
    return [
        Box(x * scale, y * scale, (x + w) * scale, (y + h) * scale) if w or h else None
        for x, y, w, h in zip(left, top, width, height, strict=True)
    ]


def characters_of(layout: Layout) -> int:
    """Return how many characters a layout speaks of. Raises ValueError if it is damaged."""
    try:
        size = len(zlib.decompress(layout.packed))
    except zlib.error as error:
        raise ValueError(f"The layout of page {layout.page} cannot be unpacked: {error}") from error
    return size // _CHARACTER_BYTES


def marks(layouts: Sequence[Layout], start: int, end: int) -> list[Mark]:
    """Return rectangles that cover the characters ``[start, end)``: one for each line, in order.

    Characters that stand on no page are left out; the list is empty if none does.

    Args:
        layouts: Of one document, in order of ``start``.
        start: Offset of the first character in the document's text.
        end: Offset after the last one.
    """
    after = bisect_left(layouts, end, key=_start)
    first = max(bisect_right(layouts, start, key=_start) - 1, 0)
    return [
        Mark(layout.page, line)
        for layout in layouts[first:after]
        for line in _lines(boxes_of(layout)[max(start - layout.start, 0) : end - layout.start])
    ]


def _start(layout: Layout) -> int:
    return layout.start


def _lines(boxes: Iterable[Box | None]) -> list[Box]:
    """Return a rectangle around each line of boxes."""
    lines: list[Box] = []
    for box in boxes:
        if box is None:
            continue
        if lines and _same_line(lines[-1], box):
            lines[-1] = _around(lines[-1], box)
        else:
            lines.append(box)
    return lines


def _same_line(line: Box, box: Box) -> bool:
    """Tell whether a box goes on with a line, which runs sideways or, in some pages, downwards."""
    height, width = box.bottom - box.top, box.x1 - box.x0
    tall = line.bottom - line.top > max(2 * (line.x1 - line.x0), 1.5 * height)
    if not tall:
        beside = min(line.bottom, box.bottom) - max(line.top, box.top)
        if beside > 0.5 * min(line.bottom - line.top, height):
            return True
    below = min(line.x1, box.x1) - max(line.x0, box.x0)
    apart = max(box.top - line.bottom, line.top - box.bottom)
    squat = height <= 1.2 * width and line.x1 - line.x0 <= 1.5 * width
    return squat and below > 0.5 * width and abs(apart) < TOUCHING * width


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.x0, other.x0),
        min(one.top, other.top),
        max(one.x1, other.x1),
        max(one.bottom, other.bottom),
    )
