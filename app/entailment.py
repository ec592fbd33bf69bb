"""Models that read a text and a sentence together and tell whether the one says the other."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import find_model, read_json
from citewell.retrieval.reranking import load_cross_encoder

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

ENTAILMENT = "entailment"
"""What such models call the label for "the text says the sentence"."""


class Entailment(Protocol):
    """Tells whether a text says a sentence (natural language inference)."""

    @property
    def name(self) -> str:
        """What the model is called."""
        ...

    def entails(self, text: str, sentence: str) -> bool:
        """Tell whether a text says a sentence."""
        ...


class CrossEncoderEntailment:
    """A cross-encoder with the labels entailment, neutral and contradiction, in a local folder.

    Loaded at the first sentence, then kept. Only safetensors are read, no code of the folder is
    run and nothing is downloaded. Calls from several threads take turns.
    """

    def __init__(self, folder: Path, name: str, label: int) -> None:
        self._folder = folder
        self._name = name
        self._label = label
        self._lock = Lock()
        self._loaded: CrossEncoder | None = None

    @property
    def name(self) -> str:
        """The name of the folder, or of the model on the hub."""
        return self._name

    def entails(self, text: str, sentence: str) -> bool:
        """Tell whether entailment is the likeliest of the labels.

        A text longer than the model reads is cut to its limit.

        Raises:
            ConfigError: If the model cannot be loaded.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = load_cross_encoder(self._folder, "entailment model")
            scores = self._loaded.predict([(text, sentence)], show_progress_bar=False)
        return int(np.argmax(np.asarray(scores)[0])) == self._label


def open_entailment(model: str) -> Entailment:
    """Return an entailment model; nothing is loaded yet, and nothing is ever downloaded.

    Args:
        model: The folder of a cross-encoder, or its name on the hub if it lies in the local
            cache, such as ``cross-encoder/nli-deberta-v3-xsmall``.

    Raises:
        ConfigError: If there is no such model on this machine, or it names no entailment.
    """
    found = find_model(model, "cross-encoder")
    if found is None:
        raise ConfigError(
            f"The entailment model {model!r} is no folder, and not in the local cache of the hub. "
            "Give the folder of a cross-encoder, or fetch one once with: citewell models pull NAME "
            "(and give the folder that it names), or hf download NAME"
        )
    labels = _labels(found.folder)
    if len(labels) < 2 or ENTAILMENT not in labels:
        raise ConfigError(
            f"The model {model!r} cannot tell whether a text says a sentence: its config.json "
            f"names the labels {', '.join(labels) or 'none'}, and one must be called entailment. "
            "Choose one made for natural language inference."
        )
    return CrossEncoderEntailment(found.folder, found.name, labels.index(ENTAILMENT))


def _labels(folder: Path) -> list[str]:
    """Return the names of a classifier's labels in their order, in lower case."""
    named = read_json(folder / "config.json", {}).get("id2label")
    if not isinstance(named, dict) or not all(str(key).isdecimal() for key in named):
        return []
    return [str(named[key]).lower() for key in sorted(named, key=int)]
