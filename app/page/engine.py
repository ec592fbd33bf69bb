"""What the page asks, and its answer from a store: collections, documents and answers."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Lock, Thread
from typing import Protocol
from urllib.parse import urlsplit

from citewell.app.answer_values import Event
from citewell.app.answering import Answerer, answerer_with
from citewell.app.followups import Turn
from citewell.app.llms.addresses import host_of
from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import LanguageModel
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.values import Collection, Document, Fingerprint


@dataclass(frozen=True, slots=True)
class ModelNote:
    """Which language model answers, and where questions go, in words for the user.

    Attributes:
        local: Whether nothing leaves this machine.
    """

    name: str
    place: str
    local: bool


class ChatEngine(Protocol):
    """All that the page needs. Safe to use from several threads.

    `collections`, `document` and `ask` raise CitewellError when it cannot be done.
    """

    @property
    def preferred(self) -> str:
        """The name of the collection to open first, if it exists."""
        ...

    @property
    def note(self) -> ModelNote:
        """The language model in use."""
        ...

    def collections(self) -> list[Collection]:
        """Return all collections as they are now, by name."""
        ...

    def document(self, collection: str, name: str) -> Document:
        """Return a document as it is stored now. Raises NotConfigured if it is gone."""
        ...

    def prepare(self, collection: str) -> None:
        """Begin to load the embedding model in the background, so that a question waits less."""
        ...

    def ready(self, collection: str) -> bool:
        """Whether a question can be searched at once."""
        ...

    def ask(self, collection: str, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """Yield what answering yields. Closing the iterator stops it.

        Args:
            history: The turns before the question, oldest first.
        """
        ...

    def close(self) -> None:
        """Let go of the store and the models."""
        ...


class StoreEngine:
    """Answers from the store in the home folder.

    The language model is loaded once for all collections, an embedding model once for those
    that were embedded with it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = open_store(settings.home)
        self._model: LanguageModel | None = None
        self._answerers: dict[tuple[str, Fingerprint], Answerer] = {}
        self._prepared: set[str] = set()
        self._ready: set[str] = set()
        self._lock = Lock()

    @property
    def preferred(self) -> str:
        """The collection that settings name."""
        return self._settings.collection

    @property
    def note(self) -> ModelNote:
        """The language model that settings name."""
        return model_note(self._settings)

    def collections(self) -> list[Collection]:
        """Return all collections as they are now, by name, counting what may be seen."""
        return self._store.collections(frozenset(self._settings.labels))

    def document(self, collection: str, name: str) -> Document:
        """Return a document as it is stored now. Raises NotConfigured if it may not be seen."""
        return self._answerer(collection).retriever.document(name)

    def prepare(self, collection: str) -> None:
        """Begin to load the embedding model in the background."""
        with self._lock:
            if collection in self._prepared:
                return
            self._prepared.add(collection)
        Thread(target=self._prepare, args=(collection,), daemon=True).start()

    def ready(self, collection: str) -> bool:
        """Whether the embedding model of a collection is loaded."""
        return collection in self._ready

    def ask(self, collection: str, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """Yield what answering yields."""
        for event in self._answerer(collection).stream(question, history):
            self._ready.add(collection)
            yield event

    def close(self) -> None:
        """Let go of the store and the models."""
        for answerer in self._answerers.values():
            answerer.close()
        self._store.close()

    def _prepare(self, collection: str) -> None:
        with suppress(CitewellError):  # the question will say what is wrong
            self._answerer(collection).retriever.embedder.embed_question("ready")
            self._ready.add(collection)

    def _answerer(self, collection: str) -> Answerer:
        """Return the answerer of a collection as it is embedded now."""
        key = (collection, self._store.collection(collection).fingerprint)
        with self._lock:
            if key not in self._answerers:
                self._answerers[key] = self._open(*key)
            return self._answerers[key]

    def _open(self, collection: str, fingerprint: Fingerprint) -> Answerer:
        chosen = self._settings.model_copy(update={"collection": collection})
        loaded = (answerer.retriever.embedder for answerer in self._answerers.values())
        same = next((model for model in loaded if model.fingerprint == fingerprint), None)
        if self._model is None:
            self._model = open_model(chosen.llm, chosen)
        reader = next((answerer.reader for answerer in self._answerers.values()), None)
        retriever = open_retriever(embedder=same, settings=chosen)
        return answerer_with(retriever, self._model, chosen, reader)


def model_note(settings: Settings) -> ModelNote:
    """Say which model settings name and where prompts go, without loading it."""
    kind, _, name = settings.llm.partition(":")
    match kind:
        case "none":
            return ModelNote("No language model: answers quote the documents", "", local=True)
        case "openai":
            address = urlsplit(settings.llm_base_url or "")
            return ModelNote(name, host_of(address), local=_on_this_machine(address.hostname))
        case "transformers" | "gguf":
            return ModelNote(name, "", local=True)
        case provider if name:
            address = urlsplit(settings.llm_base_url or "")
            local = address.hostname is not None and _on_this_machine(address.hostname)
            return ModelNote(name, host_of(address) or provider, local=local)
        case _:
            return ModelNote("SmolLM2-135M-Instruct (bundled)", "", local=True)


def _on_this_machine(host: str | None) -> bool:
    """Whether a host is this one; without a host, questions go nowhere."""
    if host is None or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
