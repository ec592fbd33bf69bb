"""Text made to hang a reader, or to lose what stands after it, is read or refused with a reason."""

import json
import struct
import zipfile
from pathlib import Path

import pytest

from citewell.ingest.readers import reader_for
from citewell.ingest.readers.archives import check_archive
from citewell.ingest.readers.sniffing import format_of
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document


def read(path: Path, content: str) -> Document:
    """Read a file with the reader that its content asks for."""
    path.write_text(content)
    reader = reader_for(path)
    assert reader is not None
    (document,) = reader.read(path, path.name)
    return document


def test_a_page_that_begins_with_comments_alone_is_told_at_once(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text("<!---->" * 400 + "no page")
    assert format_of(page) == "text"


def test_a_page_behind_many_comments_is_a_page(tmp_path: Path) -> None:
    page = tmp_path / "a.txt"
    page.write_text(
        "<?xml version='1.0'?>\n" + "<!-- a > b -->\n" * 100 + "<!DOCTYPE html><p>words"
    )
    assert format_of(page) == "html"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", f"# a{' ' * 100_000}b\n\nwords"),
        ("a.md", f"# {'__a ' * 20_000}\n\nwords"),
        ("a.md", "word *a __b [c](d `e\n" * 10_000 + "===\n\nwords"),
        ("a.rst", f"{':a' * 30_000}\n{'=' * 60_000}\n\nwords"),
        ("a.html", f"<p>a{' ' * 300_000}b<p>words"),
        ("a.xml", f"<a><p>a</p><p>{' ' * 300_000}</p><p>words</p></b>"),
        ("a.c", f"a{'*' * 490}\n" * 100 + "words"),
        ("a.java", f"{'a,' * 245}\n" * 100 + "words"),
    ],
    ids=["spaces", "emphasis", "paragraph", "roles", "page", "xml", "stars", "commas"],
)
def test_what_a_pattern_could_run_back_and_forth_in_is_read(
    tmp_path: Path, name: str, content: str
) -> None:
    document = read(tmp_path / name, content)
    assert document.text.endswith("words")
    assert document.headings == ()


@pytest.mark.parametrize(
    ("line", "title"),
    [("# a #", "a"), ("# a#", "a#"), ("# a ## \t", "a"), ("## #1", "#1")],
)
def test_a_heading_of_markdown_is_closed_only_after_a_space(
    tmp_path: Path, line: str, title: str
) -> None:
    document = read(tmp_path / "a.md", f"{line}\n\nwords")
    assert [heading.title for heading in document.headings] == [title]


@pytest.mark.parametrize("line", ["#  ##", "# #"])
def test_a_heading_of_hashes_alone_is_none(tmp_path: Path, line: str) -> None:
    assert read(tmp_path / "a.md", f"{line}\n\nwords").headings == ()


def test_a_type_with_commas_and_dots_is_seen_in_a_method(tmp_path: Path) -> None:
    method = "  public Map<String, java.util.List> of(int a) {\n    return null;\n  }\n"
    document = read(tmp_path / "A.java", f"class A {{\n{method}}}\n")
    assert [heading.title for heading in document.headings] == ["class A", "of()"]


def test_words_after_hundreds_of_tags_that_are_not_closed_are_read(tmp_path: Path) -> None:
    document = read(tmp_path / "a.html", "<body>" + "<p><font color=red>line\n" * 500 + "the end")
    assert document.text.endswith("the end")


def test_words_after_a_large_picture_in_a_page_are_read(tmp_path: Path) -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 10_100_000}">'
    assert read(tmp_path / "a.html", f"<p>before{picture}<p>after").text == "before\n\nafter"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.html", "<body>" + "<div>" * 5_000 + "words", "nested too deeply"),
        ("a.xml", "<a>" * 5_000 + "words" + "</a>" * 5_000, "too deep"),
        ("a.xml", f"<a><p>words</p><p>{'x' * 10_100_000}</p><p>more</p></a>", "more than 10 MB"),
    ],
    ids=["page", "xml", "value"],
)
def test_what_would_be_read_in_part_is_refused(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    with pytest.raises(ReadError, match=reason):
        read(tmp_path / name, content)


def test_a_heading_of_a_notebook_has_six_levels_at_most(tmp_path: Path) -> None:
    cell = {"cell_type": "heading", "level": 2_000_000_000, "source": "Deep"}
    document = read(tmp_path / "a.ipynb", json.dumps({"cells": [cell]}))
    assert document.text == "###### Deep"


def test_half_a_character_in_a_key_of_a_row_is_replaced(tmp_path: Path) -> None:
    document = read(tmp_path / "a.jsonl", r'{"id": "a", "text": "words", "key\ud800": "b\ud800"}')
    assert document.metadata == {"key\ufffd": "b\ufffd"}


def test_an_id_too_long_to_be_a_name_is_none(tmp_path: Path) -> None:
    row = json.dumps({"id": "i" * 100_000, "text": "words"})
    assert read(tmp_path / "a.jsonl", row).name == "a.jsonl line 1"


def test_a_chapter_named_again_and_again_is_read_once(tmp_path: Path) -> None:
    container = '<container><rootfiles><rootfile full-path="o"/></rootfiles></container>'
    item = '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
    spine = '<itemref idref="a"/>' * 1000
    book = tmp_path / "a.epub"
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", container)
        archive.writestr(
            "o", f"<package><manifest>{item}</manifest><spine>{spine}</spine></package>"
        )
        archive.writestr("a.xhtml", "<html><body><p>words</p></body></html>")
    reader = reader_for(book)
    assert reader is not None
    assert [document.text for document in reader.read(book, book.name)] == ["words"]


@pytest.mark.parametrize("large", [False, True], ids=["zip", "zip64"])
def test_an_archive_of_members_without_number_is_not_opened(tmp_path: Path, large: bool) -> None:
    entry = struct.pack("<4s42xx", b"PK\1\2")
    directory = entry * 400_000
    size = 0xFFFFFFFF if large else len(directory)
    archive = b"PK\3\4" + bytes(26) + directory
    if large:
        archive += struct.pack("<4s36x2Q", b"PK\6\6", len(directory), 30)
        archive += struct.pack("<4s4xQ4x", b"PK\6\7", 30 + len(directory))
    book = tmp_path / "a.docx"
    book.write_bytes(archive + struct.pack("<4s8xLL2x", b"PK\5\6", size, 30))
    with pytest.raises(ReadError, match="list of members has 18 MiB"):
        check_archive(book)
