"""What search and ingest need of an embedding model."""

from collections.abc import Sequence
from typing import Protocol

from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint


class Embedder(Protocol):
    """Turns text into vectors of length 1."""

    @property
    def fingerprint(self) -> Fingerprint:
        """What makes its vectors; known without loading the model."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``."""
        ...
