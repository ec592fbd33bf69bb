"""PDF text comes in reading order, and every character knows its page."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.hyphens import join_broken_words
from citewell.ingest.readers.page_text import PageText
from citewell.ingest.readers.pdf_libraries import OutlineEntry, load_pdf, load_with_pypdf
from citewell.ingest.readers.pdf_reader import join_pages, place_headings, read_pdf
from citewell.retrieval.errors import ReadError
from citewell.retrieval.layout import box_array
from citewell.retrieval.values import Document, Heading, Page


def make_pdf(
    path: Path,
    pages: Sequence[Sequence[str]],
    title: str = "",
    outline: Sequence[tuple[str, int, int]] = (),
) -> Path:
    """Write a PDF of lines; ``outline`` holds title, level from 0 and page from 0."""
    canvas = Canvas(str(path))
    canvas.setTitle(title)
    for number, lines in enumerate(pages):
        for row, line in enumerate(lines):
            canvas.drawString(72, 760 - 15 * row, line)
        for entry, level, page in outline:
            if page == number:
                canvas.bookmarkPage(entry)
                canvas.addOutlineEntry(entry, entry, level)
        canvas.showPage()
    canvas.save()
    return path


def plain(text: str) -> PageText:
    """Return a page with a text that stands nowhere."""
    return PageText(text, box_array([None] * len(text)), 0, 0)


def read(path: Path) -> Document:
    (document,) = read_pdf(path, path.name)
    return document


def test_pages_cover_the_text_without_gaps(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["Cats sleep.", "A lot."], [], ["Dogs bark."]])

    document = read(path)

    assert document.text == "Cats sleep.\nA lot.\n\nDogs bark."
    assert document.pages == (Page(1, 0, 20), Page(2, 20, 20, "none"), Page(3, 20, 30))
    assert document.metadata["pages_without_text"] == "1"


def test_empty_pages_at_both_ends_have_empty_spans() -> None:
    text, pages = join_pages([plain(""), plain("a"), plain("")])
    assert text == "a"
    assert pages == (Page(1, 0, 0, "none"), Page(2, 0, 1), Page(3, 1, 1, "none"))


def test_headings_of_the_outline_stand_where_their_titles_do(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [["Handbook", "see Leave below", "1. Leave", "text"], ["Pay rises", "text"]],
        outline=[("Handbook", 0, 0), ("1  LEAVE", 1, 0), ("Not printed", 1, 1)],
    )
    document = read(path)
    assert document.headings == (
        Heading(1, "Handbook", 0),
        Heading(2, "1 LEAVE", 25),
        Heading(2, "Not printed", 40),
    )
    assert document.text[25:33] == "1. Leave"
    assert document.text[40:49] == "Pay rises"


def test_an_outline_entry_of_no_page_is_left_out() -> None:
    entries = [OutlineEntry(1, "Gone", 7), OutlineEntry(1, " ", 0), OutlineEntry(1, "x", -1)]
    assert place_headings(entries, "text", [Page(1, 0, 4)]) == ()


def test_a_heading_that_stands_twice_on_a_page_is_found_twice() -> None:
    entries = [OutlineEntry(1, "Cats", 0), OutlineEntry(2, "Notes", 0), OutlineEntry(2, "Notes", 0)]
    text = "Cats\nNotes\na\nNotes\nb"
    starts = [heading.start for heading in place_headings(entries, text, [Page(1, 0, 20)])]
    assert starts == [0, 5, 13]


@pytest.mark.parametrize(
    ("title", "outline", "found"),
    [
        ("Annual report", [("Cover", 0, 0)], "Annual report"),
        ("Microsoft Word - x.doc", [("The plan", 0, 0), ("Part", 1, 0)], "The plan"),
        ("untitled", [("Part I", 0, 0), ("Part II", 0, 0)], "The 2017 plan"),
    ],
)
def test_the_title_is_the_best_there_is(
    tmp_path: Path, title: str, outline: list[tuple[str, int, int]], found: str
) -> None:
    path = make_pdf(tmp_path / "The_2017_plan.pdf", [["x"]], title, outline)
    assert read(path).title == found


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("an exam\ufffeple", "an example"),
        ("an exam-\nple", "an example"),
        ("an exam\u00ad\nple", "an example"),
        ("long-term or long\ufffeterm", "long-term or long-term"),
        ("short\ufffeand long-term", "short- and long-term"),
        ("Anglo\ufffeSaxon", "Anglo-Saxon"),
        ("Anglo-\nSaxon", "Anglo-\nSaxon"),
        ("2019\ufffe20", "2019-20"),
        ("a -\nb", "a -\nb"),
    ],
)
def test_words_cut_at_the_end_of_a_line_are_joined(broken: str, whole: str) -> None:
    assert [page.text for page in join_broken_words([plain(broken)])] == [whole]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "columns.pdf"
    canvas = Canvas(str(path))
    for x, side in ((72, "left"), (320, "right")):
        for row in range(12):
            canvas.drawString(x, 760 - 15 * row, f"{side} column line {row}")
    canvas.save()
    text = read(path).text
    assert text.index("left column line 11") < text.index("right column line 0")


def encrypted(path: Path, password: str) -> Path:
    writer = PdfWriter(clone_from=path)
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    with path.open("wb") as file:
        writer.write(file)
    return path


def test_a_pdf_that_needs_a_password_is_refused(tmp_path: Path) -> None:
    path = encrypted(make_pdf(tmp_path / "a.pdf", [["x"]]), "secret")
    with pytest.raises(ReadError, match="needs a password"):
        read(path)
    with pytest.raises(ReadError, match="needs a password"):
        load_with_pypdf(path)


def test_a_pdf_that_anyone_may_open_is_read(tmp_path: Path) -> None:
    path = encrypted(make_pdf(tmp_path / "a.pdf", [["Cats sleep."]]), "")
    assert read(path).text == "Cats sleep."


@pytest.mark.parametrize(
    ("pages", "count"), [([[]], r"\(1 page\)"), ([[], [], []], r"\(3 pages\)")]
)
def test_a_pdf_of_images_alone_is_refused(
    tmp_path: Path, pages: list[list[str]], count: str
) -> None:
    path = make_pdf(tmp_path / "scan.pdf", pages)
    with pytest.raises(ReadError, match=f"no text layer.* {count}"):
        read(path)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"plain words", b"%PDF-1.4\n" * 999])
def test_a_damaged_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="damaged: neither pdfium nor pypdf can read it"):
        read(path)


def test_both_libraries_give_the_same_pages_outline_and_title(tmp_path: Path) -> None:
    outline = [("Handbook", 0, 0), ("Leave", 1, 1)]
    path = make_pdf(tmp_path / "a.pdf", [["Handbook"], ["Leave"]], "The handbook", outline)
    for pdf in (load_pdf(path), load_with_pypdf(path)):
        assert [page.text.strip() for page in pdf.pages] == ["Handbook", "Leave"]
        assert pdf.outline == [OutlineEntry(1, "Handbook", 0), OutlineEntry(2, "Leave", 1)]
        assert pdf.title == "The handbook"
