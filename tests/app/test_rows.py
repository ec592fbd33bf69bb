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


@pytest.mark.parametrize("missing", ["n/a", "–", ""])
def test_a_column_without_a_figure_is_named_in_error(missing: str) -> None:
    row, header = f"| Cedar | {missing} | 510 | 530 |", "| Product | 2022 | 2023 | 2024 |"

    assert row_conflict("Cedar cost 510 in 2023.", row, header) == ""
    assert row_conflict("Cedar cost 510 in 2022.", row, header) == (
        "in the table 510 does not stand in the column 2022"
    )


def test_a_column_may_be_named_for_its_words() -> None:
    row, header = "| Anna | Paris | 30 | 7 |", "| Name | City | Age | Rank |"

    assert row_conflict("Anna, of the city Paris, is 30.", row, header) == ""


@pytest.mark.parametrize(
    "said",
    ["It was 596, 2,371 and 3,033 in 2015, 2017 and 2016.", "It was 3,033 in 2016, 2,371 in 2017."],
)
def test_figures_and_columns_go_in_turn(said: str) -> None:
    right = "It was 596, 2,371 and 3,033 in 2015, 2016 and 2017."

    assert row_conflict(right, ROW, HEADER) == ""
    assert row_conflict(said, ROW, HEADER) != ""


def test_a_figure_that_names_the_row_stands_in_no_other_column() -> None:
    row, header = "| 2022 | 410 | 435 |", "| Year | Oak | Pine |"

    assert row_conflict("Oak cost 410 in 2022.", row, header) == ""
    assert row_conflict("Oak cost 435 in 2022.", row, header) != ""
