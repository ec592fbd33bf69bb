"""Rerankers: models that read a question and a passage together, to order the best few anew."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import find_model, read_json
from citewell.retrieval.wording import one_line

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

BATCH = 8
"""Pairs a forward pass, of like length: few enough that little of it is padding."""

_SCORING = ("ForSequenceClassification", "ForCausalLM")
"""What the models of transformers are named that can score a pair."""


class Reranker(Protocol):
    """Tells how well passages answer a question."""

    @property
    def name(self) -> str:
        """What the model is called."""
        ...

    def rerank(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a score for each text, in the order given; higher is better.

        Scores of one question compare with each other, not with those of another.
        """
        ...


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers in a local folder.

    Loaded at the first question, then kept. Only safetensors are read, no code of the folder is
    run and nothing is downloaded. Calls from several threads take turns: the model uses all
    cores by itself.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._lock = Lock()
        self._loaded: CrossEncoder | None = None

    @property
    def name(self) -> str:
        """The name of the folder, or of the model on the hub."""
        return self._name

    def rerank(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a score for each text, in the order given; higher is better.

        A pair longer than the model reads is cut to its limit.

        Raises:
            ConfigError: If the model cannot be loaded, or gives more than one score a pair.
        """
        if not texts:
            return np.zeros(0, np.float32)
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._folder)
            scores = self._loaded.predict(
                [(question, text) for text in texts], batch_size=BATCH, show_progress_bar=False
            )
        return np.asarray(scores, np.float32)


def open_reranker(model: str) -> Reranker:
    """Return a reranker; nothing is loaded yet, and nothing is ever downloaded.

    Args:
        model: The folder of a cross-encoder, or its name on the hub if it lies in the local
            cache, such as ``cross-encoder/ms-marco-MiniLM-L6-v2``.

    Raises:
        ConfigError: If there is no such model on this machine.
    """
    found = find_model(model, "cross-encoder")
    if found is None:
        raise ConfigError(
            f"The reranker {model!r} is no folder, and not in the local cache of the hub. "
            "Give the folder of a cross-encoder, or fetch one once with: citewell models pull NAME "
            "(and give the folder that it names), or hf download NAME"
        )
    if not _is_cross_encoder(found.folder):
        raise ConfigError(
            f"The reranker {model!r} is no cross-encoder: its config.json names no model that "
            "scores pairs of texts. Give one made for ranking, such as ms-marco-MiniLM-L6-v2."
        )
    return CrossEncoderReranker(found.folder, found.name)


def _is_cross_encoder(folder: Path) -> bool:
    """Look into the configuration: of any other model, the scores would be random numbers."""
    own = read_json(folder / "config_sentence_transformers.json", {})
    if own.get("model_type") == "CrossEncoder":
        return True
    architectures = read_json(folder / "config.json", {}).get("architectures")
    named = architectures if isinstance(architectures, list) else []
    return any(str(name).endswith(_SCORING) for name in named)


def load_cross_encoder(folder: Path, named: str) -> "CrossEncoder":
    """Load a cross-encoder from its folder; from safetensors alone, and nothing is downloaded.

    Args:
        folder: Of a model of sentence-transformers or transformers.
        named: What it is for, as the user calls it, such as ``reranker``.

    Raises:
        ConfigError: If it cannot be loaded.
    """
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model: CrossEncoder = CrossEncoder(
            str(folder), local_files_only=True, model_kwargs={"use_safetensors": True}
        )
    except Exception as error:  # each file format has errors of its own
        raise ConfigError(
            f"The {named} in {folder} cannot be loaded: {one_line(error)}. "
            "Give the folder of a cross-encoder with its weights in safetensors."
        ) from error
    return model


def _load(folder: Path) -> "CrossEncoder":
    model = load_cross_encoder(folder, "reranker")
    if model.num_labels != 1:
        raise ConfigError(
            f"The model in {folder} gives {model.num_labels} scores for a question and a passage, "
            "and a reranker gives one. Choose a cross-encoder made for ranking."
        )
    return model
