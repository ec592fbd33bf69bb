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
        ("captured", "took"),
        ("In 1755 the British", "The British"),
        (" from smaller towns", ""),
        ("on the border; ", ""),
    ],
)
def test_another_word_and_what_is_left_out_are_no_conflict(was: str, now: str) -> None:
    assert was in SOURCE
    assert copying_conflict(SOURCE.replace(was, now), SOURCE) == ""


def test_a_name_of_the_heading_may_stand_in_place_of_a_pointer() -> None:
    source = "The old tower was completed there in March 1889 by three men."
    said = "The Eiffel tower was completed there in March 1889 by three men."

    assert copying_conflict(said, source) != ""
    assert copying_conflict(said, source, {"eiffel"}) == ""


def test_a_text_in_other_words_copies_nothing() -> None:
    assert copying_conflict("Acadians fled the British.", SOURCE) == ""
