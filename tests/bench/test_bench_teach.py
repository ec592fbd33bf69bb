"""What the reader is taught: where answers stand, made questions, and the losses."""

import random

import numpy as np
import pytest
import torch

from bench.teach_examples import Example, answer_spans
from bench.teach_losses import losses
from bench.teach_model import Dropout, Read
from bench.teach_swaps import Pool, swapped
from citewell.app.reading.pairs import Window

PASSAGE = "The tower was built in 1889. It was painted red in 1907."


def example(units: list[int], holds: list[bool]) -> Example:
    """With no text: only its units and what they hold count here."""
    window = Window(np.zeros(3, np.int32), 1, 2, (), np.zeros(0, np.int32))
    return Example(window, np.array(units), np.array(holds), ())


def read(units: list[list[float]], answers: list[float]) -> Read:
    """Log-odds of units and of windows, of two tokens each."""
    tokens = torch.zeros(len(answers), 2)
    return Read(torch.tensor(units), torch.tensor(answers), tokens, tokens)


def test_answers_are_found_as_whole_words_whatever_stands_between_them() -> None:
    text = "Dr. Ann-Marie Lee; ann marie lee. Ann Marie Leeds"

    assert answer_spans(text, ["Ann Marie Lee", "!"]) == [(4, 17), (19, 32)]


def test_a_year_is_exchanged_for_another_year_of_the_passage() -> None:
    found = swapped("What was built in 1889?", PASSAGE, ["The tower"], Pool([]), random.Random(0))

    assert found == [
        "What was built in 1907?",
        "What was not built in 1889?",
    ]


def test_a_name_typed_in_small_letters_stays_small() -> None:
    pool = Pool(["We saw Anna."])

    found = swapped("when did otto paint it", "Then came Otto.", [], pool, random.Random(0))

    assert found == ["when did anna paint it"]


def test_an_accepted_answer_is_never_put_into_the_question() -> None:
    found = swapped("What came in 1889?", PASSAGE, ["1907"], Pool([]), random.Random(0))

    assert found == []


def test_of_two_places_where_the_answer_stands_one_is_enough() -> None:
    given = read([[0.0, 9.0]], [0.0])

    found = losses(given, [[example([0, 1], [True, True])]])

    assert float(found.units) == pytest.approx(0.000123, abs=1e-5)


def test_units_are_ranked_over_all_passages_of_a_question() -> None:
    given = read([[1.0, 0.0], [3.0, 0.0]], [0.0, 0.0])

    found = losses(given, [[example([0], [True]), example([0], [False])]])

    # log(e^1 + e^3) - 1
    assert float(found.ranking) == pytest.approx(2.126928)
    assert float(found.answers) == pytest.approx(0.693147)


def test_questions_without_an_answer_rank_nothing() -> None:
    found = losses(read([[1.0]], [0.0]), [[example([0], [False])]])

    assert float(found.ranking) == 0.0


def test_dropout_leaves_out_the_same_numbers_for_the_same_seed() -> None:
    values = torch.ones(1000)

    first, again, other = (Dropout(0.1, seed)(values) for seed in (1, 1, 2))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert 50 < int((first == 0).sum()) < 150
    assert float(first.max()) == pytest.approx(1 / 0.9)
