"""Get the characters of a PDF page out of pdfium, with the place of each on the page as shown."""

import ctypes
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.layout import Boxes

SCALE = 1000
"""Steps a point is cut into when pdfium is asked where the page's corners are shown."""

MOST_STEPS = 100_000_000
"""Steps along a side of a page; pages of enormous size would run over 32 bits."""

MOST_PIXELS = 2000
"""Pixels along a side of a page that is drawn to see whether white words leave a trace."""

UNKNOWN = "\ufffd"
"""Stands for a glyph that the file does not map to a character."""

_SPECIAL = {0: UNKNOWN, 2: "\ufffe"}
"""Codes with a meaning of pdfium's own: a glyph without one, a hyphen at the end of a line."""

TINY = 1.0
"""Points. Text that is set smaller is there for machines, not for readers."""

WHITE = 250
"""Least value of red, green and blue that cannot be told from white paper."""

LONGEST_NAME = 200
"""Bytes of the name of a font that are looked at."""

INVISIBLE_MODE = 3
"""Text render mode of the layer that OCR puts under a scanned image (ISO 32000-1, 9.3.6)."""

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"(?m)^\S")
_BOLD = re.compile(rb"(?i)bold|black|heavy|cmbx|-medi$")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
"""A character beyond the first plane, which pdfium gives as two with a box each."""


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """The characters of a page as pdfium orders them; its lines are ended by ``\\r\\n``.

    Attributes:
        text: The characters.
        boxes: Where each stands on the page as shown; blanks and line ends may have NaN.
        width: Of the page as shown, in points.
        height: Likewise.
        hidden: True for each character that no reader of the page can see.
        bold: The places of characters that begin a line in heavy type.
    """

    text: str
    boxes: Boxes
    width: float
    height: float
    hidden: NDArray[np.bool_]
    bold: frozenset[int] = frozenset()


def read_glyphs(page: Any) -> Glyphs:
    """Return the characters of a pdfium page."""
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        text, boxes = _characters(textpage)
        hidden = _hidden(page, textpage, text, boxes)
        heavy = _heavy(textpage, text)
    finally:
        textpage.close()
    second = [match.start() + 1 for match in _PAIR.finditer(text)]
    bold = frozenset(at - sum(place < at for place in second) for at in heavy)
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    places = np.delete(shown(page, boxes), second, axis=0)
    return Glyphs(whole, places, width, height, np.delete(hidden, second), bold)


def _characters(textpage: Any) -> tuple[str, Boxes]:
    """Return the UTF-16 units of a page, as characters, and their boxes on the page as stored."""
    import pypdfium2.raw as raw  # type: ignore[import-untyped]

    count = max(raw.FPDFText_CountChars(textpage), 0)
    units = (ctypes.c_ushort * (2 * count + 2))()
    length = raw.FPDFText_GetText(textpage, 0, count, units)
    text = bytes(units)[: 2 * max(length - 1, 0)].decode("utf-16-le", "surrogatepass")
    handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    if len(text) != count:  # it leaves out what has no mapping, so positions would shift
        codes = map(_function("FPDFText_GetUnicode", 2), repeat(handle), range(count))
        text = "".join(_SPECIAL.get(code) or chr(code) for code in codes)
    boxes = np.zeros((count, 4), dtype=np.float32)
    places = range(boxes.ctypes.data, boxes.ctypes.data + 16 * count, 16)
    _drain(map(_function("FPDFText_GetLooseCharBox", 3), repeat(handle), range(count), places))
    return text, boxes


@cache
def _function(name: str, arguments: int) -> Callable[..., int]:
    """Return a function of pdfium that takes plain addresses, so that `map` can call it in C.

    Calls through the usual bindings take five times as long, and there is one a character.
    """
    import pypdfium2.raw as raw

    kinds = [ctypes.c_void_p, ctypes.c_int] + [ctypes.c_void_p] * (arguments - 2)
    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(ctypes.c_int, *kinds)(address or 0)


def _drain(calls: "map[int]") -> None:
    deque(calls, maxlen=0)


def shown(page: Any, boxes: Boxes) -> Boxes:
    """Return boxes as left, top, right, bottom on the page as shown; NaN for those without size.

    ``boxes`` has left, top, right, bottom with y upwards, on the page before it is rotated.
    """
    origin, right, up = (_device(page, x, y) for x, y in ((0, 0), (1000, 0), (0, 1000)))
    turn = np.array([right - origin, up - origin]) / 1000
    first = boxes[:, :2] @ turn + origin
    second = boxes[:, 2:] @ turn + origin
    turned = np.hstack([np.minimum(first, second), np.maximum(first, second)])
    empty = (turned[:, 2] - turned[:, 0] <= 0) & (turned[:, 3] - turned[:, 1] <= 0)
    turned[empty | ~np.isfinite(turned).all(axis=1)] = np.nan
    return turned.astype(np.float32)


def _device(page: Any, x: float, y: float) -> NDArray[np.float64]:
    """Return where a point of the page's own space is shown."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    scale = min(SCALE, MOST_STEPS / max(width, height, 1))
    across, down = ctypes.c_int(), ctypes.c_int()
    size = int(width * scale), int(height * scale)
    raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return np.asarray([across.value / scale, down.value / scale])


def _hidden(page: Any, textpage: Any, text: str, boxes: Boxes) -> NDArray[np.bool_]:
    """Tell which characters are too small to see or white on white. Words are looked at whole."""
    hidden = np.zeros(len(text), dtype=bool)
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return hidden
    starts = np.array([start for start, _ in words])
    colours = _colours(textpage, starts)
    size = np.abs(boxes[starts, 1] - boxes[starts, 3])
    wide = np.abs(boxes[starts, 2] - boxes[starts, 0])
    tiny = (np.maximum(size, wide) < TINY) & (size > 0)
    white = (colours[:, :3] >= WHITE).all(axis=1) | (colours[:, 3] == 0)
    unseen = tiny.copy()
    if white.any():
        unseen |= _on_white(page, textpage, boxes, words, white)
    for (start, end), gone in zip(words, unseen.tolist(), strict=True):
        hidden[start:end] = gone
    return hidden


def _heavy(textpage: Any, text: str) -> list[int]:
    """Return the places of the first characters of lines whose font is heavy by its name.

    What pdfium gives as the weight of a font is a guess from the width of stems, and often wrong.
    """
    import pypdfium2.raw as raw

    found: list[int] = []
    name = ctypes.create_string_buffer(LONGEST_NAME)
    for match in _LINE.finditer(text):
        name.value = b""
        raw.FPDFText_GetFontInfo(textpage, match.start(), name, LONGEST_NAME, None)
        if _BOLD.search(name.value):
            found.append(match.start())
    return found


def _colours(textpage: Any, places: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return red, green, blue and alpha of the characters at these places."""
    colours = np.zeros((len(places), 4), dtype=np.uint32)
    colours[:, 3] = 255
    handle = ctypes.cast(textpage.raw, ctypes.c_void_p).value
    first = colours.ctypes.data
    parts = [range(first + 4 * part, first + 16 * len(places), 16) for part in range(4)]
    _drain(map(_function("FPDFText_GetFillColor", 6), repeat(handle), places.tolist(), *parts))
    return colours


def _on_white(
    page: Any, textpage: Any, boxes: Boxes, words: list[tuple[int, int]], white: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which of the white words leave no trace on the page when it is drawn."""
    import pypdfium2.raw as raw

    scale = min(1.0, MOST_PIXELS / max(page.get_size()))
    picture = page.render(scale=scale, grayscale=True, no_smoothtext=True).to_numpy()
    picture = picture.reshape(picture.shape[0], picture.shape[1])
    places = shown(page, boxes) * scale
    found = white.copy()
    for at in np.flatnonzero(white).tolist():
        start, end = words[at]
        mode = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(textpage, start))
        left, top = np.nanmin(places[start:end, :2], axis=0, initial=np.inf)
        right, bottom = np.nanmax(places[start:end, 2:], axis=0, initial=0)
        if mode == INVISIBLE_MODE or not np.isfinite([left, top]).all():
            found[at] = False
            continue
        under = picture[max(int(top), 0) : int(bottom) + 1, max(int(left), 0) : int(right) + 1]
        found[at] = bool((under >= WHITE).all())
    return found
