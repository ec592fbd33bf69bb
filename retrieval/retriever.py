"""The retriever: the one door to search, for commands, the page and other programs."""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from citewell.retrieval.chroma_index import LiveIndex
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.embedding_files import Precision
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreError
from citewell.retrieval.search import dense, fuse, lexical, select
from citewell.retrieval.settings import Settings, load_settings
from citewell.retrieval.sqlite_schema import require_database
from citewell.retrieval.sqlite_store import FILE_NAME, open_store
from citewell.retrieval.store import Store
from citewell.retrieval.values import (
    Collection,
    Document,
    Fingerprint,
    SearchMode,
    SearchResult,
)


class Retriever:
    """Finds passages in one collection. Safe to use from several threads.

    What another process ingests is found by the next search, without reopening.
    """

    def __init__(self, home: Path, store: Store, embedder: Embedder, collection: str) -> None:
        self._store = store
        self._embedder = embedder
        self._name = collection
        self._index = LiveIndex(home, store, collection)

    @property
    def collection(self) -> Collection:
        """The collection as it is now."""
        return self._store.collection(self._name)

    @property
    def embedder(self) -> Embedder:
        """The embedding model of the collection."""
        return self._embedder

    def search(self, question: str, k: int = 5, mode: SearchMode = "hybrid") -> SearchResult:
        """Return the passages most likely to hold the answer, best first.

        Args:
            question: In plain words.
            k: Most passages to return, at least 1.
            mode: ``hybrid`` joins ``lexical`` (BM25) and ``dense`` (cosine).

        Raises:
            ValueError: If the question is blank or ``k`` is below 1.
            StoreError: If the store cannot be read.
            NotConfigured: If the collection does not exist, or in mode ``dense`` if there is no
                embedding model; a ``hybrid`` search then goes on by words and says so.
        """
        if not question.strip():
            raise ValueError("The question is blank.")
        if k < 1:
            raise ValueError(f"k is {k}; it must be at least 1.")
        by_word = [] if mode == "dense" else lexical(self._store, self._name, question)
        by_meaning, notices = self._dense(question, mode)
        ranked = fuse(mode, by_word, by_meaning)
        chunks = self._store.chunks(self._name, [item.key for item in ranked])
        return SearchResult(select(ranked, chunks, k), notices)

    async def asearch(self, question: str, k: int = 5, mode: SearchMode = "hybrid") -> SearchResult:
        """Do what `search` does in another thread, so that an event loop goes on meanwhile."""
        return await asyncio.to_thread(self.search, question, k, mode)

    def rarity(self, words: Sequence[str]) -> dict[str, float]:
        """Return how much each word tells apart: 0 stands in every chunk, 1 in none.

        The inverse document frequency of Robertson and Spärck Jones (1976), scaled to 1.
        """
        chunks = self.collection.chunks
        counts = self._store.word_counts(self._name, words)
        most = math.log(1 + (chunks + 0.5) / 0.5)
        return {
            word: math.log(1 + (chunks - count + 0.5) / (count + 0.5)) / most
            for word, count in counts.items()
        }

    def document(self, name: str) -> Document:
        """Return a document with its text, as it is stored now."""
        return self._store.document(self._name, name)

    def path_of(self, name: str) -> Path:
        """Return the file that a document came from."""
        return self._store.path_of(self._name, name)

    def close(self) -> None:
        """Let go of the files of the store and the index."""
        self._index.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _dense(
        self, question: str, mode: SearchMode
    ) -> tuple[list[tuple[int, float]], tuple[str, ...]]:
        if mode == "lexical":
            return [], ()
        try:
            hits = dense(self._index, self._embedder, question)
            notice = self._index.notice
            return hits, (notice,) if notice else ()
        except NotConfigured as error:
            if mode == "dense":
                raise
            return [], (f"Searched by words alone: {error}",)


def open_retriever(
    location: str | Path | None = None,
    *,
    collection: str | None = None,
    embedder: Embedder | None = None,
    settings: Settings | None = None,
) -> Retriever:
    """Open a collection for search.

    Args:
        location: Folder of the store, or its ``file:`` URL; by default the home that settings
            name.
        collection: Its name; by default the one that settings name.
        embedder: By default the model the collection was embedded with.
        settings: By default read from the environment and ``citewell.toml``.

    Raises:
        ConfigError: If the location is a URL of another kind.
        NotConfigured: If there is no such collection yet.
        StoreError: If it was embedded with a model other than the one that settings name.
    """
    home = None if location is None else _folder_of(location)
    named = {"collection": collection, "home": home}
    given = {name: value for name, value in named.items() if value is not None}
    chosen = (settings or load_settings()).model_copy(update=given)
    require_database(chosen.home / FILE_NAME, chosen.collection)
    store = open_store(chosen.home)
    try:
        held = store.collection(chosen.collection)
        model = embedder or open_collection_embedder(store, chosen)
        _check_same_model(held, model.fingerprint)
    except BaseException:
        store.close()
        raise
    return Retriever(chosen.home, store, model, held.name)


def _folder_of(location: str | Path) -> Path:
    """Return the folder that a path or a URL names."""
    parts = urlsplit(str(location))
    if isinstance(location, Path) or len(parts.scheme) < 2:  # one letter is a drive
        return Path(location).expanduser()
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise ConfigError(
            f"{location} is no place of a store that this Citewell can open. "
            "Give the folder of one, or its file: URL."
        )
    from urllib.request import url2pathname  # takes 40 ms, and few give a URL

    return Path(url2pathname(parts.path))


def open_collection_embedder(store: Store, settings: Settings) -> Embedder:
    """Return the configured embedding model, as the collection needs it.

    A collection keeps the precision it was begun with, also on a processor that would suit
    another: its vectors are never mixed.
    """
    made_with = {each.name: each.fingerprint for each in store.collections()}
    if settings.collection not in made_with:
        return open_embedder(settings.embedding_model, settings.embedding_precision)
    precision: Precision = "bf16" if made_with[settings.collection].precision == "bf16" else "fp32"
    return open_embedder(settings.embedding_model, precision)


def _check_same_model(held: Collection, now: Fingerprint) -> None:
    if held.fingerprint != now:
        raise StoreError(
            f"Collection {held.name!r} was embedded with {_describe(held.fingerprint)}, but "
            f"settings name {_describe(now)}. Set embedding_model back, or ingest into a new "
            "collection."
        )


def _describe(fingerprint: Fingerprint) -> str:
    return f"{fingerprint.model} ({fingerprint.precision}, weights {fingerprint.revision[:8]})"
