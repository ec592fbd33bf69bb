"""A figure of a table belongs to its column: the wrong year is caught."""

import pytest

from citewell.app.rows import row_conflict

HEADER = "Year Ended\t2015\t2016\t2017"
ROW = "Net income\t$ 596\t$ 2,371\t$ 3,033"


@pytest.mark.parametrize(
    ("row", "header"),
    [
        (ROW, HEADER),
        (ROW, "2015\t2016\t2017"),
        (
            "| Net income | 596 | 2,371 | 3,033 |",
            "| Year | 2015 | 2016 | 2017 |\n|---|---|---|---|",
        ),
    ],
)
def test_the_figure_of_another_year_is_a_conflict(row: str, header: str) -> None:
    assert row_conflict("In 2017 net income was 3,033.", row, header) == ""
    assert (
        row_conflict("In 2016 net income was 3,033.", row, header)
        == "in the table 3,033 does not stand in the column 2016"
    )


def test_two_figures_with_their_years_agree() -> None:
    said = "Net income rose from 2,371 in 2016 to 3,033 in 2017."

    assert row_conflict(said, ROW, HEADER) == ""


@pytest.mark.parametrize("header", ["", "Items\tNotes"])
def test_without_a_header_that_fits_nothing_is_known(header: str) -> None:
    assert row_conflict("In 2016 net income was 3,033.", ROW, header) == ""


def test_names_of_columns_count_like_years() -> None:
    row, header = "Rent\t40\t90", "\tParis\tRome"

    assert row_conflict("The rent in Rome is 90.", row, header) == ""
    assert row_conflict("The rent in Paris is 90.", row, header) != ""
