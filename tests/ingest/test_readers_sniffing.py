"""A reader is chosen by what a file holds before what it is called."""

import zipfile
from pathlib import Path

import pytest

from citewell.ingest.readers import reader_for


def chosen(path: Path, content: bytes) -> str | None:
    path.write_bytes(content)
    reader = reader_for(path)
    return reader.id.partition("+")[0] if reader else None


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [
        ("a.pdf", b"%PDF-1.7\n", "pdf-3"),
        ("a.bin", b"junk\n%PDF-1.7\n", "pdf-3"),
        ("a.pdf", b"no magic at all", "pdf-3"),
        ("a.pdf", b"<html><p>hi</p>", "html-3"),
        ("a.pdf", b"\xef\xbb\xbf <!-- x -->\n<!DOCTYPE html>", "html-3"),
        ("a.pdf", "<html>".encode("utf-16"), "html-3"),
        ("A.HTM", b"plain words", "html-3"),
        ("a", b"<?xml version='1.0'?><html xmlns='x'>", "html-3"),
        ("a.md", b"<html> is a tag, %PDF- a magic", "markdown-3"),
        ("a.txt", b"A PDF begins with %PDF-1.7", "text-2"),
        ("a.jsonl", b"{}", "jsonl-3"),
        ("a.docx", b"not a zip", "docx-3"),
        ("a.docx", b"PK\x03\x04 cut short", "docx-3"),
        ("a.zip", b"PK\x03\x04 cut short", None),
        ("a.zip", b"plain words", None),
        ("a.eml", b"no headers at all", "mail-2"),
        ("a.eml", b"Subject: the magic\n\n%PDF-1.7", "mail-2"),
        ("a.msg", b"not OLE", "msg-2"),
        ("a", b"Received: by x\n\tfor y\nDate: today\nFrom: jo\n\nWords.", "mail-2"),
        ("a", b"Date: today\nTo: jo\nWords that go on.", "text-2"),
        ("LICENSE", b"Permission is hereby granted", "text-2"),
        ("run.log", "naïve".encode("cp1252"), "text-2"),
        ("a.tex", "naïve".encode("utf-16"), "text-2"),
        ("a.bin", bytes(range(256)), None),
        ("a.json", b'{"a": "<html> is a tag, %PDF- a magic"}', "json-2"),
        ("a.ipynb", b"{}", "notebook-1"),
        ("a.rst", b"Words", "rst-1"),
        ("a.xml", b"<?xml version='1.0'?><feed/>", "xml-1"),
        ("a.xml", b"<?xml version='1.0'?>\n<html><p>hi</p></html>", "html-3"),
        ("a.kml", b"<?xml version='1.0'?><kml/>", "xml-1"),
        ("a.svg", b"<?xml version='1.0'?><svg/>", None),
        ("a.py", b"x = '<html> and %PDF-'", "source-1"),
        ("a.dat", b"words \0 and a zero", None),
        ("a.png", b"\x89PNG\r\n", None),
        ("a", b"", None),
    ],
)
def test_the_reader_fits_the_content(
    tmp_path: Path, name: str, content: bytes, reader: str | None
) -> None:
    assert chosen(tmp_path / name, content) == reader


@pytest.mark.parametrize(
    ("member", "reader"),
    [("word/document.xml", "docx-3"), ("xl/workbook.xml", "sheet-2"), ("a.xml", None)],
)
def test_a_zip_is_the_document_that_it_holds(
    tmp_path: Path, member: str, reader: str | None
) -> None:
    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr(member, "<x/>")
    assert chosen(tmp_path / "a.zip", (tmp_path / "made.zip").read_bytes()) == reader


def test_a_file_that_is_gone_has_the_reader_of_its_name(tmp_path: Path) -> None:
    reader = reader_for(tmp_path / "gone.md")
    assert reader is not None
    assert reader.id == "markdown-3"
