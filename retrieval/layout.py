"""Where the characters of a text stand on the pages they came from.

The boxes of a page are kept in four columns (left, top, width, height) of 16-bit numbers and
packed with zlib: neighbours differ little, so a character costs two to three bytes.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from citewell.retrieval.values import Layout

MOST = 65_535
"""Largest number of a packed box. It stands for the longer side of the page."""


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


def pack_layout(
    page: int, start: int, width: float, height: float, boxes: Sequence[Box | None]
) -> Layout:
    """Return the layout of a page.

    Args:
        page: Number of the page.
        start: Offset in the document's text of the character that ``boxes`` begins with.
        width: Of the page as it is shown, in points; above 0.
        height: Likewise.
        boxes: One for each character from ``start`` on; None for those that stand nowhere, such
            as line ends.
    """
    scale = MOST / max(width, height)
    rows = [_row(box, scale) for box in boxes]
    columns = array("H", [row[column] for column in range(4) for row in rows])
    return Layout(page, start, width, height, zlib.compress(columns.tobytes(), 6))


def boxes_of(layout: Layout) -> list[Box | None]:
    """Return the box of each character from ``layout.start`` on."""
    scale = max(layout.width, layout.height) / MOST
    numbers = array("H", zlib.decompress(layout.packed))
    count = len(numbers) // 4
    left, top, width, height = (numbers[at * count : (at + 1) * count] for at in range(4))
    return [
        Box(x * scale, y * scale, (x + w) * scale, (y + h) * scale) if w or h else None
        for x, y, w, h in zip(left, top, width, height, strict=True)
    ]


def marks(layouts: Iterable[Layout], start: int, end: int) -> list[Mark]:
    """Return rectangles that cover the characters ``[start, end)``: one for each line, in order.

    Characters that stand on no page are left out; the list is empty if none does.
    """
    found: list[Mark] = []
    for layout in layouts:
        boxes = boxes_of(layout)[max(start - layout.start, 0) : max(end - layout.start, 0)]
        line: Box | None = None
        for box in boxes:
            if box is None:
                continue
            if line is not None and _same_line(line, box):
                line = _around(line, box)
                continue
            if line is not None:
                found.append(Mark(layout.page, line))
            line = box
        if line is not None:
            found.append(Mark(layout.page, line))
    return found


def _row(box: Box | None, scale: float) -> tuple[int, int, int, int]:
    if box is None:
        return 0, 0, 0, 0
    left, top = _packed(box.x0, scale), _packed(box.top, scale)
    width, height = _packed(box.x1, scale) - left, _packed(box.bottom, scale) - top
    return left, top, max(width, 1), max(height, 1)


def _packed(points: float, scale: float) -> int:
    return min(max(round(points * scale), 0), MOST - 1)


def _same_line(line: Box, box: Box) -> bool:
    """Tell whether a box goes on with a line: most of the lower of them lies beside the other."""
    beside = min(line.bottom, box.bottom) - max(line.top, box.top)
    below = min(line.x1, box.x1) - max(line.x0, box.x0)
    lowest = min(line.bottom - line.top, box.bottom - box.top)
    narrowest = min(line.x1 - line.x0, box.x1 - box.x0)
    upright = line.bottom - line.top > 2 * (line.x1 - line.x0)
    return below > 0.5 * narrowest if upright else beside > 0.5 * lowest


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.x0, other.x0),
        min(one.top, other.top),
        max(one.x1, other.x1),
        max(one.bottom, other.bottom),
    )
