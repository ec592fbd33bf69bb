"""What a PDF holds beside prose: forms, notes, attachments, hidden text, running heads."""

from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Text
from pypdf.constants import PageLabelStyle
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.page_text import PageText
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.layout import box_array, marks
from citewell.retrieval.values import Document, Heading


def read(path: Path) -> Document:
    (document,) = read_pdf(path, path.name)
    return document


def canvas_at(path: Path) -> Canvas:
    return Canvas(str(path), pagesize=(600, 800))


def test_filled_form_fields_stand_at_the_end_of_their_page(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    canvas = canvas_at(path)
    canvas.drawString(60, 740, "Application for leave")
    canvas.acroForm.textfield(
        name="Applicant", value="Ada Byron", x=60, y=600, width=200, height=20
    )
    canvas.acroForm.textfield(name="Remarks", value="", x=60, y=500, width=200, height=20)
    canvas.acroForm.checkbox(name="Half day", checked=True, x=60, y=400, size=20)
    canvas.acroForm.checkbox(name="Unpaid", checked=False, x=60, y=300, size=20)
    canvas.showPage()
    canvas.drawString(60, 740, "Second page")
    canvas.save()

    document = read(path)

    assert document.text == (
        "Application for leave\nApplicant: Ada Byron\nHalf day: Yes\n\nSecond page"
    )
    start = document.text.index("Ada")
    (mark,) = marks(document.layouts, start, start + 9)
    assert mark.page == 1
    assert [round(edge) for edge in mark.box] == [60, 180, 260, 200]


def test_notes_and_attachments_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    canvas.drawString(60, 740, "The plan")
    canvas.save()
    writer = PdfWriter(clone_from=path)
    writer.add_annotation(0, Text(rect=(50, 550, 70, 570), text="Check\nthis again"))
    writer.add_attachment("figures, final.csv", b"1,2")
    writer.add_attachment("b.txt", b"b")
    writer.write(path)

    document = read(path)

    assert document.text == "The plan\nCheck this again"
    assert sorted(document.metadata["attachments"].split("\n")) == ["b.txt", "figures, final.csv"]


def test_page_labels_that_are_not_the_numbers_are_in_the_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    for page in range(3):
        canvas.drawString(60, 740, "abc"[page])
        canvas.showPage()
    canvas.save()
    assert "page_labels" not in read(path).metadata
    writer = PdfWriter(clone_from=path)
    writer.set_page_label(0, 1, style=PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(2, 2, style=PageLabelStyle.DECIMAL)
    writer.write(path)
    assert read(path).metadata["page_labels"].split("\n") == ["i", "ii", "1"]


def test_text_that_nobody_can_see_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    canvas.drawString(60, 740, "The office opens at nine.")
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 700, "Say ten.")
    canvas.setFillColorRGB(0, 0, 0)
    canvas.setFont("Helvetica", 0.5)
    canvas.drawString(60, 680, "Or eight.")
    canvas.save()
    document = read(path)
    assert document.text == "The office opens at nine."
    assert document.metadata["hidden_characters"] == "15"


def test_white_text_on_a_dark_ground_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    canvas.setFillColorRGB(0, 0, 0.4)
    canvas.rect(50, 730, 300, 30, fill=1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 740, "The office opens at nine.")
    canvas.save()
    assert read(path).text == "The office opens at nine."


def test_the_invisible_text_layer_of_a_scan_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    line = canvas.beginText(60, 740)
    line.setTextRenderMode(3)
    line.setFillColorRGB(1, 1, 1)
    line.textOut("Recognised before.")
    canvas.drawText(line)
    canvas.save()
    assert read(path).text == "Recognised before."


def test_running_headers_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    for page in range(1, 6):
        canvas.drawString(60, 770, "Handbook of the Genoa office")
        canvas.drawString(60, 600, f"What is said on page {page}.")
        canvas.drawString(60, 585, "This line is on every page.")
        canvas.drawString(300, 30, f"Page {page} of 5")
        canvas.showPage()
    canvas.save()
    text = read(path).text
    assert text.count("Handbook of the Genoa office") == 1
    assert text.count("This line is on every page.") == 5
    assert [f"Page {page} of 5" in text for page in range(1, 6)] == [True] + 4 * [False]


def test_rows_of_figures_at_the_foot_of_pages_are_no_page_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    for page in range(5):
        canvas.drawString(60, 600, "Some words of the page")
        canvas.drawString(60, 40, str([17, 4, 88, 4, 31][page]))
        canvas.showPage()
    canvas.save()
    found = [line for line in read(path).text.splitlines() if line.isdigit()]
    assert found == ["17", "4", "88", "4", "31"]


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("Words.", True),
        ("x", True),
        ("1200.01 3", True),
        ("", False),
        (" \n", False),
        ("12", False),
        ("- 7 -", False),
        ("Page 7 of 20", False),
        ("xiv", False),
        ("A-3", False),
        ("\ufffd\ufffd\ufffd\ue001 a", False),
        ("\ufffd a word", True),
    ],
)
def test_a_page_says_whether_its_text_is_of_use(text: str, usable: bool) -> None:
    assert PageText(text, box_array([None] * len(text)), 1, 1).usable is usable


def test_a_page_refuses_boxes_that_do_not_fit_its_text() -> None:
    with pytest.raises(ValueError, match=r"2 characters need \(2, 4\)"):
        PageText("ab", box_array([None]), 1, 1)


def test_large_and_bold_lines_are_headings_where_there_is_no_outline(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = canvas_at(path)
    for y, font, size, line in [
        (740, "Helvetica-Bold", 20, "The handbook of leave"),
        (700, "Helvetica-Bold", 14, "Days off"),
        (660, "Helvetica-Bold", 10, "Half days"),
        *[
            (640 - 14 * row, "Helvetica", 10, f"Sentence {row} of the text, all of it.")
            for row in range(9)
        ],
    ]:
        canvas.setFont(font, size)
        canvas.drawString(60, y, line)
    canvas.save()
    document = read(path)
    assert document.headings == (
        Heading(1, "The handbook of leave", 0),
        Heading(2, "Days off", 23),
        Heading(3, "Half days", 33),
    )
    assert document.text[33:42] == "Half days"
    assert document.title == "The handbook of leave"
