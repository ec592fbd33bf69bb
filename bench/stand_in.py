"""An embedder that costs next to nothing, to measure what is around a real one."""

from collections.abc import Sequence
from functools import cache
from zlib import crc32

import numpy as np

from citewell.retrieval.embedding_files import unit
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

DIMENSION = 384


class WordEmbedder:
    """Counts the words of a text, each in a place that its hash names; made to length 1.

    Args:
        fingerprint: Given out as its own, so that a collection it has filled can be opened with
            the model of that fingerprint.
    """

    def __init__(self, fingerprint: Fingerprint | None = None) -> None:
        self._fingerprint = fingerprint or Fingerprint("words", "1", "fp32", "sum", DIMENSION)

    @property
    def fingerprint(self) -> Fingerprint:
        """The one given, or one of its own."""
        return self._fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        vectors = np.zeros((len(texts), self._fingerprint.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[:] = self.embed_question(text)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``."""
        dimension = self._fingerprint.dimension
        places = [_hash(word) % dimension for word in text.lower().split()]
        counts = np.bincount(np.array(places, np.int64), minlength=dimension)
        return unit(counts)


@cache
def _hash(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))
