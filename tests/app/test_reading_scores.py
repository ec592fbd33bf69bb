"""The numbers of tokens become log-odds of units, and the words that answer."""

import numpy as np
import pytest

from citewell.app.reading.pairs import Window
from citewell.app.reading.scores import NO_WORDS, Columns, Mix, best_span, read_units, reading_of

MIX = Mix(unit_base=-2.0, value=1.0, start=0.5, end=0.25, passage_base=-1.0, units=2.0)


def window(units: list[int]) -> Window:
    """With two tokens before the text, each token of which is ten characters long."""
    return Window(
        ids=np.zeros(2 + len(units) + 1, np.int32),
        second=1,
        first=2,
        offsets=tuple((10 * i, 10 * i + 10) for i in range(len(units))),
        units=np.array(units, np.int32),
    )


def columns(start: list[float], end: list[float], value: list[float]) -> Columns:
    """For tokens of the text; those of the tokens around it are 0."""
    numbers = np.array([[0.0, 0.0, *each, 0.0] for each in (start, end, value)], np.float32)
    begin, finish, says = numbers
    gate, whole = np.zeros_like(begin), np.full_like(begin, 3.0)
    return Columns(begin, finish, says, gate, whole)


def test_a_unit_is_scored_by_its_own_tokens() -> None:
    given = columns([0.0, 4.0, 0.0], [0.0, 0.0, 8.0], [1.0, 3.0, 5.0])

    found = read_units(window([0, 1, 1]), given, MIX)

    # unit 0: -2 + 1; unit 1: -2 + (3 + 5) / 2 + log(e^4 + 1) / 2 + log(1 + e^8) / 4
    assert found[0].score == pytest.approx(-1.0)
    assert found[1].score == pytest.approx(2.0 + 4.01815 / 2 + 8.000335 / 4, abs=1e-4)


def test_the_span_of_a_unit_is_in_characters_of_the_passage() -> None:
    given = columns([0.0, 4.0, 0.0], [0.0, 0.0, 8.0], [0.0, 0.0, 0.0])

    found = read_units(window([0, 1, 1]), given, MIX)

    assert found[1].span == (10, 30)
    assert found[1].span_score == pytest.approx(12.0)


def test_a_span_never_ends_before_it_begins() -> None:
    start, end = np.array([0.0, 0.0, 9.0], np.float32), np.array([9.0, 1.0, 0.0], np.float32)

    span, score = best_span(start, end)

    assert span == (0, 0)
    assert score == 9.0


def test_a_unit_in_two_windows_has_the_better_reading() -> None:
    low, high = columns([0.0], [0.0], [1.0]), columns([0.0], [0.0], [6.0])

    found = reading_of(1, [(window([0]), low), (window([0]), high)], MIX)

    assert found.units[0].score == pytest.approx(4.0)


def test_a_passage_answers_as_well_as_its_units_and_its_whole_say() -> None:
    found = reading_of(1, [(window([0]), columns([0.0], [0.0], [6.0]))], MIX)

    assert found.answers == pytest.approx(-1.0 + 3.0 + 2.0 * 4.0)


def test_a_unit_without_words_holds_nothing() -> None:
    found = reading_of(2, [(window([0]), columns([0.0], [0.0], [6.0]))], MIX)

    assert found.units[1] == NO_WORDS


def test_a_passage_without_units_can_be_read() -> None:
    found = reading_of(0, [(window([]), columns([], [], []))], MIX)

    assert found.units == ()
    assert found.answers < -30
