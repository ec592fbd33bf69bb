"""Searches can be awaited: many at once, beside other work, and given up."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import SearchResult

Put = Callable[..., None]
QUESTIONS = ("Where does the cat sleep?", "What guards the house?", "horse", "cat and dog")


class HeldEmbedder:
    """Embeds a question once it is let go; until then whoever asks waits.

    Attributes:
        asked: Set once a question waits.
        let_go: Questions wait until it is set.
    """

    def __init__(self, embedder: Embedder) -> None:
        self.fingerprint = embedder.fingerprint
        self._embedder = embedder
        self.asked = threading.Event()
        self.let_go = threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        self.asked.set()
        assert self.let_go.wait(30), "Nothing else ran while a search was awaited."
        return self._embedder.embed_question(text)


@pytest.fixture
def held(embedder: Embedder) -> Iterator[HeldEmbedder]:
    """An embedding model that waits to be let go; in the end it is."""
    made = HeldEmbedder(embedder)
    yield made
    made.let_go.set()


@pytest.fixture
def stored(home: Path, store: SqliteStore, put: Put) -> Path:
    """The home folder of a store of two documents."""
    put("cats.md", "The cat sleeps in the basket.", title="Cats")
    put("dogs.md", "The dog guards the house.", title="Dogs")
    return home


@pytest.fixture
def retriever(stored: Path, embedder: Embedder) -> Iterator[Retriever]:
    """A retriever over the two documents."""
    with open_retriever(stored, collection="papers", embedder=embedder) as opened:
        yield opened


@pytest.fixture
def waiting(stored: Path, held: HeldEmbedder) -> Iterator[Retriever]:
    """A retriever whose searches wait for the held embedding model."""
    with open_retriever(stored, collection="papers", embedder=held) as opened:
        yield opened


async def begin(retriever: Retriever, held: HeldEmbedder) -> "asyncio.Task[SearchResult]":
    """Begin a search, and return it once it waits for the embedding model."""
    search = asyncio.create_task(retriever.asearch("cat"))
    assert await asyncio.to_thread(held.asked.wait, 30)
    return search


async def test_searches_awaited_at_once_find_what_each_finds_alone(retriever: Retriever) -> None:
    found = await asyncio.gather(*(retriever.asearch(each) for each in QUESTIONS * 25))

    assert found == [retriever.search(each) for each in QUESTIONS] * 25


async def test_other_work_goes_on_while_a_search_is_awaited(
    waiting: Retriever, held: HeldEmbedder
) -> None:
    search = await begin(waiting, held)
    unfinished = not search.done()
    held.let_go.set()

    assert unfinished
    assert [passage.document for passage in await search] == ["cats.md", "dogs.md"]


async def test_a_search_that_is_given_up_leaves_the_retriever_as_it_was(
    waiting: Retriever, held: HeldEmbedder
) -> None:
    search = await begin(waiting, held)
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    held.let_go.set()

    assert [passage.document for passage in waiting.search("dog")] == ["dogs.md", "cats.md"]
    assert [passage.document for passage in await waiting.asearch("dog")] == ["dogs.md", "cats.md"]


async def test_a_search_that_takes_too_long_can_be_timed_out(
    waiting: Retriever, held: HeldEmbedder
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await waiting.asearch("cat")
    held.let_go.set()

    assert (await waiting.asearch("cat"))[0].document == "cats.md"


async def test_what_is_wrong_with_a_question_is_raised_where_it_is_awaited(
    retriever: Retriever,
) -> None:
    with pytest.raises(ValueError, match=r"The question is blank\."):
        await retriever.asearch(" ")


async def test_documents_stored_meanwhile_are_found_without_reopening(
    retriever: Retriever, put: Put
) -> None:
    before = await retriever.asearch("horse", mode="lexical")
    put("horses.md", "A horse eats hay.")
    after = await retriever.asearch("horse", mode="lexical")

    assert list(before) == []
    assert [passage.document for passage in after] == ["horses.md"]
