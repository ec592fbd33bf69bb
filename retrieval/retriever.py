"""The retriever: the one door to search, for commands, the page and other programs."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, get_args
from urllib.parse import urlsplit

from citewell.retrieval.chroma_index import LiveIndex
from citewell.retrieval.diagnosis import Diagnosis, Parts, Trace, diagnose
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import EXPORTS, open_embedder
from citewell.retrieval.embedding_files import Precision
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreError
from citewell.retrieval.filters import Filter, as_filter, doubtful_fields, show_filter
from citewell.retrieval.fusion import Hits, fuse
from citewell.retrieval.recent import Recent
from citewell.retrieval.reranking import Reranker, open_reranker
from citewell.retrieval.search import CANDIDATES, Request, dense, lexical, rerank
from citewell.retrieval.selection import select
from citewell.retrieval.settings import Settings, load_settings
from citewell.retrieval.sqlite_schema import require_database
from citewell.retrieval.sqlite_store import FILE_NAME, open_store
from citewell.retrieval.store import Scope, Store, StoredChunk
from citewell.retrieval.values import (
    Collection,
    Document,
    Fingerprint,
    Layout,
    SearchMode,
    SearchResult,
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the views of one open collection share."""

    store: Store
    embedder: Embedder
    index: LiveIndex
    reranker: Reranker | None
    checked: Recent[int, None]


class Retriever:
    """Finds passages in one collection, for one caller. Safe to use from several threads.

    What another process ingests is found by the next search, without reopening.
    """

    def __init__(self, parts: _Parts, collection: str, labels: Iterable[str] = ()) -> None:
        self._parts = parts
        self._name = collection
        self._labels = _each(labels)

    @property
    def collection(self) -> Collection:
        """The collection as it is now; its documents and chunks are those the caller may see."""
        return self._parts.store.collection(self._name, self._labels)

    @property
    def generation(self) -> int:
        """The generation number of the collection as it is now."""
        return self._parts.store.generation(self._name)

    @property
    def calibration(self) -> str | None:
        """The calibration kept with the collection, in JSON; None if there is none."""
        return self._parts.store.calibration(self._name)

    @property
    def embedder(self) -> Embedder:
        """The embedding model of the collection."""
        return self._parts.embedder

    @property
    def labels(self) -> frozenset[str]:
        """The labels that the caller holds."""
        return self._labels

    def seen_by(self, labels: Iterable[str]) -> "Retriever":
        """Return what a caller with these labels sees, on the same open files and models.

        Close the one that was opened, not this one.
        """
        return Retriever(self._parts, self._name, labels)

    def search(
        self,
        question: str,
        k: int = 5,
        mode: SearchMode = "hybrid",
        *,
        where: str | Filter | None = None,
    ) -> SearchResult:
        """Return the passages most likely to hold the answer, best first.

        Args:
            question: In plain words.
            k: Most passages to return, at least 1.
            mode: ``hybrid`` joins ``lexical`` (BM25) and ``dense`` (cosine).
            where: What must hold of a passage, such as ``tag = "hr" and year >= 2024``.

        Raises:
            ValueError: If the question is blank, ``k`` is below 1 or there is no such mode.
            FilterError: If the filter cannot be read.
            StoreError: If the store cannot be read.
            NotConfigured: If the collection does not exist, or in mode ``dense`` if there is no
                embedding model; a ``hybrid`` search then goes on by words and says so.
        """
        trace = self.trace(question, k, mode, where=where)
        return SearchResult(trace.selection.passages, trace.notices)

    async def asearch(
        self,
        question: str,
        k: int = 5,
        mode: SearchMode = "hybrid",
        *,
        where: str | Filter | None = None,
    ) -> SearchResult:
        """Do what `search` does in another thread, so that an event loop goes on meanwhile."""
        from asyncio import to_thread  # slow to import, and who awaits has it already

        return await to_thread(self.search, question, k, mode, where=where)

    def trace(
        self,
        question: str,
        k: int = 5,
        mode: SearchMode = "hybrid",
        *,
        where: str | Filter | None = None,
    ) -> Trace:
        """Do what `search` does, and return what each of its stages gave."""
        if not question.strip():
            raise ValueError("The question is blank.")
        if not isinstance(k, int) or k < 1:
            raise ValueError(f"k is {k!r}; it must be a whole number of at least 1.")
        if mode not in get_args(SearchMode):
            raise ValueError(f"mode is {mode!r}; it must be one of {get_args(SearchMode)}.")
        scope = self._scope(as_filter(where))
        request = Request(self._name, question, scope, max(CANDIDATES, 4 * k))
        by_word = [] if mode == "dense" else lexical(self._parts.store, request)
        by_meaning, notices = self._dense(request, mode)
        fused = fuse(mode, by_word, by_meaning, request.limit)
        ranked = fused
        if self._parts.reranker is not None:
            ranked = rerank(self._parts.reranker, question, fused, self._fetch, k)
        selection = select(ranked, self._fetch, k)
        if not fused and scope.where is not None:
            notices += tuple(self._of_filter(scope, scope.where))
        return Trace(request, k, mode, fused, ranked, selection, notices)

    def why(
        self,
        question: str,
        document: str,
        k: int = 5,
        mode: SearchMode = "hybrid",
        *,
        where: str | Filter | None = None,
    ) -> Diagnosis:
        """Tell at which stage of a search a document was lost, and what would have found it.

        Raises:
            NotConfigured: If the caller sees no document of the name.
            As `search` does, beside.
        """
        self._require(document)
        parts = Parts(self._parts.store, self._parts.index, self._parts.embedder)
        trace = self.trace(question, k, mode, where=where)
        return diagnose(parts, trace, document, partial(self.trace, where=where))

    def rarity(self, words: Sequence[str]) -> dict[str, float]:
        """Return how much each word tells apart: 0 stands in every chunk, 1 in none.

        The inverse document frequency of Robertson and Spärck Jones (1976), scaled to 1.
        """
        scope = self._scope()
        chunks = self._parts.store.visible_chunks(self._name, scope)
        counts = self._parts.store.word_counts(self._name, words, scope)
        most = math.log(1 + (chunks + 0.5) / 0.5)
        return {
            word: math.log(1 + (chunks - count + 0.5) / (count + 0.5)) / most
            for word, count in counts.items()
        }

    def document(self, name: str) -> Document:
        """Return a document with its text, as it is stored now."""
        self._require(name)
        return self._parts.store.document(self._name, name)

    def layouts(self, name: str, pages: Iterable[int]) -> list[Layout]:
        """Return where the characters stand on these pages of a document; not all have it."""
        self._require(name)
        return self._parts.store.layouts(self._name, name, pages)

    def path_of(self, name: str) -> Path:
        """Return the file that a document came from."""
        self._require(name)
        return self._parts.store.path_of(self._name, name)

    def close(self) -> None:
        """Let go of the files of the store and the index, for all views of them."""
        self._parts.index.close()
        self._parts.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _scope(self, where: Filter | None = None) -> Scope:
        return Scope(self._labels, where)

    def _of_filter(self, scope: Scope, where: Filter) -> Iterator[str]:
        """Yield why a filter may be the reason that nothing was found."""
        allowed = self._parts.store.allowed(self._name, scope)
        if allowed is not None and not len(allowed):
            yield f"The filter keeps nothing: {show_filter(where)}"
            keys = self._parts.store.fact_keys(self._name, self._labels)
            for field, meant in doubtful_fields(where, keys).items():
                yield f"No document has {field!r}. Did you mean {meant!r}?"

    def _fetch(self, keys: Sequence[int]) -> list[StoredChunk]:
        return self._parts.store.chunks(self._name, keys)

    def _require(self, document: str) -> None:
        if self._sees(document):
            return
        names = self._parts.store.names(self._name)
        same_file = [name for name in names if name.rpartition("/")[2] == document]
        close = [*same_file, *get_close_matches(document, names, n=5)]
        seen = next((name for name in close if self._sees(name)), None)
        meant = f" Did you mean {seen!r}?" if seen else ""
        raise NotConfigured(
            f"Collection {self._name!r} holds no document {document!r} that may be seen here."
            f"{meant} See what it holds with: citewell ls --collection {self._name}"
        )

    def _sees(self, document: str) -> bool:
        return self._parts.store.is_visible(self._name, document, self._labels)

    def _dense(self, request: Request, mode: SearchMode) -> tuple[Hits, tuple[str, ...]]:
        if mode == "lexical":
            return [], ()
        try:
            return self._nearest(request)
        except NotConfigured as error:
            if mode == "dense":
                raise
            return [], (f"Searched by words alone: {error}",)

    def _check_model(self) -> None:
        """Refuse a collection that was deleted and made again with another model."""
        _check_same_model(
            self._parts.store.collection(self._name), self._parts.embedder.fingerprint
        )

    def _nearest(self, request: Request) -> tuple[Hits, tuple[str, ...]]:
        index, embedder, store = self._parts.index, self._parts.embedder, self._parts.store
        self._parts.checked.get(self.generation, self._check_model)
        allowed = store.allowed(self._name, request.scope)
        hits = dense(index, embedder, request, allowed)
        if allowed is None:
            allowed = store.allowed(self._name, request.scope)
            if allowed is not None:  # what came meanwhile was searched too, and is not for all
                hits = dense(index, embedder, request, allowed)
        # Where not all chunks may be seen, the index is not asked, and how it is tells of others.
        notice = index.notice if allowed is None else None
        return hits, (notice,) if notice else ()


def open_retriever(
    location: str | Path | None = None,
    *,
    collection: str | None = None,
    labels: Iterable[str] = (),
    embedder: Embedder | None = None,
    reranker: Reranker | None = None,
    settings: Settings | None = None,
) -> Retriever:
    """Open a collection for search.

    Args:
        location: Folder of the store, or its ``file:`` URL; by default the home that settings
            name.
        collection: Its name; by default the one that settings name.
        labels: Those that the caller holds, beside those that settings name; see docs/search.md.
        embedder: By default the model the collection was embedded with.
        reranker: By default the one that settings name, if any.
        settings: By default read from the environment and ``citewell.toml``.

    Raises:
        ConfigError: If the location is a URL of another kind, or labels are no list.
        NotConfigured: If there is no such collection yet.
        StoreError: If it was embedded with a model other than the one that settings name.
    """
    held_labels = _each(labels)
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
    name = chosen.collection
    index = LiveIndex(chosen.home, store, name)
    reader = reranker or (open_reranker(chosen.rerank) if chosen.rerank else None)
    parts = _Parts(store, model, index, reader, Recent(1))
    return Retriever(parts, name, held_labels.union(chosen.labels))


def _each(labels: Iterable[str]) -> frozenset[str]:
    if isinstance(labels, str):  # its letters would be taken for labels
        raise ConfigError(f"The labels {labels!r} are one text. Give a list, such as [{labels!r}].")
    return frozenset(labels)


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
    exports = settings.home / EXPORTS
    made_with = {each.name: each.fingerprint for each in store.collections()}
    if settings.collection not in made_with:
        return open_embedder(settings.embedding_model, settings.embedding_precision, exports)
    precision: Precision = "bf16" if made_with[settings.collection].precision == "bf16" else "fp32"
    return open_embedder(settings.embedding_model, precision, exports)


def _check_same_model(held: Collection, now: Fingerprint) -> None:
    if held.fingerprint != now:
        raise StoreError(
            f"Collection {held.name!r} was embedded with {_describe(held.fingerprint)}, but "
            f"settings name {_describe(now)}. Set embedding_model back, or ingest into a new "
            "collection."
        )


def _describe(fingerprint: Fingerprint) -> str:
    return f"{fingerprint.model} ({fingerprint.precision}, weights {fingerprint.revision[:8]})"
