"""Text of a PDF comes in the order in which people read it, however it was drawn."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.pdf_reader import read_pdf

LEFT = [f"the left column has line {number} here" for number in range(12)]
RIGHT = [f"and the right one has {number} beside it" for number in range(12)]


def text_of(path: Path) -> str:
    (document,) = read_pdf(path, path.name)
    return document.text


def drawn(path: Path, lines: Sequence[tuple[float, float, str]]) -> Path:
    """Write a page of lines, each with the place of its left end, in this order."""
    canvas = Canvas(str(path), pagesize=(612, 792))
    for x, y, line in lines:
        canvas.drawString(x, y, line)
    canvas.save()
    return path


def test_columns_that_were_drawn_line_by_line_are_not_read_across(tmp_path: Path) -> None:
    title = (200.0, 760.0, "A title over both of the columns")
    rows = [
        (x, 720 - 15 * row, side[row])
        for row in range(12)
        for x, side in ((60.0, LEFT), (330.0, RIGHT))
    ]
    text = text_of(drawn(tmp_path / "a.pdf", [title, *rows]))
    assert text.splitlines() == [title[2], "", *LEFT, *RIGHT]


def test_a_sentence_that_goes_on_in_the_next_column_is_not_parted(tmp_path: Path) -> None:
    lines = [(60.0, 720.0 - 15 * row, line) for row, line in enumerate(LEFT)]
    lines += [(330.0, 720.0 - 15 * row, line) for row, line in enumerate(RIGHT)]
    assert "11 here\nand the right" in text_of(drawn(tmp_path / "a.pdf", lines))


def test_three_columns_are_read_from_left_to_right(tmp_path: Path) -> None:
    lines = [
        (60.0 + 180 * column, 720.0 - 15 * row, f"words of column {column} line {row}")
        for row in range(8)
        for column in range(3)
    ]
    expected = [f"words of column {column} line {row}" for column in range(3) for row in range(8)]
    found = text_of(drawn(tmp_path / "a.pdf", lines)).splitlines()
    assert [line for line in found if line] == expected


def test_lines_drawn_in_any_order_are_read_from_the_top(tmp_path: Path) -> None:
    order = [5, 2, 9, 0, 7, 4, 1, 8, 3, 6]
    lines = [(60.0, 720.0 - 15 * number, f"sentence number {number} of it") for number in order]
    expected = [f"sentence number {number} of it" for number in range(10)]
    assert text_of(drawn(tmp_path / "a.pdf", lines)).splitlines() == expected


def test_paragraphs_are_parted_where_the_space_between_lines_is_wider(tmp_path: Path) -> None:
    lines = [(60.0, y, f"a line at {y:.0f}") for y in (720.0, 705.0, 690.0, 660.0, 645.0)]
    text = text_of(drawn(tmp_path / "a.pdf", lines))
    assert text == "a line at 720\na line at 705\na line at 690\n\na line at 660\na line at 645"


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_text_that_stands_on_its_side_is_read_along_its_lines(tmp_path: Path, turn: int) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(600, 600))
    canvas.translate(300, 300)
    canvas.rotate(turn)
    rows = [("Sales of", "2022", "2021"), ("Tables", "120", "110"), ("Chairs", "45", "50")]
    for row, cells in enumerate(rows):
        for x, cell in zip((-200, 0, 100), cells, strict=True):
            canvas.drawString(x, 100 - 15 * row, cell)
    canvas.save()
    assert text_of(path) == "Sales of\t2022\t2021\nTables\t120\t110\nChairs\t45\t50"


HEBREW = {letter: 0x05D0 + number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}


def test_hebrew_is_in_the_order_in_which_it_is_spoken(tmp_path: Path) -> None:
    """The page shows the letters from right to left, so they are drawn the other way round."""
    path = drawn(tmp_path / "a.pdf", [(300.0, 700.0, "fed cba"), (300.0, 685.0, "lkj ihg")])
    writer = PdfWriter(clone_from=path)
    table = DecodedStreamObject()
    rows = "\n".join(f"<{ord(letter):02x}> <{code:04x}>" for letter, code in HEBREW.items())
    table.set_data(
        "/CIDInit /ProcSet findresource begin begincmap "
        "1 begincodespacerange <00> <ff> endcodespacerange "
        f"26 beginbfchar\n{rows}\nendbfchar endcmap end".encode()
    )
    fonts = writer.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    for font in fonts.values():
        found = font.get_object()
        assert isinstance(found, DictionaryObject)
        found[NameObject("/ToUnicode")] = writer._add_object(table)
    writer.write(path)
    assert text_of(path) == "אבג דהו\nזחט יךכ"
