"""Presentations, OpenDocument and rich text come in as they are shown, from sound files only."""

import zipfile
from pathlib import Path

import docx
import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from citewell.ingest.readers import reader_for
from citewell.ingest.readers.odt_reader import read_odt
from citewell.ingest.readers.pptx_reader import read_pptx
from citewell.ingest.readers.rtf_reader import read_rtf
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading, Page, Table

URN = "urn:oasis:names:tc:opendocument:xmlns"
TITLE_AND_BODY, TITLE_ONLY, BLANK = 1, 5, 6


def repacked(path: Path, old: str, new: str) -> Path:
    """Copy an archive with words replaced in all of its members."""
    target = path.with_name(f"repacked{path.suffix}")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            made.writestr(name, source.read(name).replace(old.encode(), new.encode()))
    return target


def saved(tmp_path: Path, show: object) -> Path:
    path = tmp_path / "made.pptx"
    show.save(str(path))  # type: ignore[attr-defined]
    return path


def slides(path: Path) -> Document:
    (document,) = read_pptx(path, path.name)
    return document


def odt(tmp_path: Path, body: str, kind: str = "text", extra: str = "") -> Document:
    """Read a file with this content; names of text need the prefix ``t``, of tables ``b``."""
    path = tmp_path / "made.odt"
    names = {"o": "office", "t": "text", "b": "table", "d": "drawing", "p": "presentation"}
    spaces = " ".join(f'xmlns:{short}="{URN}:{long}:1.0"' for short, long in names.items())
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr(
            "content.xml",
            f"{extra}<o:document-content {spaces} {dc}><o:body><o:{kind}>{body}</o:{kind}></o:body>"
            "</o:document-content>",
        )
        archive.writestr("meta.xml", f"<meta {dc}><dc:title>Leave, 3rd edition</dc:title></meta>")
    (document,) = read_odt(path, path.name)
    return document


def rtf(tmp_path: Path, content: str) -> Document:
    path = tmp_path / "made.rtf"
    path.write_bytes(content.encode("latin-1"))
    (document,) = read_rtf(path, path.name)
    return document


def test_each_slide_is_a_page_with_its_title_notes_and_table(tmp_path: Path) -> None:
    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[TITLE_AND_BODY])
    first.shapes.title.text = "Leave"
    first.placeholders[1].text = "Ask early.\nAlways."
    first.notes_slide.notes_text_frame.text = "Smile."
    show.slides.add_slide(show.slide_layouts[BLANK])
    last = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    last.shapes.title.text = "Weeks"
    table = last.shapes.add_table(2, 2, 0, Inches(3), Inches(4), Inches(1)).table
    for row, cells in enumerate((("Kind", "2024"), ("Parental", "16"))):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell

    document = slides(saved(tmp_path, show))

    assert document.text == (
        "Leave\n\nAsk early.\nAlways.\n\nNotes: Smile.\n\nWeeks\n\nKind\t2024\nParental\t16"
    )
    assert document.pages == (Page(1, 0, 42), Page(2, 42, 42), Page(3, 42, 70))
    assert document.headings == (Heading(1, "Leave", 0), Heading(1, "Weeks", 42))
    assert document.tables == (Table(49, 70, header="Kind\t2024"),)
    assert document.title == "Leave"


def test_shapes_are_read_from_top_to_bottom_and_left_to_right(tmp_path: Path) -> None:
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[BLANK])
    for text, left, top in (("below", 0, 4), ("right", 5, 1), ("left", 1, 1.1)):
        box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(1))
        box.text_frame.text = text
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, Inches(6), 9, 9).text_frame.text = "grouped"
    assert slides(saved(tmp_path, show)).text == "left\n\nright\n\nbelow\n\ngrouped"


def test_a_chart_is_read_as_its_title_and_numbers(tmp_path: Path) -> None:
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[BLANK])
    data = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["2023", "2024"]
    data.add_series("Costs", (1.5, 20))  # type: ignore[no-untyped-call]
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, 99, 99, data).chart
    chart.chart_title.text_frame.text = "Costs in millions"
    document = slides(saved(tmp_path, show))
    assert document.text == "Costs in millions\n\n\tCosts\n2023\t1.5\n2024\t20"
    assert document.tables[0].header == "\tCosts"


def test_hidden_slides_are_read_and_named(tmp_path: Path) -> None:
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    slide.shapes.title.text = "Old"
    slide.element.set("show", "0")
    document = slides(saved(tmp_path, show))
    assert document.text == "Old"
    assert document.metadata["hidden_slides"] == "1"


def test_a_slide_show_is_read_like_a_presentation(tmp_path: Path) -> None:
    show = Presentation()
    show.slides.add_slide(show.slide_layouts[TITLE_ONLY]).shapes.title.text = "Leave"
    path = repacked(saved(tmp_path, show), "presentation.main+xml", "slideshow.main+xml")
    assert slides(path).text == "Leave"


def test_a_word_document_with_macros_is_read_like_one_without(tmp_path: Path) -> None:
    word = docx.Document()
    word.add_heading("Leave", 1)
    word.save(str(tmp_path / "made.docm"))
    path = repacked(
        tmp_path / "made.docm",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    reader = reader_for(path)
    assert reader is not None
    assert reader.read(path, path.name)[0].headings == (Heading(1, "Leave", 0),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 cut short", "archive cannot be opened"),
        (b"plain words", "archive cannot be opened"),
    ],
)
def test_what_is_no_presentation_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.pptx"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=reason):
        slides(path)


def test_a_presentation_without_its_main_part_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pptx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ppt/presentation.xml", "<x/>")
    with pytest.raises(ReadError, match="no presentation that can be read"):
        slides(path)


def test_opendocument_text_comes_in_order_with_its_title(tmp_path: Path) -> None:
    document = odt(
        tmp_path,
        '<t:h t:outline-level="1">Leave</t:h><t:p>Ask \n early,<t:s t:c="2"/>on<t:tab/>time'
        "<t:line-break/>always.</t:p><t:list><t:list-item><t:p>one</t:p></t:list-item></t:list>"
        "<b:table><b:table-header-rows><b:table-row><b:table-cell><t:p>Kind</t:p></b:table-cell>"
        '<b:table-cell b:number-columns-repeated="2"><t:p>7</t:p></b:table-cell></b:table-row>'
        "</b:table-header-rows><b:table-row><b:table-cell><t:p>Paid</t:p><t:p>leave</t:p>"
        "</b:table-cell></b:table-row></b:table>",
    )
    assert document.text == (
        "Leave\n\nAsk early,  on\ttime\nalways.\n\none\n\nKind\t7\t7\nPaid leave"
    )
    assert document.headings == (Heading(1, "Leave", 0),)
    assert document.tables == (Table(41, 60, header="Kind\t7\t7"),)
    assert document.title == "Leave, 3rd edition"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<t:tracked-changes><t:p>gone</t:p></t:tracked-changes><t:p>kept</t:p>", "kept"),
        ("<t:p>kept<t:hidden-text>not</t:hidden-text></t:p>", "kept"),
        ("<t:p>Paid<t:note><t:note-citation>1</t:note-citation><t:note-body><t:p>In full.</t:p>"
         "</t:note-body></t:note> now.</t:p>", "Paid now.\n\nIn full."),
        ("<t:p>Paid<o:annotation><dc:creator>Ann</dc:creator><t:p>Is it?</t:p></o:annotation>"
         "</t:p>", "Paid\n\nComment (Ann): Is it?"),
        ("<t:p>round<d:frame><d:text-box><t:p>boxed</t:p></d:text-box></d:frame></t:p>",
         "round\n\nboxed"),
    ],
)  # fmt: skip
def test_an_opendocument_text_holds_what_is_shown(tmp_path: Path, body: str, text: str) -> None:
    assert odt(tmp_path, body).text == text


def test_an_opendocument_presentation_has_a_page_for_each_slide(tmp_path: Path) -> None:
    frame = "<d:frame p:class='{}'><d:text-box><t:p>{}</t:p></d:text-box></d:frame>"
    words, title, notes, more = (
        frame.format(*each)
        for each in (("", "words"), ("title", "Leave"), ("notes", "Smile."), ("", "more"))
    )
    document = odt(
        tmp_path,
        f"<d:page>{words}{title}<p:notes>{notes}</p:notes></d:page><d:page>{more}</d:page>",
        "presentation",
    )
    assert document.text == "Leave\n\nwords\n\nNotes: Smile.\n\nmore"
    assert [page.start for page in document.pages] == [0, 29]
    assert document.headings == (Heading(1, "Leave", 0),)


def test_entities_of_an_opendocument_file_are_not_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret.txt">]>'
    assert odt(tmp_path, "<t:p>seen &e;</t:p>", extra=entity).text == "seen"


def test_an_encrypted_opendocument_file_needs_a_password(tmp_path: Path) -> None:
    odt(tmp_path, "<t:p>x</t:p>")
    with zipfile.ZipFile(tmp_path / "made.odt", "a") as archive:
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{URN}:manifest:1.0"><m:encryption-data/></m:manifest>',
        )
    with pytest.raises(ReadError, match="needs a password"):
        read_odt(tmp_path / "made.odt", "made.odt")


def test_an_opendocument_file_with_broken_content_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"its part content\.xml cannot be read"):
        odt(tmp_path, "<t:p>")


def test_rich_text_comes_in_order_with_headings_and_tables(tmp_path: Path) -> None:
    document = rtf(
        tmp_path,
        r"{\rtf1{\stylesheet{\s0 Normal;}{\s1 heading 1;}}{\info{\title Our leave}}"
        r"{\header Top\par}\pard\s1 Leave\par\pard Ask early.{\footnote\pard In full.\par}\par"
        r"\trowd\trhdr\pard\intbl Kind\cell 2024\cell\row\trowd\pard\intbl Paid\par leave"
        r"\cell 16\cell\row\pard\outlinelevel1 End\par\pard{\pntext 1.\tab}Last}ignored",
    )
    assert document.text == (
        "Leave\n\nAsk early.\n\nIn full.\n\nKind\t2024\nPaid leave\t16\n\nEnd\n\n1. Last"
    )
    assert document.headings == (Heading(1, "Leave", 0), Heading(2, "End", 54))
    assert document.tables == (Table(29, 52, header="Kind\t2024"),)
    assert document.title == "Our leave"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (r"{\rtf1\ansicpg1252 Caf\'e9}", "Café"),
        (r"{\rtf1\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2}", "Привет"),
        (r"{\rtf1\deff1{\fonttbl{\f1\fcharset204 Arial;}}\'cf\'f0\'e8}", "При"),
        (r"{\rtf1{\fonttbl{\f2\fcharset128 MS;}}{\f2\'93\'fa\'96\'7b}}", "日本"),
        (r"{\rtf1\ansicpg99999 Caf\'e9}", "Café"),
        (r"{\rtf1 \u8364?5 \u-10179?\u-8704?}", "€5 😀"),
        (r"{\rtf1\uc2 \u8364EU5}", "€5"),
        (r"{\rtf1 \ldblquote a\rdblquote\endash\~b\line c\{\}\\}", "“a”– b\nc{}\\"),
        (r"{\rtf1 seen{\v hidden}{\deleted gone}}", "seen"),
        (r"{\rtf1 a{\*\unknown secret}{\pict 00ff}b}", "ab"),
        (r"{\rtf1 a{\pict\bin5 }}}}}}b}", "ab"),
        (r'{\rtf1{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}}}', "link"),
        (r"{\rtf1 a{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt boxed\par}}\par b}", "a\n\nboxed\n\nb"),
        (r"{\rtf1 a{\*\atnid N}{\*\annotation Is it?}\par}", "a\n\nComment: Is it?"),
        (r"{\rtf1\trowd\pard\intbl a\cell b\cell", "a\tb"),
        (r"{\rtf1\intbl a\par b", "a\nb"),
        (r"{\rtf1 a{\footnote b", "a\n\nb"),
        ("{\\rtf1 a\\'zz\\", "azz"),
    ],
)
def test_rich_text_holds_what_is_shown(tmp_path: Path, content: str, text: str) -> None:
    assert rtf(tmp_path, content).text == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("plain words", "does not begin as RTF does"),
        (r"{\rtf1{\info{\title x}}}", "holds no text"),
        (r"{\rtf1" + "{" * 1001, "more than 1000 groups inside each other"),
    ],
)
def test_what_is_no_rich_text_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        rtf(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "members", "reader"),
    [
        ("a.zip", {"ppt/presentation.xml": ""}, "pptx-2"),
        ("a.zip", {"mimetype": "application/vnd.oasis.opendocument.text"}, "odt-2"),
        ("a.ott", {"mimetype": "application/vnd.oasis.opendocument.text-template"}, "odt-2"),
        ("a.odt", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "sheet-2"),
        ("a.odt", {"mimetype": "application/vnd.oasis.opendocument.presentation"}, "odt-2"),
        ("a.docx", {"xl/workbook.xml": ""}, "sheet-2"),
        ("a.odt", {"other": ""}, "odt-2"),
    ],
)
def test_an_archive_is_told_by_what_is_in_it(
    tmp_path: Path, name: str, members: dict[str, str], reader: str
) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    found = reader_for(tmp_path / name)
    assert found is not None
    assert found.id == reader


def test_rich_text_named_as_an_old_word_document_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(rb"{\rtf1 words}")
    found = reader_for(tmp_path / "a.doc")
    assert found is not None
    assert found.id == "rtf-1"
