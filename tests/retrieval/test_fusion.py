"""Two ranked lists become one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.retrieval.fusion import fuse
from citewell.retrieval.values import Scores


def test_scores_are_joined_in_standard_deviations_from_their_means() -> None:
    found = fuse("hybrid", [(1, 9.0), (2, 3.0)], [(2, 0.8), (3, 0.4)], 100)

    # By words 9, 3 and 0: mean 4, deviation sqrt(14); by meaning 0.4, 0.8 and 0.4.
    words = [(score - 4) / math.sqrt(14) for score in (9, 3, 0)]
    meaning = [-1 / math.sqrt(2), math.sqrt(2), -1 / math.sqrt(2)]
    joined = [(words[place] + meaning[place]) / 2 for place in (1, 0, 2)]
    assert [item.key for item in found] == [2, 1, 3]
    assert [item.score for item in found] == pytest.approx(joined)
    assert found[0].score == pytest.approx(0.5734, abs=1e-4)


def test_what_a_full_list_left_out_counts_as_its_last() -> None:
    full = fuse("hybrid", [(1, 9.0), (2, 7.0)], [(1, 0.5), (3, 0.5)], 2)
    open_ended = fuse("hybrid", [(1, 9.0), (2, 7.0)], [(1, 0.5), (3, 0.5)], 3)

    assert [item.score for item in full][1:] == [full[1].score] * 2
    assert open_ended[1].score > open_ended[2].score


def test_the_scores_say_what_found_a_chunk_and_where() -> None:
    both, words_only, meaning_only = fuse("hybrid", [(1, 9.0), (2, 6.0)], [(1, 0.8), (3, 0.2)], 9)

    assert both.scores == Scores(9.0, 0.8, both.score, None, 1, 1, 1)
    assert words_only.scores == Scores(6.0, None, words_only.score, None, 2, None, 2)
    assert meaning_only.scores == Scores(None, 0.2, meaning_only.score, None, None, 2, 3)


def test_a_tie_goes_to_the_chunk_stored_first() -> None:
    assert [item.key for item in fuse("hybrid", [], [(7, 0.5), (3, 0.5)], 9)] == [3, 7]
    assert [item.key for item in fuse("lexical", [(9, 2.0), (4, 2.0)], [], 9)] == [4, 9]


def test_no_digit_of_a_score_depends_on_keys() -> None:
    scores = [10 / (3 + place) for place in range(100)]

    def fused(apart: int) -> list[float]:
        hits = [(7 + apart * place, score) for place, score in enumerate(scores)]
        return [item.score for item in fuse("hybrid", hits, hits[::2], 100)]

    assert fused(apart=1) == fused(apart=37)


def test_one_part_alone_keeps_its_own_scores() -> None:
    words = fuse("lexical", [(1, 9.0), (2, 3.0)], [], 9)
    meaning = fuse("dense", [], [(2, 0.8), (1, -0.1)], 9)

    assert [(item.key, item.score) for item in words] == [(1, 9.0), (2, 3.0)]
    assert words[0].scores == Scores(lexical=9.0, lexical_rank=1)
    assert [(item.key, item.score) for item in meaning] == [(2, 0.8), (1, -0.1)]


def test_where_no_word_is_found_meaning_alone_decides() -> None:
    assert [item.key for item in fuse("hybrid", [], [(5, 0.9), (2, 0.1)], 9)] == [5, 2]
    assert fuse("hybrid", [], [], 9) == []


@given(st.lists(st.integers(0, 20), unique=True), st.lists(st.integers(0, 20), unique=True))
def test_every_chunk_comes_once_with_falling_scores(one: list[int], other: list[int]) -> None:
    found = fuse("hybrid", [(key, 1.0) for key in one], [(key, 1.0) for key in other], 100)

    assert {item.key for item in found} == {*one, *other}
    assert len(found) == len({*one, *other})
    assert [item.score for item in found] == sorted((i.score for i in found), reverse=True)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=9), st.floats(0.1, 50), st.floats(-9, 9))
def test_the_scale_of_a_list_does_not_matter(
    cosines: list[float], factor: float, shift: float
) -> None:
    words = [(key, float(len(cosines) - key)) for key in range(len(cosines))]
    meaning = sorted(enumerate(cosines), key=lambda hit: -hit[1])
    scaled = [(key, cosine * factor + shift) for key, cosine in meaning]

    plain = {item.key: item.score for item in fuse("hybrid", words, meaning, 99)}
    other = {item.key: item.score for item in fuse("hybrid", words, scaled, 99)}

    if max(cosines) - min(cosines) > 1e-3:
        assert other == pytest.approx(plain, abs=1e-6)
    else:
        assert plain.keys() == other.keys()
