"""The boxes around quoted words lie on these words in the image of their page."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from citewell.app.page.page_figures import page_figure
from citewell.app.page_images.images import PageImages
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.layout import marks

QUOTE = "the frozen pond kept quiet"
WIDTH = 1000
SIZE = 14


@pytest.fixture(scope="module")
def images() -> Iterator[PageImages]:
    images = PageImages()
    yield images
    images.close()


def write_page(path: Path, rotation: int, crop: tuple[int, int, int, int] | None) -> None:
    """Write a page with one quote in red, and other words around it in black."""
    canvas = Canvas(str(path), pagesize=(400, 600))
    canvas.setPageRotation(rotation)
    if crop:
        canvas.setCropBox(crop)
    line = canvas.beginText(70, 420)
    line.setFont("Times-Roman", SIZE, leading=30)
    line.textLine("Nobody had seen the like of it before.")
    line.textOut("In May ")
    line.setFillColorRGB(1, 0, 0)
    line.textOut(QUOTE)
    line.setFillColorRGB(0, 0, 0)
    line.textLine(", they say.")
    line.textLine("Nobody has seen the like of it since.")
    canvas.drawText(line)
    canvas.save()


def red_part(image: Image.Image) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is red."""
    red, green, _ = image.split()
    wanted = Image.eval(green, lambda value: 255 if value < 100 else 0)
    lit = Image.eval(red, lambda value: 255 if value > 200 else 0)
    found = Image.composite(wanted, Image.new("L", image.size), lit).getbbox()
    assert found is not None
    return found


@pytest.mark.parametrize("crop", [None, (50, 300, 390, 500)])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_box_lies_on_the_quoted_words(
    tmp_path: Path,
    images: PageImages,
    make: Any,
    rotation: int,
    crop: tuple[int, int, int, int] | None,
) -> None:
    path = tmp_path / "lake.pdf"
    write_page(path, rotation, crop)
    [document] = read_pdf(path, "lake.pdf")
    start = document.text.index(QUOTE)
    boxes = tuple(marks(document.layouts, start, start + len(QUOTE)))
    cited = replace(make.citation(), page=1, boxes=boxes)

    figure = page_figure(cited, document, document.layouts)
    image = Image.open(io.BytesIO(images.image(path, 1, WIDTH))).convert("RGB")

    assert figure is not None
    [box] = figure.boxes
    across, down = image.width / 100, image.height / 100
    left, top, right, bottom = red_part(image)
    beyond = (
        left - box.left * across,
        top - box.top * down,
        (box.left + box.width) * across - right,
        (box.top + box.height) * down - bottom,
    )
    size = SIZE * image.width / figure.width  # of the letters, in pixels
    assert min(beyond) > -2  # all of the words are inside
    assert max(beyond) < 0.4 * size  # and little else
