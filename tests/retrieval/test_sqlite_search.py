"""The store finds chunks by their words and by their keys, with their vectors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Document,
)

Put = Callable[..., None]

A = SourceFile(Path("/docs/a.md"), "a" * 64, "markdown-1")


def test_a_chunk_comes_back_as_it_was_stored(store: SqliteStore, embedder: Embedder) -> None:
    chunk = Chunk("a.md", 4, 9, "a cat", 2, 3, ("One", 'Two, "three"'))
    document = Document("a.md", "About cats", "See a cat")
    vectors = embedder.embed_passages(["a cat"])
    store.replace_file("papers", A, [EmbeddedDocument(document, [chunk], vectors)])

    (found,) = store.chunks("papers", [1])

    assert found.chunk == chunk
    assert found.title == "About cats"
    assert found.key == 1


def test_chunks_come_in_the_order_asked_without_those_that_are_gone(
    store: SqliteStore, put: Put
) -> None:
    put("a.md", "one", "two", "three")

    found = store.chunks("papers", [3, 99, 1])

    assert [(each.key, each.chunk.text) for each in found] == [(3, "three"), (1, "one")]


def test_chunks_of_another_collection_are_not_given_out(
    store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "one")
    store.create_collection("letters", embedder.fingerprint, ChunkingSettings())

    assert store.chunks("letters", [1]) == []
    assert list(store.vectors("letters", [1])) == []
    assert store.search_text("letters", ["one"], 5) == []


def test_words_are_found_in_any_inflection_case_and_accent(store: SqliteStore, put: Put) -> None:
    put("a.md", "The CATS of Zürich")
    put("b.md", "A dog")

    assert [key for key, _ in store.search_text("papers", ["cat"], 5)] == [1]
    assert [key for key, _ in store.search_text("papers", ["zurich"], 5)] == [1]


def test_a_chunk_with_more_of_the_words_is_better_and_scores_are_positive(
    store: SqliteStore, put: Put
) -> None:
    put("a.md", "a cat here", "a cat and a dog", "a horse there", "neither of them")

    found = store.search_text("papers", ["cat", "dog"], 5)

    assert [key for key, _ in found] == [2, 1]
    assert found[0][1] > found[1][1] > 0


def test_a_word_in_the_title_is_worth_more_than_one_in_the_text(
    store: SqliteStore, put: Put
) -> None:
    put("a.md", "all about cats", title="Dogs")
    put("b.md", "all about dogs", title="Cats")

    assert [key for key, _ in store.search_text("papers", ["cat"], 5)] == [2, 1]


def test_no_more_chunks_are_found_than_asked_for(store: SqliteStore, put: Put) -> None:
    put("a.md", "one cat", "two cats", "three cats")

    assert [key for key, _ in store.search_text("papers", ["cat"], 2)] == [1, 2]


@pytest.mark.parametrize(
    "words",
    [
        [],
        [""],
        ["   "],
        ["!!!", "--", "'"],
        ['"', '""', 'a"b'],
        ["AND", "OR", "NOT", "NEAR(a b)"],
        ["title:cat", "{title text}:x", "^x", "x*", "a+b", "-x", "(", ")"],
        ["\0", "a\0b"],
        ["\U0001f600", "\U0001f468‍\U0001f469"],
        ["\ud800"],
        ["x" * 100_000],
        [f"w{number}" for number in range(20_000)],
        ["'; DROP TABLE chunks; --"],
    ],
    ids=lambda words: ascii(words)[:30],
)
def test_no_question_is_an_error(store: SqliteStore, put: Put, words: list[str]) -> None:
    put("a.md", "something else")

    assert store.search_text("papers", words, 5) == []
    assert set(store.word_counts("papers", words[:20]).values()) <= {0}


def test_a_word_with_operators_in_it_is_found_as_text(store: SqliteStore, put: Put) -> None:
    put("a.md", 'It said "NOT here" AND (a-b)*')

    assert [key for key, _ in store.search_text("papers", ["a-b"], 5)] == [1]
    assert [key for key, _ in store.search_text("papers", ['"NOT here"'], 5)] == [1]


def test_word_counts_are_of_chunks_in_any_inflection(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat and a cat", "many cats", "a dog")

    assert store.word_counts("papers", ["cats", "dog", "cow", ""]) == {
        "cats": 2,
        "dog": 1,
        "cow": 0,
        "": 0,
    }


def test_vectors_come_by_rising_key_and_exactly_as_stored(
    store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog", "a horse")

    found = list(store.vectors("papers"))

    assert [key for key, _ in found] == [1, 2, 3]
    expected = embedder.embed_passages(["a cat", "a dog", "a horse"])
    assert np.array_equal(np.stack([vector for _, vector in found]), expected)
    assert {vector.dtype for _, vector in found} == {np.dtype("float32")}


def test_vectors_of_some_keys_come_by_rising_key_without_those_that_are_gone(
    store: SqliteStore, put: Put
) -> None:
    put("a.md", "a cat", "a dog", "a horse")

    assert [key for key, _ in store.vectors("papers", [3, 99, 1])] == [1, 3]


def test_more_vectors_than_one_batch_come_all(store: SqliteStore, put: Put) -> None:
    put("a.md", *[f"line {number}" for number in range(2_100)])
    keys = list(range(1, 2_101))

    assert [key for key, _ in store.vectors("papers")] == keys
    assert [key for key, _ in store.vectors("papers", keys)] == keys


def test_a_reader_half_way_through_the_vectors_holds_up_no_writer(
    store: SqliteStore, put: Put
) -> None:
    put("a.md", *[f"line {number}" for number in range(1_500)])
    reading = store.vectors("papers")
    next(reading)

    put("a.md", "a cat")

    assert store.chunk_keys("papers") == {1_501}
    assert [key for key, _ in reading][-1] == 1_501
