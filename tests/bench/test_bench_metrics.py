"""The figures of the benchmarks are what they say they are."""

import math

import numpy as np
import pytest

from bench.metrics import (
    area_under_curve,
    contains_answer,
    estimate,
    gold_spans,
    overlaps,
    percentile,
)
from bench.questions import GoldQuestion
from bench.replies import Cited, Reply, judge, summarise
from citewell.retrieval.values import Chunk, Document, Passage, Scores

TOWER = Document("tower.md", "Tower", "The tower is 330 metres tall. It was built in 1889.")


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


def _question(answerable: bool = True) -> GoldQuestion:
    if not answerable:
        return GoldQuestion("q2", "Who sold it?", (), frozenset(), (), False)
    passage = "The tower is 330 metres tall."
    names = frozenset({"tower.md"})
    return GoldQuestion("q1", "How tall is it?", ("330 metres",), names, (passage,), True)


def _passage(rank: int, document: str) -> Passage:
    return Passage(rank, Chunk(document, 0, 4, "Text"), "Title", 1.0, Scores())


def test_a_reply_is_right_when_it_holds_the_answer_and_cites_where_it_stands() -> None:
    cited = (Cited("tower.md", 4, 29), Cited("tower.md", 30, 51))
    sources = (_passage(1, "other.md"), _passage(2, "tower.md"))
    reply = Reply("It is 330 metres tall.", "generated", cited, sources, 1.5)

    found = judge(_question(), reply, lambda name: TOWER)

    assert found.correct
    assert found.found == 2
    assert found.on_gold == (True, False)
    assert found.holding == (True, False)


def test_a_citation_of_another_document_is_not_on_gold() -> None:
    reply = Reply("330 metres", "extractive", (Cited("other.md", 0, 29),), (), 1.0)

    found = judge(_question(), reply, lambda name: TOWER)

    assert found.on_gold == (False,)
    assert found.found == 0


def test_declining_counts_against_answerable_questions_and_for_the_others() -> None:
    sources = (_passage(1, "tower.md"),)
    declined = Reply("", "abstained", (), sources, 1.0)
    said = Reply("330 metres", "generated", (Cited("tower.md", 0, 29),), sources, 3.0)
    judged = [
        judge(question, reply, lambda name: TOWER)
        for question, reply in [
            (_question(), said),
            (_question(), declined),
            (_question(answerable=False), declined),
            (_question(answerable=False), declined),
        ]
    ]

    table = {name: (each.value, each.count) for name, each in summarise(judged).items()}

    assert table["hit@1"] == (1.0, 2)
    assert table["answer holds a gold answer"] == (0.5, 2)
    assert table["citations on a gold passage"] == (1.0, 1)
    assert table["abstained, unanswerable"] == (1.0, 2)
    assert table["abstained, answerable (false)"] == (0.5, 2)
    assert table["generated, of answers"] == (1.0, 1)
    assert table["seconds, median"] == (1.0, 4)
