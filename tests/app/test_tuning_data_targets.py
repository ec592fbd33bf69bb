"""Targets, what is changed in them, and what must not be written."""

import random

import pytest

from citewell.app.answer_values import Evidence
from citewell.app.tuning.others import Names, another, sort_of
from citewell.app.tuning.rejected import (
    changed_number,
    instead_of_answer,
    instead_of_refusal,
    wrong_marker,
)
from citewell.app.tuning.targets import in_its_words, reads_back, sentence_with, told


def evidence(number: int, text: str) -> Evidence:
    """Evidence of a document without headings."""
    return Evidence(number, "a.md", "Animals", 0, len(text), text, (), 1, 1.0)


def test_an_answer_is_taken_in_the_words_of_the_text() -> None:
    assert in_its_words("It lies in FRANCE.", ["France"]) == "FRANCE"


def test_an_answer_that_does_not_stand_in_the_text_is_none() -> None:
    assert in_its_words("It lies in Francesville.", ["France"]) is None


@pytest.mark.parametrize("text", ["It rose by 1.7 %.", "It has 7,000 seats.", "At 7:30 it rains."])
def test_a_number_is_not_found_inside_another(text: str) -> None:
    assert in_its_words(text, ["7"]) is None


def test_the_answer_that_agrees_most_with_the_others_is_taken() -> None:
    answers = ["Due to its central location", "its central location", "central location"]
    text = "Due to its central location Warsaw became the capital."

    assert in_its_words(text, answers) == "its central location"


def test_a_part_of_a_date_gives_way_to_the_date() -> None:
    text = "It was formed on 8 December 1985 in Dhaka."

    assert in_its_words(text, ["December 1985", "8 December 1985"]) == "8 December 1985"


def test_a_bare_number_gives_way_to_the_number_with_what_it_counts() -> None:
    assert in_its_words("It has 7 million people.", ["7", "7 million"]) == "7 million"


def test_answers_side_by_side_are_one() -> None:
    text = "They added power windows, power steering and air conditioning."
    answers = ["air conditioning", "power windows", "power steering"]

    assert in_its_words(text, answers) == "power windows, power steering and air conditioning"


def test_a_date_and_a_share_side_by_side_are_not_one() -> None:
    text = "In the last week of February 1974, 20% of the stations had no fuel."

    assert in_its_words(text, ["20%", "last week of February 1974"]) != (
        "last week of February 1974, 20%"
    )


def test_quotation_marks_inside_an_answer_stay_in_pairs() -> None:
    text = 'The "European Council" is composed of Prime Ministers.'

    assert in_its_words(text, ['The "European Council"']) == 'The "European Council"'


def test_half_a_pair_of_brackets_is_dropped() -> None:
    assert in_its_words("It rests on static discs (stators).", ["static discs)"]) == "static discs"


def test_the_sentence_around_an_answer_is_found() -> None:
    text = "It rained. The pump lifts water by a valve. Then it stops."

    assert sentence_with(text, "by a valve") == "The pump lifts water by a valve."


def test_a_sentence_that_leans_on_another_is_no_answer() -> None:
    assert sentence_with("It lifts water by a valve, as said.", "by a valve") is None


def test_words_become_a_sentence_with_markers() -> None:
    assert told("France", [1, 3]) == "France. [1][3]"


def test_a_sentence_keeps_its_own_stop() -> None:
    assert told("Cats sleep.", [2]) == "Cats sleep. [2]"


def test_two_sentences_with_markers_read_back_as_two() -> None:
    assert reads_back("in 1889. [1] in 1898. [3]", 2)


def test_an_abbreviation_at_the_end_of_the_first_does_not_read_back_as_two() -> None:
    assert not reads_back("the U.S. [1] the U.K. [3]", 2)


@pytest.mark.parametrize(
    ("answer", "sort"),
    [
        ("1889", "year"),
        ("8 December 1985", "date"),
        ("30,000", "number"),
        ("four", "number"),
        ("Thomas Savery", "name"),
        ("by a valve", "words"),
    ],
)
def test_an_answer_is_of_a_sort(answer: str, sort: str) -> None:
    assert sort_of(answer) == sort


@pytest.mark.parametrize("answer", ["1889", "8 December 1985", "30,000", "11th", "2.5 %", "four"])
def test_another_answer_is_of_the_same_sort_and_differs(answer: str) -> None:
    for seed in range(20):
        other = another("When?", answer, Names({}), random.Random(seed))

        assert other is not None
        assert other != answer
        assert sort_of(other) == sort_of(answer)


def test_another_century_has_its_own_ending() -> None:
    found = {another("When?", "11th", Names({}), random.Random(seed)) for seed in range(30)}

    assert found == {"9th", "10th", "12th", "13th"}


def test_another_name_answers_the_same_question() -> None:
    names = Names.of(
        [("Who built it?", "James Watt"), ("Where is it?", "New York"), ("Who?", "Ada Byron")]
    )

    assert another("Who ran it?", "Ada Byron", names, random.Random(0)) == "James Watt"


def test_there_is_no_other_for_words() -> None:
    assert another("How?", "by a valve", Names({}), random.Random(0)) is None


def test_a_wrong_marker_names_other_evidence() -> None:
    shown = [evidence(1, "It lies in France."), evidence(2, "It is old.")]

    assert wrong_marker("France. [1]", shown, random.Random(0)) == "France. [2]"


def test_a_marker_of_evidence_that_says_the_same_is_not_wrong() -> None:
    shown = [evidence(1, "It lies in France."), evidence(2, "In France it is old.")]

    assert wrong_marker("France. [1]", shown, random.Random(0)) is None


def test_a_number_is_changed_by_one_and_a_marker_is_not() -> None:
    found = {changed_number("12,000 men. [2]", random.Random(seed)) for seed in range(9)}

    assert found == {"11,999 men. [2]", "12,001 men. [2]"}


def test_instead_of_an_answer_comes_a_wrong_marker_and_a_refusal() -> None:
    shown = [evidence(1, "the cats eat mice."), evidence(2, "the dogs eat bones.")]

    wrong = instead_of_answer("What do cats eat?", "mice. [1]", shown, random.Random(0))

    assert wrong == ("mice. [2]", "not found")


def test_instead_of_a_refusal_comes_the_tempting_answer_with_its_marker() -> None:
    shown = [evidence(1, "Dogs eat bones."), evidence(2, "Cats eat mice.")]

    wrong = instead_of_refusal("What do horses eat?", shown, ["mice"], random.Random(0))

    assert wrong[0] == "mice. [2]"


def test_instead_of_a_refusal_comes_a_number_where_one_is_asked_for() -> None:
    shown = [evidence(1, "The Normans came to Warsaw in 1072.")]

    wrong = instead_of_refusal("When did the Danes come?", shown, (), random.Random(0))

    assert wrong == ("1072. [1]",)
