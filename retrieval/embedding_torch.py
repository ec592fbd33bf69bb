"""Embedding with any sentence-transformers model, on torch."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from citewell.retrieval.embedding_files import Precision, read_fingerprint, unit
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 32
"""Texts a forward pass; larger batches were not faster on two cores."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model in a local folder. Loaded at the first text, then kept.

    Calls from several threads take turns: the model uses all cores by itself.
    """

    def __init__(self, folder: Path, name: str, precision: Precision) -> None:
        self._folder = folder
        self._name = name
        self._precision = precision
        self._lock = Lock()
        self._asked: tuple[str, Vectors] | None = None

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What makes its vectors. Reads the weights once to hash them, and loads nothing."""
        return read_fingerprint(self._folder, self._name, self._precision)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        if not texts:
            return np.zeros((0, self.fingerprint.dimension), np.float32)
        with self._lock:
            vectors = self._model.encode_document(
                list(texts), batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True
            )
        return unit(vectors)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``. The last one is remembered."""
        with self._lock:
            if self._asked is None or self._asked[0] != text:
                vector = self._model.encode_query(
                    text, show_progress_bar=False, convert_to_numpy=True
                )
                self._asked = (text, unit(vector))
            return self._asked[1]

    @cached_property
    def _model(self) -> "SentenceTransformer":
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        dtype = torch.bfloat16 if self._precision == "bf16" else torch.float32
        return SentenceTransformer(
            str(self._folder), model_kwargs={"dtype": dtype}, local_files_only=True
        )
