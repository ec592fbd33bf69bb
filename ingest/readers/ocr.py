"""Recognise the characters of pages without a text layer, such as scans."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from citewell.ingest.readers.ocr_engine import (
    INSTALL,
    OcrEngine,
    OcrLine,
    OcrWord,
    Picture,
    PixelBox,
    allowed,
    find_engine,
)
from citewell.ingest.readers.ocr_skew import slope_of, sloped, straighten
from citewell.ingest.readers.page_progress import may_go_on
from citewell.ingest.readers.page_text import PageText
from citewell.ingest.readers.pdf_glyphs import Glyphs
from citewell.ingest.readers.pdf_page import lay_out
from citewell.retrieval.errors import ReadError
from citewell.retrieval.layout import Box, Boxes, box_array

DPI = 200
"""Pages are drawn so finely; 300 takes longer and reads no better, 150 loses small type."""

MOST_PIXELS = 12_000_000
"""Of a picture, so that a poster cannot fill memory: a photograph by a phone, or twice A3."""

LONGEST_SIDE = 16_000
"""Pixels of a side, at the most; Tesseract refuses more than 32,767."""

MOST_IMAGE_PIXELS = 200_000_000
"""Of an image in a page that is drawn; one of a few kB can unpack to gigabytes."""

IMAGE_OBJECT = 3
"""What pdfium calls FPDF_PAGEOBJ_IMAGE."""

LEAST_CONTRAST = 32
"""Between the darkest and the lightest pixel of a page that is not blank."""

UPRIGHT = 0.6
"""Confidence that makes a second look, upside down, needless.

On rendered pages the right way up has 0.92 and more, a poor typewritten scan 0.77, and the wrong
way up 0.14 to 0.36.
"""

NOISE = 0.5
"""Below this confidence a page counts as one without text: a photograph, a drawing, stains."""

logger = logging.getLogger(__name__)


def recognise(page: Any, engine: OcrEngine) -> PageText | None:
    """Return what stands on a pdfium page, with its mean confidence weighted by characters.

    None if nothing can be read either way up, or if the time for this file is up.
    """
    if not may_go_on():
        return None
    picture, scale = draw(page)
    if not _has_ink(picture):
        return None
    slope = slope_of(picture)
    straight = straighten(picture, slope) if slope else picture
    try:
        found = _either_way_up(straight, page, scale, engine)
    except ReadError as error:
        logger.info("page not recognised: %s", error)
        return None
    return found and replace(found, boxes=sloped(found.boxes, slope, found.width))


def _either_way_up(picture: Picture, page: Any, scale: float, engine: OcrEngine) -> PageText | None:
    """Return what the engine reads, which takes lines that run right or down.

    A page it makes nothing of is turned upside down, which covers the other two ways that a
    page can lie in a scanner.
    """
    dpi = round(72 * scale)
    lines = engine.read(picture, dpi)
    if confidence_of(lines) >= UPRIGHT:
        return _page_text(lines, page, scale)
    may_go_on()
    turned = engine.read(np.ascontiguousarray(picture[::-1, ::-1]), dpi)
    if confidence_of(lines) >= confidence_of(turned):
        return _page_text(lines, page, scale)
    found = _page_text(turned, page, scale)
    return found and replace(found, boxes=_upside_down(found))


def recognised_text(page: Any) -> PageText | None:
    """Return what can be recognised on a pdfium page; None without an engine or a usable text."""
    engine = find_engine()
    found = recognise(page, engine) if engine else None
    return found if found and found.usable else None


def why_no_text(pages: int) -> str:
    """Say why a file of so many pages gave no text, and what to do about it."""
    count = f"{pages} page" if pages == 1 else f"{pages} pages"
    if not allowed.get():
        return f"no text layer, and ocr is off ({count}); allow it with --set ocr=auto"
    if find_engine() is None:
        return f"no text layer: scanned pages need OCR ({count}); {INSTALL}"
    return f"no text layer, and nothing to read in its pictures ({count})"


def draw(page: Any) -> tuple[Picture, float]:
    """Return a grey picture of a page as it is shown, and its pixels per point.

    A page with an image too large to unpack comes out blank.
    """
    width, height = page.get_size()
    longer = max(width, height)
    scale = min(DPI / 72, LONGEST_SIDE / longer, (MOST_PIXELS / (width * height)) ** 0.5)
    if _largest_image(page) > MOST_IMAGE_PIXELS:
        logger.info(
            "page not recognised: it holds an image of more than %d pixels", MOST_IMAGE_PIXELS
        )
        return np.full((1, 1), 255, dtype=np.uint8), scale
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        pixels = bitmap.to_numpy()
        return np.array(pixels.reshape(pixels.shape[:2]), dtype=np.uint8), scale
    finally:
        bitmap.close()


def confidence_of(lines: Sequence[OcrLine]) -> float:
    """Return the mean confidence of the words, weighted by their length; 0 for none."""
    words = [word for line in lines for word in line.words]
    characters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / max(characters, 1)


def _largest_image(page: Any) -> int:
    images = page.get_objects(filter=[IMAGE_OBJECT])
    sizes = (image.get_px_size() for image in images)
    return max((width * height for width, height in sizes), default=0)


def _has_ink(picture: Picture) -> bool:
    return int(picture.max()) - int(picture.min()) >= LEAST_CONTRAST


def _page_text(lines: Sequence[OcrLine], page: Any, scale: float) -> PageText | None:
    """Return lines as a page, put in order like those of a text layer; None for noise."""
    confidence = confidence_of(lines)
    if confidence < NOISE:
        return None
    text = "\r\n".join(" ".join(word.text for word in line.words) for line in lines)
    places: list[Box | None] = []
    for line in lines:
        places.extend([None] * 2 if places else [])
        places.extend(_line_boxes(line))
    boxes = box_array(places) / np.float32(scale)
    width, height = page.get_size()
    glyphs = Glyphs(text, boxes, width, height, np.zeros(len(text), dtype=bool))
    return replace(lay_out(glyphs), source="ocr", confidence=round(confidence, 3))


def _upside_down(page: PageText) -> Boxes:
    """Return the boxes of a page as they stand when it is turned by 180 degrees."""
    size = np.array([page.width, page.height] * 2, dtype=np.float32)
    return np.asarray(size - page.boxes[:, [2, 3, 0, 1]])


def _line_boxes(line: OcrLine) -> Iterator[Box | None]:
    """Yield a box for each character of a line, and None for the blanks between its words."""
    down = _runs_down(line)
    for number, word in enumerate(line.words):
        if number:
            yield None
        yield from _split(word.text, _as_high_as_line(word, line, down), down)


def _runs_down(line: OcrLine) -> bool:
    longest = max(line.words, key=lambda word: len(word.text))
    tall = longest.box.bottom - longest.box.top > longest.box.x1 - longest.box.x0
    upright = line.box.bottom - line.box.top > line.box.x1 - line.box.x0
    return len(longest.text) > 1 and tall and upright


def _as_high_as_line(word: OcrWord, line: OcrLine, down: bool) -> PixelBox:
    """Return a word's box as high as its line, unless that is high because it slopes."""
    if down:
        room, highest = line.box.x1 - line.box.x0, max(w.box.x1 - w.box.x0 for w in line.words)
        fits = room <= 1.5 * highest
        return word.box._replace(x0=line.box.x0, x1=line.box.x1) if fits else word.box
    room, highest = (
        line.box.bottom - line.box.top,
        max(w.box.bottom - w.box.top for w in line.words),
    )
    fits = room <= 1.5 * highest
    return word.box._replace(top=line.box.top, bottom=line.box.bottom) if fits else word.box


def _split(text: str, box: PixelBox, down: bool) -> Iterator[Box]:
    """Yield equal parts of a word's box, one for each character."""
    first, last = (box.top, box.bottom) if down else (box.x0, box.x1)
    ends = np.linspace(first, last, len(text) + 1).tolist()
    for start, end in pairwise(ends):
        yield Box(box.x0, start, box.x1, end) if down else Box(start, box.top, end, box.bottom)
