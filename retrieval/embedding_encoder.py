"""Embedding with an encoder on OpenVINO: lists of any length, and questions remembered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np

from citewell.retrieval.encoder import SLICE, Encoder
from citewell.retrieval.store import Vectors

REMEMBERED = 128
"""Questions whose vectors are kept: someone reads on, or asks again with other filters."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """What stands before a text when it is embedded."""

    question: str = ""
    passage: str = ""


class EncoderEmbedder:
    """Embeds with an encoder that is loaded at the first text, then kept.

    Safe to use from several threads.
    """

    def __init__(
        self, load: Callable[[], Encoder], dimension: int, prompts: Prompts = Prompts()
    ) -> None:
        self._load = load
        self._dimension = dimension
        self._prompts = prompts
        self._loading = Lock()
        self._loaded: Encoder | None = None
        self._remembered = lru_cache(REMEMBERED)(self._ask)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given.

        Takes lists of any length: texts of like length go through the model together.
        """
        vectors = np.zeros((len(texts), self._dimension), np.float32)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(by_length), SLICE):
            places = np.array(by_length[start : start + SLICE])
            prompted = [self._prompts.passage + texts[place] for place in places]
            vectors[places] = self.encoder().encode(prompted)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``, read-only: recent ones are kept."""
        return self._remembered(text)

    def encoder(self) -> Encoder:
        """Return the encoder, loaded."""
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _ask(self, text: str) -> Vectors:
        vector = self.encoder().encode_one(self._prompts.question + text)
        vector.flags.writeable = False
        return vector
