"""Tables of a PDF come row by row with a tab between cells, and prose never becomes one."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.values import Document

Drawn = tuple[float, float, str]


def read(path: Path, lines: Sequence[Drawn]) -> Document:
    """Write a page of words and read it; a negative x is the right end of the words."""
    canvas = Canvas(str(path), pagesize=(612, 792))
    canvas.setFont("Helvetica", 10)
    for x, y, line in lines:
        (canvas.drawString if x > 0 else canvas.drawRightString)(abs(x), y, line)
    canvas.save()
    (document,) = read_pdf(path, path.name)
    return document


def row(y: float, label: str, *cells: str) -> list[Drawn]:
    """Return a row: its label, and cells that end at 350, 430, 510."""
    ends = [(-350.0 - 80 * number, y, cell) for number, cell in enumerate(cells) if cell]
    return [(60.0, y, label), *ends] if label else ends


INCOME = [
    (60.0, 740.0, "The following table shows what came in and what went out in three years."),
    (378.0, 700.0, "Years ended"),
    *row(686, "(in millions)", "2022", "2021", "2020"),
    *row(672, "Revenue:"),
    *row(658, "Subscription", "16,388", "14,573", "11,626"),
    *[(x, 658.0, "$") for x in (300.0, 380.0, 460.0)],
    *row(644, "Reduction of operating lease"),
    *row(632, "right-of-use assets", "(83)", "—", "(87)"),
    *row(618, "Services", "686", "", "735"),
    *row(604, "Total", "17,606", "15,785", "12,868"),
    (60.0, 570.0, "Revenue grew because more people subscribed to more of our products."),
]


def test_a_table_is_one_line_a_row_with_tabs_between_cells(tmp_path: Path) -> None:
    document = read(tmp_path / "a.pdf", INCOME)
    (table,) = document.tables
    assert document.text[table.start : table.end].split("\n")[-6:] == [
        "(in millions)\t2022\t2021\t2020",
        "Revenue:",
        "Subscription\t$ 16,388\t$ 14,573\t$ 11,626",
        "Reduction of operating lease right-of-use assets\t(83)\t—\t(87)",
        "Services\t686\t\t735",
        "Total\t17,606\t15,785\t12,868",
    ]
    assert document.text.startswith("The following table shows what came in")
    assert document.text.endswith("subscribed to more of our products.")


def test_the_header_of_a_table_names_its_columns(tmp_path: Path) -> None:
    (table,) = read(tmp_path / "a.pdf", INCOME).tables
    assert table.header == "Years ended (in millions)\t2022\t2021\t2020"


def test_names_of_columns_over_several_lines_become_one_line(tmp_path: Path) -> None:
    lines = [
        *row(700, "", "December 2,", "December 3,"),
        *row(688, "", "2022", "2021"),
        *row(674, "Cash", "4,236", "3,844"),
        *row(660, "Inventories", "11", "16"),
    ]
    document = read(tmp_path / "a.pdf", lines)
    assert document.tables[0].header == "\tDecember 2, 2022\tDecember 3, 2021"
    assert document.text == (
        "December 2, 2022\tDecember 3, 2021\nCash\t4,236\t3,844\nInventories\t11\t16"
    )


def test_a_name_over_two_columns_has_a_line_of_its_own(tmp_path: Path) -> None:
    lines = [
        (330.0, 700.0, "Three months ended"),
        *row(686, "", "2022", "2021"),
        *row(672, "Interest income", "722", "719"),
        *row(658, "Interest expense", "(719)", "(665)"),
    ]
    document = read(tmp_path / "a.pdf", lines)
    assert document.tables[0].header == "Three months ended \t2022\t2021"
    assert document.text.splitlines()[0].strip() == "Three months ended"


def test_a_table_that_was_drawn_column_by_column_keeps_its_rows(tmp_path: Path) -> None:
    rows = [("Cats", "12", "14"), ("Dogs", "7", "9"), ("Birds", "3", "1")]
    lines = [
        (60.0 if column == 0 else -350.0 - 80 * column, 700.0 - 14 * number, cells[column])
        for column in range(3)
        for number, cells in enumerate(rows)
    ]
    document = read(tmp_path / "a.pdf", lines)
    assert document.text == "Cats\t12\t14\nDogs\t7\t9\nBirds\t3\t1"


@pytest.mark.parametrize(
    "lines",
    [
        [
            (60.0, 700.0 - 14 * n, f"In 2022 we sold {n} chairs for $ 10, and 7 tables")
            for n in range(9)
        ],
        [
            drawn
            for n in range(1, 6)
            for drawn in ((60.0, 700.0 - 14 * n, f"{n}."), (80.0, 700.0 - 14 * n, "Some point"))
        ],
        [
            drawn
            for n in range(1, 6)
            for drawn in ((60.0, 700.0 - 14 * n, "•"), (80.0, 700.0 - 14 * n, "Some point"))
        ],
        [(60.0, 700.0, "Page"), (500.0, 700.0, "3"), (60.0, 600.0, "Costs"), (500.0, 600.0, "7")],
    ],
    ids=["prose", "numbered list", "bullets", "far apart"],
)
def test_what_is_no_table_stays_as_it_is(tmp_path: Path, lines: list[Drawn]) -> None:
    document = read(tmp_path / "a.pdf", lines)
    assert document.tables == ()
    assert "\t" not in document.text


def test_tables_on_later_pages_are_spans_of_the_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    for page in range(2):
        canvas.drawString(60, 740, f"Page of the {page}. table")
        for number in range(3):
            canvas.drawString(60, 700 - 14 * number, f"Row {'abc'[number]}")
            canvas.drawRightString(300, 700 - 14 * number, f"{page}{number},000")
            canvas.drawRightString(400, 700 - 14 * number, f"{page}{number},111")
        canvas.showPage()
    canvas.save()
    (document,) = read_pdf(path, "a.pdf")
    found = [document.text[table.start : table.end] for table in document.tables]
    assert [text[:11] for text in found] == ["Row a\t00,00", "Row a\t10,00"]
    assert [text[-6:] for text in found] == ["02,111", "12,111"]
