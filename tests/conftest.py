"""What tests of every part share."""

import re
from collections.abc import Sequence

import numpy as np
import pytest

from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

ANIMALS = ("cat", "dog", "horse")


class AnimalEmbedder:
    """Embeds a text by the animals it names: axes cat, dog, horse, and one that is always 1.

    Made to length 1, so that equal sets of animals give 1.0, none against one 0.71 and one
    against another 0.5. A word counts once, in any case, singular or plural.

    Attributes:
        embedded: How many passages it has embedded.
    """

    fingerprint = Fingerprint("animals", "0" * 64, "fp32", "none", len(ANIMALS) + 1)

    def __init__(self) -> None:
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.fingerprint.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[:] = self.embed_question(text)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        words = set(re.findall(r"[a-z]+", text.lower()))
        named = [not words.isdisjoint({animal, f"{animal}s"}) for animal in ANIMALS]
        vector = np.array([*named, True], dtype=np.float32)
        return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture
def embedder() -> AnimalEmbedder:
    """An embedding model whose vectors can be worked out by hand."""
    return AnimalEmbedder()
