"""Words that stand together in a sentence stand together in its source."""

import pytest

from citewell.app.closeness import closeness, loops


@pytest.mark.parametrize(
    ("said", "held", "share"),
    [
        ("a b c", "a b c", 1.0),
        ("c b a", "a b c", 1.0),
        ("a z", "a b c d e f g z", 0.0),
        ("a b z", "a b c d e f g h z", 0.5),
        ("a missing b", "a b", 1.0),
        ("a", "a", 1.0),
        ("", "a b", 1.0),
        ("a a a", "a", 1.0),
    ],
)
def test_neighbours_count_when_they_are_near_each_other_in_the_source(
    said: str, held: str, share: float
) -> None:
    assert closeness(said.split(), held.split()) == share


def test_the_nearest_of_several_places_counts() -> None:
    assert closeness(["cat", "sleeps"], ["cat", *"abcdefgh", "cat", "sleeps"]) == 1.0


def test_a_sentence_that_goes_round_in_circles_loops() -> None:
    assert loops(["model", "of", "the", "setting", *(["model", "of", "setting"] * 3)])


@pytest.mark.parametrize("text", ["a a a a", "one two three four five six seven eight nine one"])
def test_a_short_or_a_varied_sentence_does_not_loop(text: str) -> None:
    assert not loops(text.split())
