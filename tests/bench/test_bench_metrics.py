"""The figures of the benchmarks are what they say they are."""

import math

import numpy as np
import pytest

from bench.metrics import area_under_curve, gold_spans, mean_over, overlaps
from citewell.app.tuning.intervals import estimate, percentile
from citewell.app.tuning.matching import contains_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It was the Eiffel Tower.", "eiffel tower"),
        ("Built by a man called Gustave.", "The Gustave"),
        ("He paid 1889 francs", "1889"),
    ],
)
def test_an_answer_is_found_whatever_its_case_articles_and_marks(text: str, answer: str) -> None:
    assert contains_answer(text, ["nothing of it", answer])


def test_part_of_a_word_is_no_answer() -> None:
    assert not contains_answer("It was built in 18890.", ["1889"])


def test_an_answer_of_articles_alone_is_in_no_text() -> None:
    assert not contains_answer("The tower", ["the"])


def test_an_estimate_of_equal_values_has_no_width() -> None:
    found = estimate([1.0, 1.0, 1.0, 1.0])

    assert (found.value, found.low, found.high, found.count) == (1.0, 1.0, 1.0, 4)


def test_an_interval_holds_the_mean_and_stays_within_the_values() -> None:
    found = estimate([0.0, 0.0, 0.0, 1.0])

    assert found.value == 0.25
    assert 0.0 <= found.low < 0.25 < found.high <= 1.0


def test_an_estimate_of_nothing_is_not_a_number() -> None:
    found = estimate([])

    assert math.isnan(found.value)
    assert str(found) == "- (n = 0)"


def test_a_mean_over_groups_weighs_them_alike_whatever_their_size() -> None:
    found = mean_over([[1.0, 1.0, 1.0], [], [0.0]])

    assert (found.value, found.low, found.high, found.count) == (0.5, 0.5, 0.5, 4)


def test_the_median_of_an_even_count_lies_between_its_middle_values() -> None:
    assert percentile(0.5)(np.array([1.0, 2.0, 4.0, 100.0])) == 3.0


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert not overlaps((0, 5), [(5, 9)])


def test_spans_with_one_character_in_common_overlap() -> None:
    assert overlaps((0, 6), [(5, 9)])


def test_a_row_of_a_table_is_found_with_and_without_its_bars() -> None:
    assert gold_spans(["PaLM | 2022 | 540"], "Models\nPaLM 2022 540\n") == [(7, 20)]
    assert gold_spans(["PaLM | 2022"], "| Model | Year |\n| PaLM | 2022 |") == [(19, 30)]


def test_a_passage_that_is_not_there_has_no_span() -> None:
    assert gold_spans(["Bonn"], "Paris") == []


def test_the_area_under_the_curve_counts_pairs_in_order_and_half_of_the_ties() -> None:
    # Of the four pairs three are in order and one is tied.
    assert area_under_curve([0.9, 0.5, 0.5, 0.1], [True, False, True, False]) == 0.875
    assert area_under_curve([0.1, 0.9], [True, False]) == 0.0
