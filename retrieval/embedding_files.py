"""What the folder of an embedding model says about its vectors, read without loading it."""

import hashlib
from pathlib import Path
from typing import Literal

import numpy as np

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import read_json
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

Precision = Literal["fp32", "bf16"]


def read_fingerprint(folder: Path, name: str, precision: Precision) -> Fingerprint:
    """Return what makes a model's vectors. Reads all of its weights to hash them.

    Raises:
        ConfigError: If the folder lacks weights, or a configuration that names the dimension.
    """
    pooling = read_json(folder / "1_Pooling" / "config.json")
    dimension = pooling.get("word_embedding_dimension")
    if not isinstance(dimension, int):
        raise ConfigError(
            f"{folder} is no sentence-transformers model: 1_Pooling/config.json names no "
            "dimension. Give the folder of a model saved by sentence-transformers."
        )
    mode = next((key for key, on in pooling.items() if key.startswith("pooling_mode_") and on), "")
    return Fingerprint(
        model=name,
        revision=_weights_sha256(folder),
        precision=precision,
        pooling=mode.removeprefix("pooling_mode_"),
        dimension=dimension,
    )


def unit(vectors: object) -> Vectors:
    """Return vectors of length 1 in fp32: what bf16 gives is only nearly of that length."""
    array = np.asarray(vectors, dtype=np.float32)
    length = np.linalg.norm(array, axis=-1, keepdims=True)
    scaled: Vectors = array / np.maximum(length, 1e-12)
    return scaled


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
