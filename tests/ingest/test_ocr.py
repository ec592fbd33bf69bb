"""Pages without a text layer are recognised, whichever way they lie; others are left alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pytest
from PIL import Image
from pypdf import PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.ocr import LONGEST_SIDE, MOST_PIXELS, confidence_of, draw, recognise
from citewell.ingest.readers.ocr_engine import (
    OcrLine,
    OcrWord,
    Picture,
    PixelBox,
    choose_languages,
    find_engine,
    parse_tsv,
)
from citewell.ingest.readers.page_progress import on_page
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.errors import ReadError
from citewell.retrieval.layout import Mark, marks
from citewell.retrieval.values import Document

LINES = (
    "Harvest report of the orchard",
    "The picking of apples began on 4 September.",
    "In all 1,250 crates were filled by eleven people.",
)
TEXT = "\n".join(LINES)

needs_tesseract = pytest.mark.skipif(find_engine() is None, reason="Tesseract is not installed")


class FakeEngine:
    """Reads the same lines off every picture, sure of them at one confidence a picture."""

    id = "fake-1"

    def __init__(self, *confidences: float) -> None:
        self._confidences = list(confidences)
        self.pictures: list[Picture] = []

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        self.pictures.append(picture)
        if not self._confidences:
            raise ReadError("character recognition failed: out of order")
        box = PixelBox(dpi, dpi, 2 * dpi, 1.5 * dpi)
        return [OcrLine(box, (OcrWord("word", box, self._confidences.pop(0)),))]


def drawn(lines: Sequence[str], size: tuple[int, int] = (400, 300)) -> Image.Image:
    """Return a picture of lines, 200 dots an inch; the first begins 40 points from the left."""
    canvas = Canvas("", pagesize=size)
    for row, line in enumerate(lines):
        canvas.drawString(40, size[1] - 50 - 20 * row, line)
    with pdfium.PdfDocument(canvas.getpdfdata()) as pdf:
        picture: Image.Image = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    return picture


def scanned(canvas: Canvas, picture: Image.Image, text: str = "") -> None:
    """Add a page that a picture fills, and a line of text at its foot."""
    size = picture.width * 72 / 200, picture.height * 72 / 200
    canvas.setPageSize(size)
    canvas.drawImage(ImageReader(picture), 0, 0, *size)
    canvas.drawString(size[0] / 2, 10, text)
    canvas.showPage()


def scan(path: Path, *pictures: Image.Image) -> Path:
    canvas = Canvas(str(path))
    for picture in pictures:
        scanned(canvas, picture)
    canvas.save()
    return path


def read(path: Path) -> Document:
    (document,) = read_pdf(path, path.name)
    return document


def mark_of(document: Document, words: str) -> Mark:
    start = document.text.index(words)
    (mark,) = marks(document.layouts, start, start + len(words))
    return mark


def page_of(path: Path) -> pdfium.PdfPage:
    return pdfium.PdfDocument(path)[0]


@needs_tesseract
def test_a_scan_is_read_and_says_that_it_was_recognised(tmp_path: Path) -> None:
    document = read(scan(tmp_path / "a.pdf", drawn(LINES)))
    (page,) = document.pages
    assert document.text == TEXT
    assert page.source == "ocr"
    assert page.confidence is not None
    assert 0.85 < page.confidence <= 1


@needs_tesseract
@pytest.mark.parametrize(
    ("angle", "corner"), [(0, (40, 40)), (90, (40, 360)), (180, (360, 260)), (270, (260, 40))]
)
def test_a_scan_is_read_whichever_way_it_lies(
    tmp_path: Path, angle: int, corner: tuple[int, int]
) -> None:
    document = read(scan(tmp_path / "a.pdf", drawn(LINES).rotate(angle, expand=True)))
    box = mark_of(document, "Harvest").box
    assert document.text == TEXT
    assert min(abs(box.x0 - corner[0]), abs(box.x1 - corner[0])) < 4
    assert min(abs(box.top - corner[1]), abs(box.bottom - corner[1])) < 4


@needs_tesseract
@pytest.mark.parametrize("angle", [-3.0, 3.0])
def test_a_scan_that_lies_askew_is_read_and_marked_where_it_slopes(
    tmp_path: Path, angle: float
) -> None:
    lines = [f"{count} crates of apples were filled by eleven people." for count in range(10, 20)]
    askew = drawn(lines).rotate(angle, fillcolor=255, resample=Image.Resampling.BICUBIC)
    document = read(scan(tmp_path / "a.pdf", askew))
    first, last = mark_of(document, "10 crates").box, mark_of(document, "people").box
    assert document.text.split() == " ".join(lines).split()
    assert (first.top - last.top) * angle > 20


@needs_tesseract
def test_places_are_those_on_the_page_as_it_is_shown(tmp_path: Path) -> None:
    path = scan(tmp_path / "stored.pdf", drawn(LINES).rotate(90, expand=True))
    writer = PdfWriter(path)
    writer.pages[0].rotate(90)
    writer.write(tmp_path / "a.pdf")
    document = read(tmp_path / "a.pdf")
    box = mark_of(document, "Harvest").box
    assert document.text == TEXT
    assert round(document.layouts[0].width) == 400
    assert (round(box.x0, -1), round(box.top, -1)) == (40, 40)


@needs_tesseract
def test_words_stand_where_they_are_seen(tmp_path: Path) -> None:
    document = read(scan(tmp_path / "a.pdf", drawn(["aaaa bbbb", "cccc orchard dddd"])))
    first, second = mark_of(document, "aaaa").box, mark_of(document, "orchard").box
    assert first.x1 < 75
    assert second.x0 > 60
    assert second.top > first.bottom


@needs_tesseract
def test_only_the_scanned_page_of_a_mixed_file_is_recognised(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 700, "A page with a text layer.")
    canvas.showPage()
    scanned(canvas, drawn(LINES))
    canvas.save()
    document = read(tmp_path / "a.pdf")
    assert document.text == f"A page with a text layer.\n\n{TEXT}"
    assert [page.source for page in document.pages] == ["text", "ocr"]
    assert document.pages[0].confidence is None


@needs_tesseract
def test_a_page_number_is_no_text_layer(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    scanned(canvas, drawn(LINES), text="17")
    canvas.save()
    document = read(tmp_path / "a.pdf")
    assert document.text.startswith(TEXT)
    assert document.pages[0].source == "ocr"


@needs_tesseract
def test_two_columns_of_a_scan_are_read_one_after_the_other(tmp_path: Path) -> None:
    words = ["apples", "pears", "plums", "cherries", "figs", "grapes", "melons"]
    rows = (
        [f"left {w} stand in the row" for w in words],
        [f"right {w} hang in the net" for w in words],
    )
    canvas = Canvas("", pagesize=(400, 300))
    for column, lines in enumerate(rows):
        for row, line in enumerate(lines):
            canvas.drawString(40 + 180 * column, 250 - 20 * row, line)
    with pdfium.PdfDocument(canvas.getpdfdata()) as pdf:
        picture = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    text = read(scan(tmp_path / "a.pdf", picture)).text
    assert text.rindex("left") < text.index("right")


@needs_tesseract
def test_the_rows_of_a_scanned_table_stay_together(tmp_path: Path) -> None:
    rows = [("Year", "2021", "2022"), ("Apples", "1,250", "1,310"), ("Pears", "480", "515")]
    canvas = Canvas("", pagesize=(400, 300))
    for row, cells in enumerate([*rows, ("Plums", "77", "81"), ("Total", "1,807", "1,906")]):
        for column, cell in enumerate(cells):
            canvas.drawString(40 + 120 * column, 250 - 20 * row, cell)
    with pdfium.PdfDocument(canvas.getpdfdata()) as pdf:
        picture = pdf[0].render(scale=200 / 72, grayscale=True).to_pil()
    document = read(scan(tmp_path / "a.pdf", picture))
    assert "Apples\t1,250\t1,310\nPears\t480\t515\n" in document.text
    assert len(document.tables) == 1


@needs_tesseract
@pytest.mark.parametrize("kind", ["blank", "black", "noise", "specks"])
def test_a_scan_without_text_gives_none(tmp_path: Path, kind: str) -> None:
    chance = np.random.default_rng(0).random((800, 600))
    pictures = {
        "blank": np.full((800, 600), 255),
        "black": np.zeros((800, 600)),
        "noise": chance * 255,
        "specks": np.where(chance > 0.99, 0, 255),
    }
    path = scan(tmp_path / "a.pdf", Image.fromarray(pictures[kind].astype(np.uint8)))
    with pytest.raises(ReadError, match=r"nothing to read in its pictures \(1 page\)"):
        read(path)


@needs_tesseract
def test_a_blank_page_among_scans_is_counted(tmp_path: Path) -> None:
    blank = Image.new("L", (600, 800), 255)
    document = read(scan(tmp_path / "a.pdf", drawn(LINES), blank))
    assert [page.source for page in document.pages] == ["ocr", "none"]
    assert document.metadata["pages_without_text"] == "1"


def test_a_page_that_is_clear_is_looked_at_once(tmp_path: Path) -> None:
    engine = FakeEngine(0.9)
    found = recognise(page_of(scan(tmp_path / "a.pdf", drawn(LINES))), engine)
    assert found is not None
    assert (found.text, found.source, found.confidence) == ("word", "ocr", 0.9)
    assert len(engine.pictures) == 1
    assert found.boxes[0] == pytest.approx([72, 72, 90, 108], abs=0.5)


def test_a_page_that_is_unclear_is_turned_upside_down(tmp_path: Path) -> None:
    engine = FakeEngine(0.3, 0.8)
    found = recognise(page_of(scan(tmp_path / "a.pdf", drawn(LINES))), engine)
    assert found is not None
    assert found.confidence == 0.8
    assert np.array_equal(engine.pictures[1], engine.pictures[0][::-1, ::-1])
    assert found.boxes[0] == pytest.approx([310, 192, 328, 228], abs=0.5)


def test_a_page_that_is_poor_but_upright_stays_upright(tmp_path: Path) -> None:
    found = recognise(page_of(scan(tmp_path / "a.pdf", drawn(LINES))), FakeEngine(0.55, 0.2))
    assert found is not None
    assert found.confidence == 0.55
    assert found.boxes[0] == pytest.approx([72, 72, 90, 108], abs=0.5)


def test_noise_counts_as_no_text(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", drawn(LINES))
    assert recognise(page_of(path), FakeEngine(0.3, 0.4)) is None


def test_a_page_that_breaks_the_engine_counts_as_one_without_text(tmp_path: Path) -> None:
    path = scan(tmp_path / "a.pdf", drawn(LINES))
    assert recognise(page_of(path), FakeEngine()) is None


def test_a_blank_page_is_not_shown_to_the_engine(tmp_path: Path) -> None:
    engine = FakeEngine(0.9)
    path = scan(tmp_path / "a.pdf", Image.new("L", (600, 800), 250))
    assert recognise(page_of(path), engine) is None
    assert engine.pictures == []


def test_no_page_is_recognised_when_the_time_for_the_file_is_up(tmp_path: Path) -> None:
    engine = FakeEngine(0.9)
    path = scan(tmp_path / "a.pdf", drawn(LINES))
    before = on_page.set(lambda: False)
    found = recognise(page_of(path), engine)
    on_page.reset(before)
    assert found is None
    assert engine.pictures == []


@pytest.mark.parametrize("size", [(14_400, 14_400), (14_400, 20), (20, 14_400), (3, 3)])
def test_a_picture_is_small_however_large_the_page(tmp_path: Path, size: tuple[int, int]) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), pagesize=size)
    canvas.rect(0, 0, 1, 1)
    canvas.save()
    picture, scale = draw(page_of(tmp_path / "a.pdf"))
    assert picture.size <= 1.01 * MOST_PIXELS
    assert max(picture.shape) <= LONGEST_SIDE + 1
    assert scale <= 200 / 72


def test_confidence_is_weighted_by_characters() -> None:
    box = PixelBox(0, 0, 1, 1)
    words = OcrWord("a", box, 0.2), OcrWord("bcd", box, 1.0)
    assert confidence_of([OcrLine(box, words)]) == pytest.approx(0.8)
    assert confidence_of([]) == 0


def test_lines_and_words_are_read_from_the_table_of_tesseract() -> None:
    table = (
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight"
        "\tconf\ttext\n"
        "1\t1\t0\t0\t0\t0\t0\t0\t900\t900\t-1\t\n"
        "4\t1\t1\t1\t1\t0\t10\t20\t90\t12\t-1\t\n"
        "5\t1\t1\t1\t1\t1\t10\t20\t40\t12\t96.5\tTwo\n"
        '5\t1\t1\t1\t1\t2\t60\t22\t40\t10\t80\t"words\n'
        "4\t1\t1\t1\t2\t0\t10\t40\t90\t12\t-1\t\n"
        "5\t1\t1\t1\t2\t1\t10\t40\t90\t12\t95\t \n"
    )
    assert list(parse_tsv(table)) == [
        OcrLine(
            PixelBox(10, 20, 100, 32),
            (
                OcrWord("Two", PixelBox(10, 20, 50, 32), 0.965),
                OcrWord('"words', PixelBox(60, 22, 100, 32), 0.8),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("installed", "chosen"),
    [
        (["eng", "osd"], ("eng",)),
        (["deu", "eng", "fra", "osd", "script/Latin"], ("eng", "deu", "fra")),
        (["afr", "deu", "eng", "fra", "ita"], ("eng",)),
        (["deu"], ("deu",)),
        (["osd"], ()),
    ],
)
def test_pages_are_read_in_the_languages_that_are_installed(
    installed: list[str], chosen: tuple[str, ...]
) -> None:
    assert choose_languages(installed) == chosen
