"""Nothing that a retriever says to a caller tells of documents that it may not see."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import Vectors

Put = Callable[..., None]


class InterruptedEmbedder:
    """Does something else, once, before it embeds a question."""

    def __init__(self, embedder: Embedder, interruption: Callable[[], None]) -> None:
        self.fingerprint = embedder.fingerprint
        self.embed_passages = embedder.embed_passages
        self._embedder = embedder
        self._waiting = [interruption]

    def embed_question(self, text: str) -> Vectors:
        while self._waiting:
            self._waiting.pop()()
        return self._embedder.embed_question(text)


@pytest.fixture
def labelled(home: Path, store: SqliteStore, put: Put, embedder: Embedder) -> Iterator[Retriever]:
    """What a caller without labels sees of two documents, of which one has a label."""
    put("open/cats.md", "The cat sleeps.")
    put("closed/dogs.md", "The dog guards.")
    store.mark("papers", "label", ["closed/"], ["staff"])
    with open_retriever(home, collection="papers", embedder=embedder) as opened:
        yield opened


def test_documents_and_chunks_are_counted_as_the_caller_sees_them(labelled: Retriever) -> None:
    staff = labelled.seen_by(["staff"])

    assert (labelled.collection.documents, labelled.collection.chunks) == (1, 1)
    assert (staff.collection.documents, staff.collection.chunks) == (2, 2)


def test_one_text_is_not_taken_for_many_labels(labelled: Retriever, home: Path) -> None:
    with pytest.raises(ConfigError, match="'staff' are one text"):
        labelled.seen_by("staff")
    with pytest.raises(ConfigError, match="'staff' are one text"):
        open_retriever(home, collection="papers", labels="staff")


def test_what_is_closed_and_stored_during_a_search_is_not_found(
    home: Path, store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("open/cats.md", "The cat sleeps.")

    def close_and_store() -> None:
        store.mark("papers", "label", ["closed/"], ["staff"])
        put("closed/dogs.md", "The dog guards.")

    interrupted = InterruptedEmbedder(embedder, close_and_store)
    with open_retriever(home, collection="papers", embedder=interrupted) as retriever:
        found = [passage.document for passage in retriever.search("dog")]

    assert found == ["open/cats.md"]
