"""Every character of a PDF's text knows where it stands on the page as it is shown."""

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import RectangleObject
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.layout import Box, boxes_of, marks
from citewell.retrieval.values import Document

WIDTH, HEIGHT = 600.0, 800.0
CROP = (20.0, 30.0, 560.0, 780.0)
"""Left, bottom, right and top of what is shown of a page."""

SIZE = 12.0


class Word:
    """A word and where it is drawn: its left end and its base line, y upwards."""

    def __init__(self, text: str, x: float, y: float) -> None:
        self.text = text
        self.x = x
        self.y = y

    def box(self, turn: int) -> Box:
        """Return where it is shown: from the base line up to the height of small letters."""
        left, bottom, right, top = CROP
        x0, x1 = self.x - left, self.x + stringWidth(self.text, "Helvetica", SIZE) - left
        y0, y1 = self.y - bottom, self.y + 0.5 * SIZE - bottom
        across, up = right - left, top - bottom
        if turn == 90:
            return Box(y0, x0, y1, x1)
        if turn == 180:
            return Box(across - x1, y0, across - x0, y1)
        if turn == 270:
            return Box(up - y1, across - x1, up - y0, across - x0)
        return Box(x0, up - y1, x1, up - y0)


def write(path: Path, pages: Sequence[Sequence[Word]], turn: int) -> None:
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT))
    for words in pages:
        canvas.setFont("Helvetica", SIZE)
        for word in words:
            canvas.drawString(word.x, word.y, word.text)
        canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=path)
    for page in writer.pages:
        page.cropbox = RectangleObject(CROP)
        page.rotate(turn)
    writer.write(path)


def read(path: Path) -> Document:
    (document,) = read_pdf(path, path.name)
    return document


def words_at(places: Sequence[tuple[int, int]], first: int) -> list[Word]:
    """Return words with a number of their own in the cells of a grid."""
    return [
        Word(f"word{number}", 60 + 120 * column, 700 - 40 * row)
        for number, (column, row) in enumerate(places, start=first)
    ]


cells = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 14)), min_size=1, max_size=25, unique=True
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pages=st.lists(cells, min_size=1, max_size=2), turn=st.sampled_from([0, 90, 180, 270]))
def test_the_marks_of_each_word_lie_where_it_was_drawn(
    pages: list[list[tuple[int, int]]], turn: int
) -> None:
    drawn = [words_at(page, 100 * number) for number, page in enumerate(pages, start=1)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        write(path, drawn, turn)
        document = read(path)
    for number, words in enumerate(drawn, start=1):
        for word in words:
            (found,) = re.finditer(rf"\b{word.text}\b", document.text)
            (mark,) = marks(document.layouts, *found.span())
            expected = word.box(turn)
            assert mark.page == number
            assert mark.box.x0 - 1 <= expected.x0 < expected.x1 <= mark.box.x1 + 1
            assert mark.box.top - 1 <= expected.top < expected.bottom <= mark.box.bottom + 1
            page = document.pages[number - 1]
            assert page.start <= found.start() < found.end() <= page.end


@pytest.mark.parametrize("turn", [0, 90])
def test_a_layout_has_the_size_of_the_page_as_it_is_shown(tmp_path: Path, turn: int) -> None:
    path = tmp_path / "a.pdf"
    write(path, [words_at([(0, 0)], 1)], turn)
    (layout,) = read(path).layouts
    assert (layout.width, layout.height) == ((540.0, 750.0) if turn == 0 else (750.0, 540.0))


def test_joined_words_keep_the_places_of_both_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write(path, [[Word("an exam-", 60, 700), Word("ple of it", 60, 685)]], 0)
    document = read(path)
    assert document.text == "an example of it"
    first, second = marks(document.layouts, 3, 10)
    assert first.box.bottom < second.box.bottom
    assert (round(first.box.x0), round(second.box.x0)) == (57, 40)


def test_there_is_a_box_for_every_character_of_a_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write(path, [words_at([(0, 0), (1, 0)], 1), [], words_at([(0, 3)], 3)], 0)
    document = read(path)
    assert [layout.page for layout in document.layouts] == [1, 3]
    for layout in document.layouts:
        page = document.pages[layout.page - 1]
        boxes = boxes_of(layout)
        text = document.text[page.start : page.end]
        assert layout.start == page.start
        assert [box is None for box in boxes] == [char.isspace() for char in text.strip()]
