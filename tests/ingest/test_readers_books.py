"""An electronic book comes in chapter by chapter, in the order in which it is meant to be read."""

import zipfile
from pathlib import Path

import pytest

from citewell.ingest.readers import reader_for
from citewell.ingest.readers.epub_reader import read_epub
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading, Table

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
CHAPTERS = {
    "OEBPS/one.xhtml": "<html><head><title/></head><body><h1>One</h1><p>First.</p></body></html>",
    "OEBPS/two%.xhtml": "<html><body><p class='x'>CHAPTER TWO</p><p>Second.</p></body></html>",
}


def package(*order: str, kind: str = "application/xhtml+xml", extra: str = "") -> str:
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="{kind}"/>' for n, name in enumerate(order)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(order)))
    return (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The leave</dc:title></metadata>'
        f'<manifest>{items}{extra}</manifest><spine><itemref idref="gone"/>{spine}</spine>'
        "</package>"
    )


def book(tmp_path: Path, opf: str, members: dict[str, str]) -> Path:
    path = tmp_path / "made.epub"
    parts = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": opf, **members}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def read(path: Path) -> Document:
    (document,) = read_epub(path, path.name)
    return document


def test_chapters_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    document = read(book(tmp_path, package("two%25.xhtml", "one.xhtml"), CHAPTERS))
    assert document.text == "CHAPTER TWO\n\nSecond.\n\nOne\n\nFirst."
    assert document.headings == (Heading(1, "One", 22),)
    assert document.title == "The leave"


NAVIGATION = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol><li><a href="one.xhtml">Uno</a></li>'
    '<li><a href="two%25.xhtml#x">Chapter <i>two</i></a></li></ol></nav></body></html>'
)
NCX = (
    '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Chapter '
    'two</text></navLabel><content src="two%25.xhtml"/></navPoint></navMap></ncx>'
)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(NAVIGATION, "application/xhtml+xml"), (NCX, "application/x-dtbncx+xml")],
)
def test_a_chapter_without_heading_has_that_of_the_contents(
    tmp_path: Path, content: str, kind: str
) -> None:
    extra = f'<item id="toc" href="toc" media-type="{kind}" properties="nav"/>'
    opf = package("one.xhtml", "two%25.xhtml", extra=extra)
    document = read(book(tmp_path, opf, {**CHAPTERS, "OEBPS/toc": content}))
    assert document.text == "One\n\nFirst.\n\nCHAPTER TWO\n\nSecond."
    assert document.headings == (Heading(1, "One", 0), Heading(1, "CHAPTER TWO", 13))


def test_a_heading_of_the_contents_that_is_not_in_the_text_is_put_before_it(
    tmp_path: Path,
) -> None:
    extra = '<item id="toc" href="toc" media-type="application/x-dtbncx+xml"/>'
    members = {"OEBPS/a.html": "<p>Words.</p>", "OEBPS/toc": NCX.replace("two%25.xhtml", "a.html")}
    document = read(book(tmp_path, package("a.html", extra=extra), members))
    assert document.text == "Chapter two\n\nWords."
    assert document.headings == (Heading(1, "Chapter two", 0),)


def test_tables_and_empty_elements_of_xhtml_are_read(tmp_path: Path) -> None:
    page = (
        "<?xml version='1.0'?><html><body><p>a<a id='x'/>b<br/>c<span/></p><script src='x'/><table>"
        "<tr><th>Kind</th><th>Weeks</th></tr><tr><td>Paid</td><td>16</td></tr></table></body></html>"
    )
    document = read(book(tmp_path, package("a.xhtml"), {"OEBPS/a.xhtml": page}))
    assert document.text == "ab\nc\n\nKind\tWeeks\nPaid\t16"
    assert document.tables == (Table(6, 24, header="Kind\tWeeks"),)


def test_a_chapter_that_is_missing_is_left_out_and_named(tmp_path: Path) -> None:
    document = read(book(tmp_path, package("one.xhtml", "gone.xhtml"), CHAPTERS))
    assert document.text == "One\n\nFirst."
    assert document.metadata == {"chapters_left_out": "OEBPS/gone.xhtml is missing"}


def encryption(method: str, file: str) -> dict[str, str]:
    return {
        "META-INF/encryption.xml": "<encryption><EncryptedData>"
        f'<EncryptionMethod Algorithm="{method}"/><CipherData>'
        f'<CipherReference URI="{file}"/></CipherData></EncryptedData></encryption>'
    }


def test_a_book_under_copy_protection_is_refused(tmp_path: Path) -> None:
    lock = encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OEBPS/one.xhtml")
    with pytest.raises(ReadError, match="locked by copy protection"):
        read(book(tmp_path, package("one.xhtml"), {**CHAPTERS, **lock}))


def test_a_book_that_hides_only_fonts_is_read(tmp_path: Path) -> None:
    lock = encryption("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")
    assert read(book(tmp_path, package("one.xhtml"), {**CHAPTERS, **lock})).title == "The leave"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"META-INF/container.xml": "<container/>"}, "names no book"),
        ({"META-INF/container.xml": "<cut"}, r"container\.xml cannot be read"),
        ({"OEBPS/book.opf": "<package/>"}, "holds no text"),
        ({"../evil.xhtml": "x"}, "points outside itself"),
        ({"OEBPS/big.xhtml": " " * 2**20 * 300}, "unpacks to 300 MiB"),
    ],
)
def test_a_book_that_is_broken_or_unsafe_is_refused(
    tmp_path: Path, members: dict[str, str], reason: str
) -> None:
    parts = {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package("one.xhtml"), **members}
    path = tmp_path / "made.epub"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ReadError, match=reason):
        read(path)


def test_a_book_is_told_by_its_container(tmp_path: Path) -> None:
    path = book(tmp_path, package("one.xhtml"), CHAPTERS)
    found = reader_for(path.rename(tmp_path / "book.bin"))
    assert found is not None
    assert found.id == "epub-2"
