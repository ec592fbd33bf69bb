"""The page's engine over a store: each model is loaded once for all collections and sessions."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import NamedTuple

from citewell.app.answer_values import Event
from citewell.app.answering import Answerer, answerer_with
from citewell.app.calibration import threshold_in_force
from citewell.app.followups import Turn
from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import LanguageModel
from citewell.app.reading.reader import Reader, open_reader
from citewell.app.suggestions import suggest
from citewell.retrieval.diagnosis import Diagnosis
from citewell.retrieval.errors import CitewellError, NotConfigured
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import DocumentSummary
from citewell.retrieval.values import Collection, Document, Fingerprint, Layout

LOOK_FIRST = 0.5
"""Seconds before models are loaded: loaded at once, they would hold up the first look."""

MOST_ANSWERERS = 16
"""An answerer is small beside the models it shares; one is kept for each choice of settings."""


class _Searched(NamedTuple):
    """What a retriever depends on."""

    collection: str
    fingerprint: Fingerprint
    rerank: str | None


class StoreEngine:
    """Answers from the store in the home folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = open_store(settings.home)
        self._labels = frozenset(settings.labels)
        self._models: dict[tuple[object, ...], LanguageModel | None] = {}
        self._retrievers: dict[_Searched, Retriever] = {}
        self._reader: Reader | None = None
        self._answerers: OrderedDict[tuple[_Searched, Settings], Answerer] = OrderedDict()
        self._suggested: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._suggesting: set[str] = set()
        self._prepared: set[str] = set()
        self._ready: set[str] = set()
        self._lock = Lock()

    def collections(self) -> list[Collection]:
        """Return all collections as they are now, by name, counting what may be seen."""
        return self._store.collections(self._labels)

    def generation(self, collection: str) -> int:
        """Return a number that rises with each change of a collection."""
        return self._store.generation(collection)

    def documents(self, collection: str) -> list[DocumentSummary]:
        """Return the documents of a collection that may be seen, by name."""
        documents = self._store.documents(collection)
        if not any(mark.kind == "label" for mark in self._store.marks(collection)):
            return documents
        return [
            each
            for each in documents
            if self._store.is_visible(collection, each.name, self._labels)
        ]

    def document(self, collection: str, name: str) -> Document:
        """Return a document as it is stored now. Raises NotConfigured if it may not be seen."""
        self._require(collection, name)
        return self._store.document(collection, name)

    def layouts(self, collection: str, name: str, pages: Iterable[int]) -> list[Layout]:
        """Return where the characters stand on these pages of a document; not all have it."""
        self._require(collection, name)
        return self._store.layouts(collection, name, pages)

    def path_of(self, collection: str, name: str) -> Path:
        """Return the file that a document came from, which may be gone or changed."""
        self._require(collection, name)
        return self._store.path_of(collection, name)

    def sha256_of(self, collection: str, name: str) -> str:
        """Return the SHA-256, in hex, of that file's bytes when it was read."""
        return self._store.files(collection)[self.path_of(collection, name)].sha256

    def prepare(self, collection: str) -> None:
        """Begin to load the models in the background."""
        with self._lock:
            if collection in self._prepared:
                return
            self._prepared.add(collection)
        later = Timer(LOOK_FIRST, self._prepare, (collection,))
        later.daemon = True
        later.start()

    def ready(self, collection: str) -> bool:
        """Whether the models of a collection are loaded."""
        return collection in self._ready

    def ask(
        self, collection: str, question: str, history: Sequence[Turn], settings: Settings
    ) -> Iterator[Event]:
        """Yield what answering yields."""
        for event in self._answerer(collection, settings).stream(question, history):
            self._ready.add(collection)
            yield event

    def why(self, collection: str, question: str, document: str, settings: Settings) -> Diagnosis:
        """Tell where a search with these settings lost a document."""
        retriever = self._answerer(collection, settings).retriever
        return retriever.why(question, document, settings.k, settings.mode, where=settings.where)

    def threshold(self, collection: str, settings: Settings) -> float:
        """Return the least probability at which a question is answered with these settings."""
        return threshold_in_force(self._answerer(collection, settings).retriever, settings)

    def suggestions(self, collection: str) -> tuple[str, ...] | None:
        """Return some questions that a collection answers; None while they are being made."""
        made_at, questions = self._suggested.get(collection, (-1, None))
        if made_at != self._store.generation(collection) and collection in self._ready:
            with self._lock:
                begun = collection in self._suggesting
                self._suggesting.add(collection)
            if not begun:
                Thread(target=self._suggest, args=(collection,), daemon=True).start()
        return questions

    def close(self) -> None:
        """Let go of the store and the models."""
        for retriever in self._retrievers.values():
            retriever.close()
        for model in self._models.values():
            if model is not None:
                model.close()
        self._store.close()

    def _require(self, collection: str, name: str) -> None:
        if not self._store.is_visible(collection, name, self._labels):
            raise NotConfigured(
                f"Collection {collection!r} holds no document {name!r}. "
                f"See what it holds: citewell ls --collection {collection}"
            )

    def _prepare(self, collection: str) -> None:
        try:
            self._quoting(collection).retriever.embedder.embed_question("ready")
        except CitewellError:  # a question will say what is wrong
            self._prepared.discard(collection)
            return
        self._ready.add(collection)

    def _suggest(self, collection: str) -> None:
        generation = -1
        found: tuple[str, ...] = ()
        with suppress(CitewellError):  # no suggestions then
            generation = self._store.generation(collection)
            names = [each.name for each in self.documents(collection)]
            found = suggest(self._quoting(collection), names)
        self._suggested[collection] = (generation, found)
        self._suggesting.discard(collection)

    def _quoting(self, collection: str) -> Answerer:
        """Return an answerer that needs no language model."""
        return self._answerer(collection, self._settings.model_copy(update={"llm": "none"}))

    def _answerer(self, collection: str, settings: Settings) -> Answerer:
        """Return the answerer of a collection, as it is embedded now, with these settings."""
        chosen = settings.model_copy(update={"collection": collection})
        fingerprint = self._store.collection(collection).fingerprint
        searched = _Searched(collection, fingerprint, settings.rerank)
        with self._lock:
            answerer = self._answerers.get((searched, chosen)) or self._open(searched, chosen)
            self._answerers[searched, chosen] = answerer
            self._answerers.move_to_end((searched, chosen))
            while len(self._answerers) > MOST_ANSWERERS:
                self._answerers.popitem(last=False)
            return answerer

    def _open(self, searched: _Searched, chosen: Settings) -> Answerer:
        if searched not in self._retrievers:
            loaded = (each.embedder for each in self._retrievers.values())
            same = next((each for each in loaded if each.fingerprint == searched.fingerprint), None)
            self._retrievers[searched] = open_retriever(embedder=same, settings=chosen)
        if self._reader is None and chosen.reader != "none":
            self._reader = open_reader()
        model = self._model(chosen)
        return answerer_with(self._retrievers[searched], model, chosen, self._reader)

    def _model(self, chosen: Settings) -> LanguageModel | None:
        key = (chosen.llm, chosen.llm_base_url, chosen.llm_api_key, chosen.llm_timeout)
        if key not in self._models:
            self._models[key] = open_model(chosen.llm, chosen)
        return self._models[key]
