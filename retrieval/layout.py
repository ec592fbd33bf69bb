"""Where the characters of a text stand on the pages they came from.

The boxes of a page are kept in four columns (left, top, width, height) of 16-bit numbers and
packed with zlib: neighbours differ little, so a character costs two to three bytes.
"""

import zlib
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


def _same_line(line: Box, box: Box) -> bool:
    """Tell whether a box goes on with a line, which runs across or, on a page on its side, down.

    After one character either way is possible; later the line is longer than a character.
    """
    height, width = box.bottom - box.top, box.x1 - box.x0
    beside = min(line.bottom, box.bottom) - max(line.top, box.top)
    below = min(line.x1, box.x1) - max(line.x0, box.x0)
    across = beside > 0.5 * min(line.bottom - line.top, height)
    down = below > 0.5 * min(line.x1 - line.x0, width)
    if line.x1 - line.x0 > 1.2 * width:
        return across
    if line.bottom - line.top > 1.5 * height:
        return down
    return across or (down and -beside < 0.5 * height)


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.x0, other.x0),
        min(one.top, other.top),
        max(one.x1, other.x1),
        max(one.bottom, other.bottom),
    )
