"""Evidence is cut into sentences and rows, each with what it needs to be understood."""

import pytest

from citewell.app.units import Candidate, candidates, leans, spans_of
from citewell.retrieval.values import Chunk, Passage, Scores


def passage(text: str, start: int = 0, header: str = "") -> Passage:
    chunk = Chunk("a.md", start, start + len(text), text, header=header)
    return Passage(1, chunk, "Report", 1.0, Scores(dense=0.5))


def units(text: str, header: str = "") -> list[Candidate]:
    return candidates([passage(text, header=header)])


def test_a_row_knows_the_header_that_stands_above_it() -> None:
    found = units("| year | profit |\n|---|---|\n| 2021 | 4 |\n| 2022 | 5 |")

    assert [(each.kind, each.header, each.text) for each in found] == [
        ("row", "| year | profit |", "| 2021 | 4 |"),
        ("row", "| year | profit |", "| 2022 | 5 |"),
    ]


def test_a_row_knows_the_header_that_stands_in_an_earlier_chunk() -> None:
    (row,) = units("Profit\t4\t5", header="\t2021\t2022")

    assert row.header == "\t2021\t2022"


def test_the_rows_of_a_header_become_one() -> None:
    found = units("\tJanuary 28,\tJanuary 29,\n\t2023\t2022\nNet sales\t10\t8\nCosts\t6\t5")

    assert [(each.header, each.text) for each in found] == [
        ("\tJanuary 28, 2023\tJanuary 29, 2022", "Net sales\t10\t8"),
        ("\tJanuary 28, 2023\tJanuary 29, 2022", "Costs\t6\t5"),
    ]


def test_the_titles_of_the_parts_of_a_table_end_it_not() -> None:
    found = units("\t2023\t2022\nAssets\nCash\t7\t4\nLiabilities\nLoans\t3\t2\n\nWe owe little.")

    assert [(each.text, each.header) for each in found] == [
        ("Cash\t7\t4", "\t2023\t2022"),
        ("Loans\t3\t2", "\t2023\t2022"),
        ("We owe little.", ""),
    ]
    assert found[1].around == "Report \t2023\t2022 Liabilities We owe little."


def test_a_first_row_with_figures_is_a_row_of_its_own() -> None:
    found = units("Cash\t7\nLoans\t3")

    assert [each.text for each in found] == ["Cash\t7", "Loans\t3"]


def test_a_row_is_one_unit_however_many_sentences_it_holds() -> None:
    found = units("| pet | habits |\n| cat | It sleeps. It eats mice. |")

    assert [each.text for each in found] == ["| cat | It sleeps. It eats mice. |"]


def test_the_same_row_under_another_header_is_another() -> None:
    text = "\t2023\nCash\t7\n\n\t2022\nCash\t7"

    assert [each.header for each in units(text)] == ["\t2023", "\t2022"]


def test_a_long_sentence_is_cut_between_its_clauses() -> None:
    one, other = "cats sleep " * 20, "dogs run " * 25
    text = f"{one.strip()}; {other.strip()}."

    assert [text[slice(*span)] for span in spans_of(text)] == [
        f"{one.strip()};",
        f"{other.strip()}.",
    ]


def test_a_sentence_that_leans_on_another_knows_where_that_stands() -> None:
    first, second = candidates([passage("The cat is old. It sleeps all day.", start=50)])

    assert (first.before, second.before) == (None, (50, 65))


def test_a_sentence_that_leans_on_a_heading_knows_no_other() -> None:
    (found,) = units("Report\n\nThis is what was done in May.")

    assert found.before is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It sleeps.", True),
        ("However, cats sleep.", True),
        ("Cats sleep.", False),
        ("Er schläft.", True),
        ("Он спит.", True),
        ("它在睡觉。", True),
        ("猫在睡觉。", False),
        ("", False),
    ],
)
def test_what_points_back_leans(text: str, expected: bool) -> None:
    assert leans(text) is expected


def test_a_short_sentence_without_spaces_is_a_candidate() -> None:
    assert [each.text for each in units("猫在睡觉。狗在跑步。")] == ["猫在睡觉。", "狗在跑步。"]
