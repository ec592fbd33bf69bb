"""What files state about themselves comes out as metadata."""

import zipfile
from datetime import datetime
from pathlib import Path

import docx
import pptx
import pytest
from pypdf import PdfWriter
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.docx_reader import read_docx
from citewell.ingest.readers.epub_reader import read_epub
from citewell.ingest.readers.front_matter import front_matter
from citewell.ingest.readers.html_reader import read_html
from citewell.ingest.readers.jsonl_reader import read_jsonl
from citewell.ingest.readers.mail_reader import read_mail
from citewell.ingest.readers.markdown_reader import read_markdown
from citewell.ingest.readers.odt_reader import read_odt
from citewell.ingest.readers.pdf_libraries import load_with_pypdf
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.ingest.readers.pptx_reader import read_pptx
from citewell.ingest.readers.properties import properties, stated

STATED = {
    "author": "Kim Lee",
    "subject": "Days off",
    "keywords": "hr, leave",
    "created": "2024-03-15",
    "modified": "2024-04-01",
}


def test_values_of_one_key_are_joined_and_what_is_no_value_is_left_out() -> None:
    given = [("tags", ["a", "b ", 3]), ("tags", "a"), ("x", None), ("y", " "), ("z", {"a": 1})]
    assert stated(given) == {"tags": "a; b; 3"}


def test_a_date_that_cannot_be_read_stays_as_it_was_written() -> None:
    given = [("created", "last May"), ("modified", "D:20240401"), ("date", None)]
    assert properties(given) == {"created": "last May", "modified": "2024-04-01"}


def test_a_property_of_any_length_is_cut() -> None:
    assert len(properties([("subject", "x" * 1_000_000)])["subject"]) == 10_000


def made_pdf(path: Path) -> Path:
    canvas = Canvas(str(path))
    canvas.drawString(72, 760, "Ten days.")
    canvas.save()
    writer = PdfWriter(clone_from=path)
    writer.add_metadata(
        {
            "/Author": "Kim Lee",
            "/Subject": "Days off",
            "/Keywords": "hr, leave",
            "/CreationDate": "D:20240315101530+01'00'",
            "/ModDate": "D:20240401",
        }
    )
    writer.write(path)
    return path


def test_a_pdf_states_its_author_subject_keywords_and_dates(tmp_path: Path) -> None:
    (document,) = read_pdf(made_pdf(tmp_path / "a.pdf"), "a.pdf")
    assert document.metadata == STATED


def test_so_does_one_that_only_pypdf_can_open(tmp_path: Path) -> None:
    assert load_with_pypdf(made_pdf(tmp_path / "a.pdf")).facts == STATED


def test_a_pdf_whose_author_is_a_placeholder_has_none(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"))
    canvas.drawString(72, 760, "Ten days.")
    canvas.save()
    (document,) = read_pdf(tmp_path / "a.pdf", "a.pdf")
    assert document.metadata.keys() == {"created", "modified"}


def test_a_word_document_states_its_core_properties(tmp_path: Path) -> None:
    made = docx.Document()
    made.add_paragraph("Ten days.")
    core = made.core_properties
    core.title, core.author, core.subject, core.comments = "Leave rules", "Kim Lee", "Days off", ""
    core.keywords = "hr, leave"
    core.created, core.modified = datetime(2024, 3, 15), datetime(2024, 4, 1)
    made.save(str(tmp_path / "a.docx"))
    (document,) = read_docx(tmp_path / "a.docx", "a.docx")
    assert (document.title, document.metadata) == ("Leave rules", STATED)


def test_a_presentation_states_its_core_properties(tmp_path: Path) -> None:
    made = pptx.Presentation()
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = "Ten days."
    core = made.core_properties
    core.title, core.author, core.subject, core.comments = "Leave rules", "Kim Lee", "Days off", ""
    core.keywords = "hr, leave"
    core.created, core.modified = datetime(2024, 3, 15), datetime(2024, 4, 1)
    made.save(str(tmp_path / "a.pptx"))
    (document,) = read_pptx(tmp_path / "a.pptx", "a.pptx")
    assert (document.title, document.metadata) == ("Leave rules", STATED)


META = """<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>
 <dc:title>Leave rules</dc:title><meta:initial-creator>Kim Lee</meta:initial-creator>
 <dc:creator>Al</dc:creator><dc:subject>Days off</dc:subject><meta:keyword>hr</meta:keyword>
 <meta:keyword>leave</meta:keyword><meta:creation-date>2024-03-15T10:15:30</meta:creation-date>
 <dc:date>2024-04-01T08:00:00.5</dc:date></office:meta></office:document-meta>"""
CONTENT = (
    '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text>'
    "<t:p>Ten days.</t:p></o:text></o:body></o:document-content>"
)


def made_odt(path: Path, meta: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", CONTENT)
        archive.writestr("meta.xml", meta)
    return path


def test_an_opendocument_text_states_who_began_it_and_when(tmp_path: Path) -> None:
    (document,) = read_odt(made_odt(tmp_path / "a.odt", META), "a.odt")
    assert document.title == "Leave rules"
    assert document.metadata == STATED | {"keywords": "hr; leave"}


def test_who_saved_an_opendocument_text_wrote_it_if_nobody_else_is_named(tmp_path: Path) -> None:
    meta = META.replace("Kim Lee", "")
    (document,) = read_odt(made_odt(tmp_path / "a.odt", meta), "a.odt")
    assert document.metadata["author"] == "Al"


def test_broken_properties_are_no_reason_to_refuse_a_file(tmp_path: Path) -> None:
    (document,) = read_odt(made_odt(tmp_path / "a.odt", "<meta"), "a.odt")
    assert (document.text, document.metadata) == ("Ten days.", {})


def test_a_book_states_its_authors_subjects_and_date(tmp_path: Path) -> None:
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf"/></rootfiles></container>'
    )
    opf = (
        '<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:creator>Kim</dc:creator>'
        "<dc:creator>Lee</dc:creator><dc:date>2024-03-15</dc:date><dc:subject>hr</dc:subject>"
        "<dc:language>en</dc:language><dc:publisher> </dc:publisher></metadata>"
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    page = "<html><body><p>Ten days.</p></body></html>"
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("book.opf", opf)
        archive.writestr("a.xhtml", page)
    (document,) = read_epub(tmp_path / "a.epub", "a.epub")
    expected = {"author": "Kim; Lee", "date": "2024-03-15", "subject": "hr", "lang": "en"}
    assert document.metadata == expected


def page(tmp_path: Path, head: str) -> dict[str, str]:
    path = tmp_path / "a.html"
    path.write_text(f"<html lang=de><head>{head}</head><body><p>Ten days.</p></body></html>")
    (document,) = read_html(path, "a.html")
    return document.metadata


def test_a_page_states_what_its_meta_elements_say(tmp_path: Path) -> None:
    assert page(
        tmp_path,
        "<meta name=Author content='Kim Lee'><meta name=description content='Days off.'>"
        "<meta name=keywords content='hr, leave'><meta name=viewport content=wide>"
        "<meta property=article:published_time content=2024-03-15T10:00:00Z>",
    ) == {
        "author": "Kim Lee",
        "date": "2024-03-15",
        "keywords": "hr, leave",
        "description": "Days off.",
        "lang": "de",
    }


def test_the_best_known_name_of_a_page_fact_goes_before_others(tmp_path: Path) -> None:
    head = (
        "<meta name=dc.creator content=Al><meta name=author content=Kim>"
        "<meta property=article:tag content=hr><meta property=article:tag content=leave>"
    )
    assert page(tmp_path, head) == {"author": "Kim", "keywords": "hr; leave", "lang": "de"}


def test_a_message_states_its_headers(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text(
        "From: Kim Lee <kim@example.org>\nTo: al@example.org, jo@example.org\n"
        "Date: Fri, 15 Mar 2024 10:15:30 +0100\nSubject: Days off\n\nTen days.\n"
    )
    (document,) = read_mail(path, "a.eml")
    assert document.metadata == {
        "from": "Kim Lee <kim@example.org>",
        "to": "al@example.org, jo@example.org",
        "date": "2024-03-15",
        "subject": "Days off",
    }


def test_a_row_of_a_corpus_states_its_other_fields_also_nested_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": "a", "text": "Ten days.", "year": 2024, "tags": ["hr", "leave"], "deep": {"a": 1},'
        ' "metadata": {"author": "Kim", "year": 1999}}\n'
    )
    (document,) = read_jsonl(path, "a.jsonl")
    assert document.metadata == {"author": "Kim", "year": "2024", "tags": "hr; leave"}


def test_front_matter_of_markdown_is_metadata_and_its_title_the_title(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\nTitle: Leave rules\nauthor: Kim Lee\ndate: 2024-03-15\ntags: [hr, 'days off']\n---\n"
        "# Scope\n\nTen days.\n"
    )
    (document,) = read_markdown(path, "a.md")
    assert document.title == "Leave rules"
    assert document.metadata == {
        "author": "Kim Lee",
        "date": "2024-03-15",
        "tags": "hr; days off",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b", [("a", "b")]),
        ('a: "b: \\"c\\" # d"  # e', [("a", 'b: "c" # d')]),
        ("a: 'it''s'", [("a", "it's")]),
        ("a: b # c", [("a", "b")]),
        ("a: b#c", [("a", "b#c")]),
        ("a: [b, \"c, d\", 'e', ]  # f", [("a", "b"), ("a", "c, d"), ("a", "e")]),
        ("a:\n  - b\n- 'c'\nd: e", [("a", "b"), ("a", "c"), ("d", "e")]),
        ("'a-b.c': d", [("a-b.c", "d")]),
        ("a:\n  b: c\n  - d", []),
        ("a: |\n  b\n\n  c: d\ne: >-\n  f", [("a", "b c: d"), ("e", "f")]),
        ("a: |\nc: ~\nd: null\ne:", []),
        ("project code: ZX-81\n'on hold' : no", [("project code", "ZX-81"), ("on hold", "no")]),
        ("a: {b: c}\nd: &e f\ng: http://x", [("g", "http://x")]),
        ("# a: b\n\n- c\nwords, of prose: no", []),
        ("a:b", []),
    ],
)
def test_front_matter_is_read_as_far_as_it_is_plain(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert list(front_matter(text)) == expected


@pytest.mark.parametrize("filler", [" ", "'", '"', "',", "[", "#", "\\", "a, "])
def test_front_matter_of_any_length_is_read_at_once(filler: str) -> None:
    line = "a: [b" + filler * 50_000 + "]\n"
    assert [key for key, _ in front_matter(f"{line}- {line}z: y")][-1] == "z"
