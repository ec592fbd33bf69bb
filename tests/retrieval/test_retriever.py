"""The retriever finds what is stored at this moment, and says plainly what it cannot do."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreError
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import ChunkingSettings, Fingerprint, SearchMode

Put = Callable[..., None]


class AbsentEmbedder:
    """An embedding model that is known but not installed."""

    def __init__(self, fingerprint: Fingerprint) -> None:
        self.fingerprint = fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        raise NotConfigured("The model is not installed.")

    def embed_question(self, text: str) -> Vectors:
        raise NotConfigured("The model is not installed.")


class FixedReranker:
    """Gives the same scores whatever it is asked."""

    name = "fixed"

    def __init__(self, *scores: float) -> None:
        self._scores = scores

    def rerank(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array(self._scores, np.float32)


@pytest.fixture
def filled(home: Path, store: SqliteStore, put: Put, embedder: Embedder) -> Iterator[Retriever]:
    """A retriever over two documents."""
    put("cats.md", "The cat sleeps in the basket.", title="Cats")
    put("dogs.md", "The dog guards the house.", title="Dogs")
    with open_retriever(home, collection="papers", embedder=embedder) as opened:
        yield opened


def found(retriever: Retriever, question: str, mode: SearchMode = "hybrid") -> list[str]:
    return [passage.document for passage in retriever.search(question, mode=mode)]


@pytest.mark.parametrize("mode", get_args(SearchMode))
def test_the_passage_about_the_question_comes_first(filled: Retriever, mode: SearchMode) -> None:
    assert found(filled, "Where does the cat sleep?", mode)[0] == "cats.md"


def test_a_passage_says_how_it_was_found(filled: Retriever) -> None:
    first = filled.search("cat")[0]

    assert (first.rank, first.title) == (1, "Cats")
    assert first.text == "The cat sleeps in the basket."
    assert first.scores.dense == pytest.approx(1.0)
    assert first.scores.lexical is not None
    assert (first.scores.lexical_rank, first.scores.dense_rank, first.scores.fused_rank) == (
        1,
        1,
        1,
    )
    assert first.score == first.scores.fused == pytest.approx(1.0)


def test_a_search_in_one_mode_has_the_scores_of_that_part_only(filled: Retriever) -> None:
    by_word, by_meaning = filled.search("cat", mode="lexical"), filled.search("cat", mode="dense")

    assert len(by_word) == 1
    assert (by_word[0].scores.dense, by_word[0].scores.fused) == (None, None)
    assert len(by_meaning) == 2
    assert by_meaning[0].scores.lexical is None
    assert by_meaning[0].score == pytest.approx(1.0)


def test_documents_stored_meanwhile_are_found_without_reopening(
    filled: Retriever, put: Put
) -> None:
    assert "horses.md" not in found(filled, "horse")

    put("horses.md", "A horse eats hay.")

    assert found(filled, "horse")[0] == "horses.md"
    assert found(filled, "horse", "dense")[0] == "horses.md"


def test_documents_removed_meanwhile_are_not_found(filled: Retriever, store: SqliteStore) -> None:
    assert "cats.md" in found(filled, "cat")

    store.delete_file("papers", Path("/docs/cats.md"))

    assert found(filled, "cat") == ["dogs.md"]


@pytest.mark.parametrize("question", ["", " ", "\n\t"])
def test_a_blank_question_is_refused(filled: Retriever, question: str) -> None:
    with pytest.raises(ValueError, match=r"The question is blank\."):
        filled.search(question)


@pytest.mark.parametrize("k", [0, -1])
def test_fewer_than_one_passage_cannot_be_asked_for(filled: Retriever, k: int) -> None:
    with pytest.raises(ValueError, match=f"k is {k}; it must be a whole number of at least 1"):
        filled.search("cat", k)


def test_k_is_the_most_passages(filled: Retriever) -> None:
    assert len(filled.search("the cat and the dog", k=1)) == 1
    assert len(filled.search("the cat and the dog", k=100)) == 2


def test_a_question_of_punctuation_finds_nothing_by_words(filled: Retriever) -> None:
    assert found(filled, '?! "*" (NOT', "lexical") == []


def test_a_collection_that_is_missing_is_named_with_those_there_are(
    filled: Retriever, home: Path, embedder: Embedder
) -> None:
    with pytest.raises(NotConfigured, match=r"no collection 'books' \(there is: papers\)"):
        open_retriever(home, collection="books", embedder=embedder)


def test_a_collection_deleted_meanwhile_is_missed(filled: Retriever, store: SqliteStore) -> None:
    store.delete_collection("papers")

    with pytest.raises(NotConfigured, match="no collection 'papers'"):
        filled.search("cat")


@pytest.mark.parametrize("mode", ["dense", "hybrid"])
def test_a_collection_made_again_with_another_model_is_refused(
    filled: Retriever, store: SqliteStore, embedder: Embedder, mode: SearchMode
) -> None:
    found(filled, "cat", mode)
    store.delete_collection("papers")
    store.create_collection(
        "papers", replace(embedder.fingerprint, model="other", dimension=8), ChunkingSettings()
    )

    with pytest.raises(StoreError, match=r"embedded with other \(fp32, weights 00000000\), but"):
        filled.search("cat", mode=mode)


@pytest.mark.parametrize("scores", [(1.0,), (1.0, 2.0, 3.0), (1.0, float("nan"))])
def test_scores_of_a_reranker_that_are_no_order_are_refused(
    filled: Retriever, home: Path, embedder: Embedder, scores: tuple[float, ...]
) -> None:
    reranker = FixedReranker(*scores)
    with (
        open_retriever(
            home, collection="papers", embedder=embedder, reranker=reranker
        ) as retriever,
        pytest.raises(ConfigError, match="'fixed' gave no finite number for each of 2 passages"),
    ):
        retriever.search("cat")


def test_a_collection_of_another_embedding_model_is_refused(
    filled: Retriever, home: Path, embedder: Embedder
) -> None:
    other = AbsentEmbedder(replace(embedder.fingerprint, model="plants", revision="1" * 64))

    with pytest.raises(StoreError, match=r"embedded with animals .* settings name plants"):
        open_retriever(home, collection="papers", embedder=other)


def test_a_search_by_words_needs_no_embedding_model(filled: Retriever, home: Path) -> None:
    absent = AbsentEmbedder(filled.embedder.fingerprint)

    with open_retriever(home, collection="papers", embedder=absent) as retriever:
        result = retriever.search("cat", mode="lexical")

    assert [passage.document for passage in result] == ["cats.md"]
    assert result.notices == ()


def test_a_hybrid_search_without_its_model_goes_on_by_words_and_says_so(
    filled: Retriever, home: Path
) -> None:
    absent = AbsentEmbedder(filled.embedder.fingerprint)

    with open_retriever(home, collection="papers", embedder=absent) as retriever:
        result = retriever.search("cat")

    assert [passage.document for passage in result] == ["cats.md"]
    assert result.notices == ("Searched by words alone: The model is not installed.",)


def test_a_search_by_meaning_without_its_model_is_refused(filled: Retriever, home: Path) -> None:
    absent = AbsentEmbedder(filled.embedder.fingerprint)

    with (
        open_retriever(home, collection="papers", embedder=absent) as retriever,
        pytest.raises(NotConfigured, match="model is not installed"),
    ):
        retriever.search("cat", mode="dense")


def test_an_empty_collection_finds_nothing(
    home: Path, store: SqliteStore, embedder: Embedder
) -> None:
    with open_retriever(home, collection="papers", embedder=embedder) as retriever:
        assert found(retriever, "cat") == []
        assert retriever.rarity(["cat"]) == {"cat": 1.0}


def test_rarity_runs_from_common_to_unheard_of(filled: Retriever, put: Put) -> None:
    put("more.md", "cat one", "cat two", "cat three", "cat dog")

    rarity = filled.rarity(["cat", "dog", "unicorn"])

    assert 0 < rarity["cat"] < rarity["dog"] < rarity["unicorn"] == 1.0


def test_two_threads_find_the_same_as_one(filled: Retriever, put: Put) -> None:
    def ask(number: int) -> list[str]:
        if number % 10 == 0:
            put(f"horse{number}.md", f"A horse of {number} hands.")
        return found(filled, "cat" if number % 2 else "dog")[:1]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(ask, range(40)))

    assert answers == [["cats.md"] if number % 2 else ["dogs.md"] for number in range(40)]


def test_documents_and_their_files_are_given_by_name(filled: Retriever) -> None:
    assert filled.document("cats.md").text == "The cat sleeps in the basket."
    assert filled.path_of("cats.md") == Path("/docs/cats.md")
    assert filled.collection.documents == 2
    with pytest.raises(NotConfigured, match=r"no document 'birds\.md'"):
        filled.document("birds.md")


def test_closing_twice_is_harmless(filled: Retriever) -> None:
    filled.close()
    filled.close()

    with pytest.raises(StoreError, match="closed"):
        filled.search("cat")


def test_a_store_is_opened_by_the_url_of_its_folder(
    filled: Retriever, home: Path, embedder: Embedder
) -> None:
    with open_retriever(home.as_uri(), collection="papers", embedder=embedder) as again:
        assert again.collection == filled.collection


def test_a_url_of_another_kind_is_refused(embedder: Embedder) -> None:
    with pytest.raises(ConfigError, match=r"postgresql://db/papers is no place of a store"):
        open_retriever("postgresql://db/papers", embedder=embedder)


def test_a_search_can_be_awaited(filled: Retriever) -> None:
    assert asyncio.run(filled.asearch("cats", 1)) == filled.search("cats", 1)


def test_a_filter_that_keeps_nothing_is_named_with_what_may_have_been_meant(
    filled: Retriever,
) -> None:
    result = filled.search("cat", where="tga = pets")

    assert len(result) == 0
    assert result.notices == (
        "The filter keeps nothing: tga = pets",
        "No document has 'tga'. Did you mean 'tag'?",
    )


def test_nothing_is_said_of_a_filter_that_keeps_something(filled: Retriever) -> None:
    assert filled.search("zebra", mode="lexical", where="document = cats.md").notices == ()


def test_a_document_that_is_misspelt_is_told_with_the_one_meant(filled: Retriever) -> None:
    with pytest.raises(NotConfigured, match=r"no document 'cast\.md'.* Did you mean 'cats\.md'\?"):
        filled.document("cast.md")


def test_a_document_that_may_not_be_seen_is_never_proposed(
    filled: Retriever, store: SqliteStore
) -> None:
    store.mark("papers", "label", ["cats.md"], ["vet"], [])

    with pytest.raises(NotConfigured) as refused:
        filled.document("cast.md")

    assert "cats.md" not in str(refused.value)
