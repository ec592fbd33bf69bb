"""What the page asks: collections, documents, answers, and why a document was not found."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from citewell.app.answer_values import Event
from citewell.app.followups import Turn
from citewell.retrieval.diagnosis import Diagnosis
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import DocumentSummary
from citewell.retrieval.values import Collection, Document, Layout


class ChatEngine(Protocol):
    """All that the page needs to know and to ask. Safe to use from several threads.

    Its methods raise CitewellError when it cannot be done. Only what the labels of the process
    let see is counted, listed and shown.
    """

    def collections(self) -> list[Collection]:
        """Return all collections as they are now, by name."""
        ...

    def generation(self, collection: str) -> int:
        """Return a number that rises with each change of a collection."""
        ...

    def documents(self, collection: str) -> list[DocumentSummary]:
        """Return the documents of a collection by name."""
        ...

    def document(self, collection: str, name: str) -> Document:
        """Return a document as it is stored now. Raises NotConfigured if it is gone."""
        ...

    def layouts(self, collection: str, name: str, pages: Iterable[int]) -> list[Layout]:
        """Return where the characters stand on these pages of a document; not all have it."""
        ...

    def path_of(self, collection: str, name: str) -> Path:
        """Return the file that a document came from, which may be gone or changed."""
        ...

    def sha256_of(self, collection: str, name: str) -> str:
        """Return the SHA-256, in hex, of that file's bytes when it was read."""
        ...

    def prepare(self, collection: str) -> None:
        """Begin to load the models in the background, so that a question waits less."""
        ...

    def ready(self, collection: str) -> bool:
        """Whether a question can be searched at once."""
        ...

    def ask(
        self, collection: str, question: str, history: Sequence[Turn], settings: Settings
    ) -> Iterator[Event]:
        """Yield what answering yields. Closing the iterator stops it.

        Args:
            collection: Its name; it outranks the one of the settings.
            question: In plain words.
            history: The turns before the question, oldest first.
            settings: What to answer with.
        """
        ...

    def why(self, collection: str, question: str, document: str, settings: Settings) -> Diagnosis:
        """Tell where a search with these settings lost a document."""
        ...

    def threshold(self, collection: str, settings: Settings) -> float:
        """Return the least probability at which a question is answered with these settings."""
        ...

    def suggestions(self, collection: str) -> tuple[str, ...] | None:
        """Return some questions that a collection answers; None while they are being made."""
        ...

    def close(self) -> None:
        """Let go of the store and the models."""
        ...
