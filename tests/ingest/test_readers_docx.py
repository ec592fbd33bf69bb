"""A Word document comes in as its author sees it, and only from a sound archive."""

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml

from citewell.ingest.readers.docx_reader import read_docx
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading, Table

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(path: Path) -> Document:
    (document,) = read_docx(path, path.name)
    return document


def with_body(tmp_path: Path, *elements: str) -> Path:
    """Save a document whose body holds these elements of WordprocessingML."""
    word = docx.Document()
    for element in elements:
        word.element.body.insert(-1, parse_xml(element))
    path = tmp_path / "made.docx"
    word.save(str(path))
    return path


def paragraph(runs: str) -> str:
    return f"<w:p {W}>{runs}</w:p>"


def repacked(path: Path, target: Path, name: str, content: bytes) -> Path:
    """Copy an archive with one member replaced or added."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return target


def test_paragraphs_headings_and_tables_come_in_the_order_of_the_body(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("Leave", 1)
    word.add_paragraph("Ask early.")
    table = word.add_table(2, 2)
    for cell, text in zip(table._cells, ("Kind", "Weeks", "Parental", "16"), strict=True):
        cell.text = text
    word.add_heading("Pay", 2)
    word.add_paragraph("Paid in full.")
    path = tmp_path / "leave.docx"
    word.save(str(path))

    document = read(path)

    assert document.text == (
        "Leave\n\nAsk early.\n\nKind\tWeeks\nParental\t16\n\nPay\n\nPaid in full."
    )
    assert document.headings == (Heading(1, "Leave", 0), Heading(2, "Pay", 43))
    assert document.text[43:46] == "Pay"
    assert document.title == "Leave"
    assert document.tables == (Table(19, 41, header="Kind\tWeeks"),)


def test_the_title_is_that_of_the_properties_or_the_paragraph_styled_so(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_paragraph("Introduction")
    word.add_heading("The leave policy", 0)
    path = tmp_path / "a.docx"
    word.core_properties.title = ""
    word.save(str(path))
    assert read(path).title == "The leave policy"

    word.core_properties.title = "Leave, 3rd edition"
    word.save(str(path))
    assert read(path).title == "Leave, 3rd edition"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", "a\tb\nc"),
        ("<w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink>", "linked"),
        ("<w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r>"
         "</w:del>", "new"),
        ("<w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>not</w:t></w:r>", "seen"),
        ("<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>seen</w:t></w:r>", "seen"),
        ("<w:r><w:instrText>INCLUDETEXT</w:instrText></w:r><w:r><w:t>kept</w:t></w:r>", "kept"),
        ("<w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>known</w:t></w:r>", "well-known"),
        ("<w:r><w:t>around</w:t></w:r><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r>"
         "</w:p></w:txbxContent></w:pict></w:r>", "around\n\nboxed"),
    ],
)  # fmt: skip
def test_a_paragraph_holds_what_is_shown(tmp_path: Path, runs: str, text: str) -> None:
    assert read(with_body(tmp_path, paragraph(runs))).text == text


def test_text_in_content_controls_is_read(tmp_path: Path) -> None:
    inner = "<w:p><w:r><w:t>controlled</w:t></w:r></w:p>"
    path = with_body(tmp_path, f"<w:sdt {W}><w:sdtContent>{inner}</w:sdtContent></w:sdt>")
    assert read(path).text == "controlled"


def test_an_outline_level_makes_a_heading_of_any_style(tmp_path: Path) -> None:
    level = "<w:pPr><w:outlineLvl w:val='1'/></w:pPr>"
    path = with_body(tmp_path, paragraph(f"{level}<w:r><w:t>Scope</w:t></w:r>"))
    assert read(path).headings == (Heading(2, "Scope", 0),)


def test_a_note_follows_the_paragraph_that_refers_to_it(tmp_path: Path) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    content = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    path = with_body(
        tmp_path,
        paragraph(
            "<w:r><w:t>Paid</w:t></w:r><w:r><w:footnoteReference w:id='2'/></w:r>"
            "<w:r><w:t> now.</w:t></w:r>"
        ),
        paragraph("<w:r><w:t>Next.</w:t></w:r>"),
    )
    with zipfile.ZipFile(path) as archive:
        links = archive.read("word/_rels/document.xml.rels").decode()
        types = archive.read("[Content_Types].xml").decode()
    link = f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    part = f'<Override PartName="/word/footnotes.xml" ContentType="{content}"/></Types>'
    notes = f"<w:footnotes {W}><w:footnote w:id='2'>{paragraph('<w:r><w:t>In full.</w:t></w:r>')}"
    for name, text in (
        ("word/_rels/document.xml.rels", links.replace("</Relationships>", link)),
        ("[Content_Types].xml", types.replace("</Types>", part)),
        ("word/footnotes.xml", notes + "</w:footnote></w:footnotes>"),
    ):
        target = tmp_path / f"{len(list(tmp_path.iterdir()))}.docx"
        path = repacked(path, target, name, text.encode())
    assert read(path).text == "Paid now.\n\nIn full.\n\nNext."


@pytest.mark.parametrize(
    ("marks", "header"), [("", ""), ("<w:trPr><w:tblHeader/></w:trPr>", "2023\t2024")]
)
def test_a_row_of_numbers_is_a_header_if_the_document_says_so(
    tmp_path: Path, marks: str, header: str
) -> None:
    cells = [f"<w:tc>{paragraph(f'<w:r><w:t>{n}</w:t></w:r>')}</w:tc>" for n in (2023, 2024, 7, 8)]
    rows = f"<w:tr>{marks}{cells[0]}{cells[1]}</w:tr><w:tr>{cells[2]}{cells[3]}</w:tr>"
    (table,) = read(with_body(tmp_path, f"<w:tbl {W}>{rows}</w:tbl>")).tables
    assert table.header == header


def test_a_comment_follows_the_paragraph_with_its_author(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_comment(word.add_paragraph("Paid in full.").runs, "Is it?", author="Ann")
    word.add_paragraph("Next.")
    path = tmp_path / "commented.docx"
    word.save(str(path))
    assert read(path).text == "Paid in full.\n\nComment (Ann): Is it?\n\nNext."


def test_a_document_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="holds no text"):
        read(with_body(tmp_path, paragraph("<w:r><w:t> </w:t></w:r>")))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../../evil.txt", b"x", r"points outside itself \('../../evil.txt'\)"),
        ("/etc/evil.txt", b"x", "points outside itself"),
        ("word/document.xml", b" " * 2**21, "unpacks to more than 100 times its size"),
        ("word/document.xml", b"<broken", "no Word document that can be read"),
    ],
)
def test_an_archive_that_is_unsafe_or_broken_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    sound = with_body(tmp_path, paragraph("<w:r><w:t>x</w:t></w:r>"))
    path = repacked(sound, tmp_path / "bad.docx", name, content)
    with pytest.raises(ReadError, match=reason):
        read(path)


def test_an_archive_of_very_many_members_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}", "")
    with pytest.raises(ReadError, match="10001 members, most is 10000"):
        read(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(4):
            archive.writestr(f"word/media/{number}", bytes(60 * 2**20))
    path = tmp_path / "large.docx"
    path.write_bytes(packed.getvalue())
    with pytest.raises(ReadError, match="unpacks to 240 MiB, most is 200 MiB"):
        read(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 cut short", "archive cannot be opened"),
        (b"\xd0\xcf\x11\xe0 old", "needs a password, or is an old Word file"),
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=reason):
        read(path)


def test_entities_are_not_expanded_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    body = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]><w:document {W}>'
        "<w:body><w:p><w:r><w:t>seen &e;</w:t></w:r></w:p></w:body></w:document>"
    )
    sound = with_body(tmp_path, paragraph("<w:r><w:t>x</w:t></w:r>"))
    path = repacked(sound, tmp_path / "xxe.docx", "word/document.xml", body.encode())
    assert read(path).text == "seen"
