"""A quote from a table is shown in its rows, under the names of its columns."""

import pytest

from citewell.app.page.excerpts import Excerpt
from citewell.app.page.table_excerpts import TableExcerpt, table_excerpt
from citewell.retrieval.values import Document, Table

SALES = "Year\tTea\tRice\n" + "\n".join(f"{year}\t{year - 2000}\t9" for year in range(2000, 2020))
MARKDOWN = (
    "Text before.\n\n| Item | 2021 |\n| --- | ---: |\n| Sales | 10 |\n| Costs | 5 |\n\n"
    "Text after.\n"
)


def document(text: str, *tables: Table) -> Document:
    return Document("a.csv", "A", text, tables=tables)


def sales(quote: str, **table: object) -> TableExcerpt:
    start = SALES.index(quote)
    held = Table(0, len(SALES), "Year\tTea\tRice", **table)  # type: ignore[arg-type]
    found = table_excerpt(document(SALES, held), start, start + len(quote))
    assert found is not None
    return found


def texts(cells: tuple[Excerpt, ...]) -> list[str]:
    return [cell.before + cell.quote + cell.after for cell in cells]


def test_a_quoted_cell_is_marked_and_no_other() -> None:
    found = sales("2010\t10\t9"[:4])

    quoted = [cell.quote for row in found.rows for cell in row.cells if cell.quote]
    assert quoted == ["2010"]


def test_a_quoted_row_is_marked_in_all_its_cells() -> None:
    found = sales("2010\t10\t9")

    [row] = [row for row in found.rows if row.quoted]
    assert [cell.quote for cell in row.cells] == ["2010", "10", "9"]


def test_a_row_quoted_but_for_its_blank_cells_is_quoted_as_a_whole() -> None:
    text = "Name\tNote\tPrice\nTea\t \t5\nRice\t\t6"
    start = text.index("Tea")

    found = table_excerpt(
        document(text, Table(0, len(text), "Name\tNote\tPrice")), start, text.index("\nRice")
    )

    assert found is not None
    assert [(row.quoted, row.whole) for row in found.rows] == [(True, True), (False, False)]
    assert [cell.quote for cell in found.rows[0].cells] == ["Tea", "", "5"]


def test_a_part_of_a_cell_is_marked_as_such() -> None:
    text = "Name\tNote\nTea\tIt is green, and hot."
    start = text.index("green")

    found = table_excerpt(document(text, Table(0, len(text), "Name\tNote")), start, start + 5)

    assert found is not None
    assert found.rows[0].cells[1] == Excerpt("It is ", "green", ", and hot.")


def test_rows_around_the_quote_are_shown_and_the_others_counted() -> None:
    found = sales("2010\t10\t9")

    assert [row.cells[0].before + row.cells[0].quote for row in found.rows] == [
        "2007", "2008", "2009", "2010", "2011", "2012", "2013",
    ]  # fmt: skip
    assert (found.above, found.below) == (7, 6)


def test_the_rows_that_name_the_columns_are_the_header() -> None:
    [header] = sales("2010\t10\t9").header

    assert texts(header.cells) == ["Year", "Tea", "Rice"]


def test_a_header_of_several_rows_is_kept_whole() -> None:
    text = "\tWeeks\t\n\t2023\t2022\nSales\t5\t4\nCosts\t3\t2"
    start = text.index("Costs")

    found = table_excerpt(
        document(text, Table(0, len(text), "Weeks \t2023\t2022")), start, len(text)
    )

    assert found is not None
    assert [texts(row.cells) for row in found.header] == [["", "Weeks", ""], ["", "2023", "2022"]]


def test_a_header_that_stands_elsewhere_is_put_on_top() -> None:
    text = "Sales\t5\nCosts\t3"

    found = table_excerpt(document(text, Table(0, len(text), "Item\t2023")), 0, 5)

    assert found is not None
    assert [texts(row.cells) for row in found.header] == [["Item", "2023"]]


def test_rows_of_a_sheet_have_its_numbers() -> None:
    numbers = tuple(range(3, 24))

    found = sales("2000\t0\t9", columns="A:C", rows=numbers, sheet="Sales")

    assert [row.number for row in found.rows] == [4, 5, 6, 7]


def test_a_table_of_markdown_is_found_by_its_bars() -> None:
    start = MARKDOWN.index("| Costs")

    found = table_excerpt(document(MARKDOWN), start, start + len("| Costs | 5 |"))

    assert found is not None
    assert [texts(row.cells) for row in found.header] == [["Item", "2021"]]
    assert [texts(row.cells) for row in found.rows] == [["Sales", "10"], ["Costs", "5"]]
    assert [cell.quote for cell in found.rows[1].cells] == ["Costs", "5"]


@pytest.mark.parametrize("quote", ["Text before.", "Text after."])
def test_words_outside_of_a_table_have_none(quote: str) -> None:
    start = MARKDOWN.index(quote)

    assert table_excerpt(document(MARKDOWN), start, start + len(quote)) is None


def test_bars_without_a_rule_below_the_first_are_no_table() -> None:
    text = "| not | a table |\n| at | all |"

    assert table_excerpt(document(text), 2, 5) is None


def test_a_long_cell_is_cut_around_the_quote() -> None:
    text = "Note\n" + "a" * 1000 + "QUOTE" + "b" * 1000
    start = text.index("QUOTE")

    found = table_excerpt(document(text, Table(0, len(text), "Note")), start, start + 5)

    assert found is not None
    assert found.rows[0].cells[0] == Excerpt("… " + "a" * 240, "QUOTE", "b" * 240 + " …")
