"""A sentence that copies its source but for a word must not change what it says."""

import pytest

from citewell.app.copying import copying_conflict

SOURCE = (
    "In 1755 the British captured the old fort on the border; soon afterward they ordered the "
    "expulsion of the Acadians from smaller towns."
)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("the British captured", "the Acadians captured"),
        ("the British captured", "the Mongols captured"),
        ("smaller towns", "larger towns"),
        ("old fort on", "old border on"),
        ("captured the old", "captured the British old"),
        ("they ordered", "they had not ordered"),
    ],
)
def test_another_name_a_moved_word_an_opposite_or_a_denial_is_a_conflict(
    was: str, now: str
) -> None:
    assert was in SOURCE
    assert copying_conflict(SOURCE.replace(was, now), SOURCE) != ""


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("In 1755 the British", "The British"),
        (" from smaller towns", ""),
        ("on the border; ", ""),
    ],
)
def test_what_is_left_out_is_no_conflict(was: str, now: str) -> None:
    assert was in SOURCE
    assert copying_conflict(SOURCE.replace(was, now), SOURCE) == ""


def test_a_name_of_the_heading_may_stand_in_place_of_a_pointer() -> None:
    source = "The old tower was completed there in March 1889 by three men."
    said = "The Eiffel tower was completed there in March 1889 by three men."

    assert copying_conflict(said, source) != ""
    assert copying_conflict(said, source, {"eiffel"}) == ""


def test_a_text_in_other_words_copies_nothing() -> None:
    assert copying_conflict("Acadians fled the British.", SOURCE) == ""


FEE = "The annual fee is EUR 18,000."
LEASE = "The tenant may end the lease with a notice period of six months."
PARK = "The visitor car park closes at 20:00."


@pytest.mark.parametrize(
    ("source", "was", "now"),
    [
        (FEE, "annual", "monthly"),
        (LEASE, "tenant", "landlord"),
        (PARK, "20:00", "midnight"),
        (PARK, "closes", "opens"),
        ("Visitors must register and wear a badge.", "badge", "mask"),
        ("The fee is 18,000 pounds per year.", "year", "week"),
        ("The meeting starts at 10 am.", "am", "pm"),
        (SOURCE, "captured", "took"),
    ],
)
def test_in_a_copy_one_word_does_not_stand_for_another(source: str, was: str, now: str) -> None:
    assert was in source
    assert copying_conflict(source, source) == ""
    assert copying_conflict(source.replace(was, now), source) != ""


def test_words_of_the_question_are_added_but_replace_nothing() -> None:
    asked = {"month"}

    assert copying_conflict("The fee is EUR 18,000.", FEE, asked=asked) == ""
    assert copying_conflict("The monthly annual fee is EUR 18,000.", FEE, asked=asked) == ""
    assert copying_conflict("The monthly fee is EUR 18,000.", FEE, asked=asked) != ""
    assert copying_conflict("The monthly fee is EUR 18,000.", FEE, asked) == ""


def test_two_words_in_place_of_a_figure_are_a_conflict() -> None:
    said = "The visitor car park closes at noon or midnight."

    assert copying_conflict(said, PARK) == "the source says 20 0, not noon or midnight"
