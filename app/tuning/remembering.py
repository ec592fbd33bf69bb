"""An embedder that remembers: questions about the same documents share most of their sentences."""

from collections.abc import Sequence

import numpy as np

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint


class RememberingEmbedder:
    """Embeds each text once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self._asked: dict[str, Vectors] = {}

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the model itself."""
        return self._embedder.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for text, vector in zip(new, self._embedder.embed_passages(new), strict=True):
            self._known[text] = vector
        return np.array([self._known[text] for text in texts], dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``."""
        if text not in self._asked:
            self._asked[text] = self._embedder.embed_question(text)
        return self._asked[text]
