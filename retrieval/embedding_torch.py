"""Embedding with any sentence-transformers model, on torch."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from citewell.retrieval.embedding_encoder import REMEMBERED, Prompts
from citewell.retrieval.embedding_files import Precision, read_fingerprint, unit
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint
from citewell.retrieval.wording import one_line

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
        self._remembered = lru_cache(REMEMBERED)(self._ask)

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What makes its vectors. Reads the weights once to hash them, and loads nothing."""
        return read_fingerprint(self._folder, self._name, self._precision)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        if not texts:
            return np.zeros((0, self.fingerprint.dimension), np.float32)
        with self._lock:
            vectors = encode_passages(self._model, texts)
        return unit(vectors)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``, read-only: recent ones are kept."""
        return self._remembered(text)

    def _ask(self, text: str) -> Vectors:
        with self._lock:
            vector = encode_questions(self._model, [text])[0]
        scaled = unit(vector)
        scaled.flags.writeable = False
        return scaled

    @cached_property
    def _model(self) -> "SentenceTransformer":
        return load_model(self._folder, self._precision)


def prompts_of(model: "SentenceTransformer") -> Prompts:
    """Return what a model has put before a question and before a passage.

    Asked for a document, sentence-transformers leaves out the prompt of a model that names it
    ``passage``, which not a few do.
    """
    passages = (model.prompts.get(name) for name in ("document", "passage", "corpus"))
    return Prompts(model.prompts.get("query") or "", next(filter(None, passages), ""))


def encode_questions(model: "SentenceTransformer", texts: Sequence[str]) -> Vectors:
    """Return the vectors of questions, of any length above 0."""
    return model.encode_query(
        list(texts), prompt=prompts_of(model).question, batch_size=BATCH, show_progress_bar=False
    )


def encode_passages(model: "SentenceTransformer", texts: Sequence[str]) -> Vectors:
    """Return the vectors of passages, of any length above 0."""
    return model.encode_document(
        list(texts), prompt=prompts_of(model).passage, batch_size=BATCH, show_progress_bar=False
    )


def load_model(
    folder: Path, precision: Precision, device: str | None = None
) -> "SentenceTransformer":
    """Return a model, by default on the GPU if there is one. Only its own files are read.

    Raises:
        ConfigError: If it cannot be loaded: its code is not run, and pickles are not read.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    try:
        return SentenceTransformer(
            str(folder),
            device=device,
            model_kwargs={"dtype": dtype, "use_safetensors": True},
            local_files_only=True,
        )
    except Exception as error:  # each file format has errors of its own
        raise ConfigError(
            f"The embedding model in {folder} cannot be loaded: {one_line(error)}. "
            "Give the folder of a sentence-transformers model with its weights in safetensors."
        ) from error
