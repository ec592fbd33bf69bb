"""Of a workbook or a CSV file go in the tables, each line with the row it stands on."""

import datetime
import zipfile
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from citewell.ingest.readers import reader_for
from citewell.ingest.readers.containers import refuse_ole
from citewell.ingest.readers.csv_reader import read_csv
from citewell.ingest.readers.sheet_reader import read_sheets
from citewell.ingest.readers.tables import Row, TableRows, column_name
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading, Table

Cell = str | int | float | bool | datetime.date | datetime.datetime | None

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(tmp_path: Path, *sheets: tuple[str, list[list[Cell]]], title: str = "") -> Path:
    """Save a workbook; a sheet whose name begins with a dot is hidden."""
    path = tmp_path / "made.xlsx"
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm"})
    book.set_properties({"title": title})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        if name.startswith("."):
            sheet.hide()
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(number, column, cell)
    book.close()
    return path


def archive(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def opendocument(tmp_path: Path, rows: str) -> Path:
    """Save an .ods of one sheet with these rows of XML."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    return archive(
        tmp_path / "made.ods",
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{urn}:manifest:1.0"/>',
            "content.xml": f'<office:document-content xmlns:office="{urn}:office:1.0" '
            f'xmlns:table="{urn}:table:1.0" xmlns:text="{urn}:text:1.0"><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        },
    )


def read(path: Path) -> Document:
    (document,) = read_sheets(path, path.name)
    return document


def csv(tmp_path: Path, content: str | bytes) -> Document:
    path = tmp_path / "made.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (document,) = read_csv(path, path.name)
    return document


def test_each_sheet_is_a_section_and_its_rows_are_lines(tmp_path: Path) -> None:
    costs: list[list[Cell]] = [["Item", "Euro"], ["Rent", 1200], ["Heat", 80.5]]
    document = read(workbook(tmp_path, ("Costs", costs), ("Notes", [["Paid late."]])))
    assert document.text == "Costs\n\nItem\tEuro\nRent\t1200\nHeat\t80.5\n\nNotes\n\nPaid late."
    assert document.headings == (Heading(1, "Costs", 0), Heading(1, "Notes", 38))
    assert document.tables == (
        Table(7, 36, "Item\tEuro", "Costs", "A:B", (1, 2, 3)),
        Table(45, 55, "", "Notes", "A:A", (1,)),
    )


def test_a_single_sheet_has_no_heading_and_the_title_of_the_properties(tmp_path: Path) -> None:
    document = read(workbook(tmp_path, ("Sheet1", [["a", "b"]]), title="Costs of 2024"))
    assert document.title == "Costs of 2024"
    assert document.text == "a\tb"
    assert document.headings == ()


def test_values_are_written_as_a_reader_writes_them(tmp_path: Path) -> None:
    row: list[Cell] = [
        *(1, 2.0, 0.1, 1e20, True),
        *(datetime.date(2024, 3, 1), datetime.datetime(2024, 3, 1, 9, 30), "two\nlines"),
    ]
    assert read(workbook(tmp_path, ("S", [row]))).text == (
        "1\t2\t0.1\t1e+20\tTRUE\t2024-03-01\t2024-03-01 09:30\ttwo lines"
    )


def test_empty_rows_part_tables_and_a_part_without_header_has_that_above(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        [],
        [None, "Costs of the year"],
        [None, "Item", "Euro", None],
        [None, "Rent", 1200],
        [],
        [None, "Heat", 80],
        [],
        [None, "Who", "Share", "Paid"],
        [None, "Ann", 5, 6],
    ]
    document = read(workbook(tmp_path, ("S", rows)))
    assert document.text == (
        "Costs of the year\n\nItem\tEuro\nRent\t1200\n\nHeat\t80\n\nWho\tShare\tPaid\nAnn\t5\t6"
    )
    assert document.tables == (
        Table(19, 38, "Item\tEuro", "S", "B:C", (3, 4)),
        Table(40, 47, "Item\tEuro", "S", "B:C", (6,)),
        Table(49, 71, "Who\tShare\tPaid", "S", "B:D", (8, 9)),
    )


def test_a_blank_first_cell_keeps_its_place(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [[None, 2023, 2024], ["Rent", 1100, 1200]]
    document = read(workbook(tmp_path, ("S", rows)))
    assert document.text == "\t2023\t2024\nRent\t1100\t1200"
    assert document.tables[0].header == "\t2023\t2024"


def test_hidden_sheets_are_read_and_named(tmp_path: Path) -> None:
    document = read(workbook(tmp_path, ("S", [["a", "b"]]), (".Rates", [["c", "d"]])))
    assert document.text == "S\n\na\tb\n\n.Rates\n\nc\td"
    assert document.metadata["hidden_sheets"] == ".Rates"


def test_an_opendocument_sheet_is_read(tmp_path: Path) -> None:
    path = opendocument(
        tmp_path,
        "<table:table-row>"
        '<table:table-cell office:value-type="date" office:date-value="2024-03-04"/>'
        '<table:table-cell office:value-type="percentage" office:value="0.5"/>'
        '<table:table-cell table:number-columns-repeated="16382"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048575">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
    )
    assert read(path).text == "2024-03-04\t0.5"


def test_a_sheet_that_repeats_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    path = opendocument(
        tmp_path,
        '<table:table-row table:number-rows-repeated="1000000">'
        '<table:table-cell office:value-type="float" office:value="1"'
        ' table:number-columns-repeated="1000"/></table:table-row>',
    )
    with pytest.raises(ReadError, match="spans 1,000,000 rows and 1,000 columns, most is 32,000"):
        read(path)


def test_an_encrypted_opendocument_sheet_needs_a_password(tmp_path: Path) -> None:
    members = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:m"><m:encryption-data/></m:manifest>',
        "content.xml": "encrypted",
    }
    with pytest.raises(ReadError, match="needs a password"):
        read(archive(tmp_path / "made.ods", members))


def test_a_sheet_with_cells_in_far_corners_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("S", [["a"]]))
    with zipfile.ZipFile(path) as made:
        members = {name: made.read(name).decode() for name in made.namelist()}
    members["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'
    )
    with pytest.raises(ReadError, match="spans 1,048,576 rows and 16,384 columns"):
        read(archive(tmp_path / "far.xlsx", members))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xlsx", b"PK\x03\x04 cut short", "no workbook that can be read"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut", "no workbook that can be read"),
        ("a.xls", b"<?xml version='1.0'?><Workbook/>", "no workbook that can be read"),
    ],
)
def test_what_is_no_workbook_is_refused(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=reason):
        read(tmp_path / name)


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="holds no text"):
        read(workbook(tmp_path, ("S", [])))


def test_an_ole_file_that_cannot_be_told_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut")
    with pytest.raises(ReadError, match="its content cannot be told"):
        refuse_ole(tmp_path / "a.doc", "a.doc")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a,b\n1,2\n", "a\tb\n1\t2"),
        ("a;b\n1,5;2,5\n3,5;4,5", "a\tb\n1,5\t2,5\n3,5\t4,5"),
        ("a\tb, c\n1\t2, 3\n", "a\tb, c\n1\t2, 3"),
        ("a|b\n1|2\n", "a\tb\n1\t2"),
        ("sep=;\na;b\n1;2\n", "a\tb\n1\t2"),
        ('a,b\n"x, ""y""\nz",2\n', 'a\tb\nx, "y" z\t2'),
        ('a,b\n"x,2\ny,3\n', 'a\tb\n"x\t2\ny\t3'),
        ("a,b\r\n1,2\r\n", "a\tb\n1\t2"),
        ("a,b\r1,2\r", "a\tb\n1\t2"),
        ("a,b,,\n1,2,,\n", "a\tb\n1\t2"),
        ("only\none\n", "only\none"),
        (f"a,b\n{'x' * 200_000},2\n", f"a\tb\n{'x' * 200_000}\t2"),
    ],
)
def test_records_of_a_csv_file_are_lines(tmp_path: Path, content: str, text: str) -> None:
    assert csv(tmp_path, content).text == text


def test_a_csv_file_is_one_table_with_the_rows_of_a_spreadsheet(tmp_path: Path) -> None:
    document = csv(tmp_path, 'City,Code\n"Bad\nEms",56130\n\n\n\n\nUlm,89073\n')
    assert document.text == "City\tCode\nBad Ems\t56130\nUlm\t89073"
    assert document.tables == (Table(0, 33, "City\tCode", "", "A:B", (1, 2, 7)),)
    assert document.title == "Made"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_file_may_have_any_encoding(tmp_path: Path, encoding: str) -> None:
    document = csv(tmp_path, "Straße,Größe\nMünchner Straße,Übergröße\n".encode(encoding))
    assert document.text == "Straße\tGröße\nMünchner Straße\tÜbergröße"


@pytest.mark.parametrize(
    ("content", "reason"), [(b"\n,,\n", "no text"), (bytes(range(256)), "not text")]
)
def test_a_csv_file_without_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        csv(tmp_path, content)


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["Name", "Age"], ["Ann", "7"]], "Name\tAge"),
        ([["Staff"], ["Name", "Age"], ["Ann", "7"]], "Name\tAge"),
        ([["", "2023", "2024"], ["Rent", "7", "8"]], "\t2023\t2024"),
        ([["Name", "Age"], ["Ann", "7"], ["Name", "Age"], ["Bo", "8"]], "Name\tAge"),
        ([["Ann", "7"], ["Bo", "8"]], ""),
        ([["Ann", "Rome"], ["Bo", "Rome"], ["Ann", "Oslo"]], ""),
        ([["x", "x"], ["1", "2"]], ""),
        ([["2023", "2024"], ["7", "8"]], ""),
        ([["Name", "a" * 101], ["Ann", "7"]], ""),
        ([["Ann", "Rome"]], ""),
    ],
)
def test_a_row_of_names_is_the_header(rows: list[list[str]], header: str) -> None:
    table = TableRows()
    for cells in rows:
        table.add(Row(cells))
    assert table.header() == header


@pytest.mark.parametrize(
    ("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_have_the_letters_of_a_sheet(index: int, name: str) -> None:
    assert column_name(index) == name


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [
        ("a.csv", b"a,b", "csv-1"),
        ("a.tsv", b"a\tb", "csv-1"),
        ("a.xls", b"Name\tAge\nAnn\t7\n", "csv-1"),
        ("a.xls", b"<html><table><tr><td>1</table>", "html-3"),
        ("a.xls", b"<?xml version='1.0'?><Workbook/>", "sheet-2"),
        ("a.xlsx", b"PK\x03\x04 cut short", "sheet-2"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut", "ole-1"),
    ],
)
def test_tables_are_told_by_content_first(
    tmp_path: Path, name: str, content: bytes, reader: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = reader_for(tmp_path / name)
    assert found is not None
    assert found.id == reader
