"""Two rankings become one list of passages, without repeats and not all from one document."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.retrieval.search import (
    CANDIDATES,
    MOST_QUESTION_WORDS,
    Ranked,
    fuse,
    lexical,
    select,
)
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import StoredChunk
from citewell.retrieval.values import Chunk, Scores

Put = Callable[..., None]


def ranked(*keys: int) -> list[Ranked]:
    """Keys best first, with scores 1, 1/2, 1/3 ..."""
    return [Ranked(key, 1 / place, Scores()) for place, key in enumerate(keys, 1)]


def stored(key: int, document: str = "", text: str = "") -> StoredChunk:
    text = text or f"word{key} thing{key}"
    return StoredChunk(key, Chunk(document or f"{key}.md", 0, len(text), text), f"Title {key}")


def keys_of(chosen: list[Ranked], chunks: list[StoredChunk], k: int) -> list[str]:
    return [passage.title.removeprefix("Title ") for passage in select(chosen, chunks, k)]


def test_reciprocal_ranks_are_added_with_the_constant_60() -> None:
    found = fuse("hybrid", [(1, 9.0), (2, 3.0)], [(2, 0.8), (3, 0.7)])

    assert [(item.key, item.score) for item in found] == [
        (2, 1 / 62 + 1 / 61),
        (1, 1 / 61),
        (3, 1 / 62),
    ]
    assert found[0].score == pytest.approx(0.0325225)


def test_the_scores_say_which_part_found_a_chunk() -> None:
    both, words_only, meaning_only = fuse("hybrid", [(1, 9.0), (2, 3.0)], [(1, 0.8), (3, 0.7)])

    assert both.scores == Scores(lexical=9.0, dense=0.8, fused=2 / 61)
    assert words_only.scores == Scores(lexical=3.0, dense=None, fused=1 / 62)
    assert meaning_only.scores == Scores(lexical=None, dense=0.7, fused=1 / 62)


def test_a_tie_goes_to_the_chunk_stored_first() -> None:
    assert [item.key for item in fuse("hybrid", [(7, 2.0)], [(3, 0.5)])] == [3, 7]
    assert [item.key for item in fuse("lexical", [(9, 2.0), (4, 2.0)], [])] == [4, 9]


def test_one_part_alone_keeps_its_own_scores() -> None:
    words = fuse("lexical", [(1, 9.0), (2, 3.0)], [])
    meaning = fuse("dense", [], [(2, 0.8), (1, -0.1)])

    assert [(item.key, item.score) for item in words] == [(1, 9.0), (2, 3.0)]
    assert words[0].scores == Scores(lexical=9.0)
    assert [(item.key, item.score) for item in meaning] == [(2, 0.8), (1, -0.1)]


@given(st.lists(st.integers(0, 20), unique=True), st.lists(st.integers(0, 20), unique=True))
def test_every_chunk_comes_once_with_falling_scores(one: list[int], other: list[int]) -> None:
    found = fuse("hybrid", [(key, 1.0) for key in one], [(key, 1.0) for key in other])

    assert {item.key for item in found} == {*one, *other}
    assert len(found) == len({*one, *other})
    assert [item.score for item in found] == sorted((i.score for i in found), reverse=True)


def test_the_best_come_first_with_ranks_from_one() -> None:
    found = select(ranked(2, 1, 3), [stored(1), stored(2), stored(3)], 2)

    assert [(passage.rank, passage.title, passage.score) for passage in found] == [
        (1, "Title 2", 1.0),
        (2, "Title 1", 0.5),
    ]


def test_asking_for_more_than_there_is_gives_all() -> None:
    assert keys_of(ranked(2, 1), [stored(1), stored(2)], 100) == ["2", "1"]
    assert select([], [], 5) == ()


def test_a_chunk_that_is_gone_meanwhile_is_left_out() -> None:
    assert keys_of(ranked(1, 2, 3), [stored(1), stored(3)], 5) == ["1", "3"]


def test_near_duplicates_of_a_better_chunk_are_held_back() -> None:
    text = "a b c d e f g h i j k l m n o p q r s"  # 19 words
    chunks = [
        stored(1, text=text),
        stored(2, text=f"{text.upper()}!"),
        stored(3, text=f"{text} other words"),  # 19 of 21: 0.905
        stored(4, text=f"{text} three other words"),  # 19 of 22: 0.864
    ]

    assert keys_of(ranked(1, 2, 3, 4), chunks, 5) == ["1", "4"]


def test_short_texts_are_repeats_only_when_they_are_the_same() -> None:
    texts = ("Hello World", "Hello, world!", "Hello  World")
    chunks = [stored(key, text=text) for key, text in enumerate(texts, 1)]

    assert keys_of(ranked(1, 2, 3), chunks, 5) == ["1", "2"]


def test_one_document_gives_at_most_three_fifths_when_others_fill_the_list() -> None:
    chunks = [stored(key, "a.md") for key in range(1, 6)] + [stored(6), stored(7), stored(8)]

    assert keys_of(ranked(1, 2, 3, 4, 5, 6, 7, 8), chunks, 5) == ["1", "2", "3", "6", "7"]


def test_one_document_fills_what_the_others_do_not() -> None:
    chunks = [stored(key, "a.md") for key in range(1, 6)] + [stored(6)]

    assert keys_of(ranked(1, 2, 3, 4, 6, 5), chunks, 5) == ["1", "2", "3", "4", "6"]


@pytest.mark.parametrize(("k", "expected"), [(1, ["1"]), (2, ["1", "2"]), (3, ["1", "2", "4"])])
def test_a_short_list_may_hold_two_of_one_document(k: int, expected: list[str]) -> None:
    chunks = [stored(1, "a.md"), stored(2, "a.md"), stored(3, "a.md"), stored(4)]

    assert keys_of(ranked(1, 2, 3, 4), chunks, k) == expected


def test_only_the_first_words_of_a_long_question_are_searched(store: SqliteStore, put: Put) -> None:
    put("a.md", "needle")
    before = " ".join(f"w{number}" for number in range(MOST_QUESTION_WORDS - 1))

    assert len(lexical(store, "papers", f"{before} needle")) == 1
    assert lexical(store, "papers", f"{before} extra needle") == []


def test_words_without_content_do_not_find_chunks(store: SqliteStore, put: Put) -> None:
    put("a.md", "the cat and the dog")

    assert len(lexical(store, "papers", "what is the cat?")) == 1
    assert lexical(store, "papers", "what is the horse?") == []
    assert len(lexical(store, "papers", "the and")) == 1


def test_each_part_gives_at_most_so_many_candidates(store: SqliteStore, put: Put) -> None:
    put("a.md", *(f"cat number{number}" for number in range(CANDIDATES + 5)))

    assert len(lexical(store, "papers", "cat")) == CANDIDATES
