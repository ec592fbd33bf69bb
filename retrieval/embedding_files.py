"""What the folder of a sentence-transformers model says about its vectors, without loading it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import read_json, read_json_objects
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

Precision = Literal["fp32", "bf16"]

_SETTINGS = (
    "config.json",
    "sentence_bert_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "config_sentence_transformers.json",
)
"""Of a module or of the whole model. The last holds its prompts."""

_TOKENIZERS = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "sentencepiece.bpe.model",
    "spiece.model",
)

_VOLATILE = (
    "__version__",
    "transformers_version",
    "name_or_path",
    "_name_or_path",
    "dtype",
    "torch_dtype",
    "is_local",
    "local_files_only",
    "similarity_fn_name",
)
"""Keys that change when the same model is saved anew, or have no part in its vectors."""

_OLD_MODES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""How sentence-transformers before 5.4 wrote pooling down, in the order in which it joins them."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How vectors come about: what pools tokens (blank if nothing does), and their length."""

    pooling: str
    dimension: int


def read_fingerprint(folder: Path, name: str, precision: Precision) -> Fingerprint:
    """Return what makes a model's vectors: weights, tokenizer, prompts and settings.

    Reads all of the weights to hash them.

    Raises:
        ConfigError: If the folder lacks weights, or a configuration that names the dimension.
    """
    modules = _modules(folder)
    shape = _shape(folder, modules)
    return Fingerprint(
        model=name,
        revision=_revision(folder, [place for _, place in modules]),
        precision=precision,
        pooling=shape.pooling,
        dimension=shape.dimension,
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


def _modules(folder: Path) -> list[tuple[str, Path]]:
    """Return the kind of each module, such as ``Pooling``, and its folder, in order."""
    return [
        (str(each.get("type", "")).rpartition(".")[2], folder / str(each.get("path", "")))
        for each in read_json_objects(folder / "modules.json")
    ]


def _shape(folder: Path, modules: list[tuple[str, Path]]) -> _Shape:
    pooling, dimension = "", 0
    for kind, place in modules:
        if kind == "Pooling":
            settings = read_json(place / "config.json")
            modes = _modes(settings)
            pooling = "+".join(modes)
            dimension = len(modes) * _dimension(settings)
        elif kind == "Dense":
            dimension = _dimension(read_json(place / "config.json"))
        elif kind == "StaticEmbedding":
            pooling, dimension = "mean", _columns(place / "model.safetensors")
    if dimension < 1:
        raise ConfigError(
            f"{folder} is no model that embeds text: none of the modules in its modules.json "
            "names the dimension of its vectors. Give the folder of another model."
        )
    return _Shape(pooling, dimension)


def _modes(pooling: dict[str, object]) -> list[str]:
    """Return how a module pools tokens: several vectors are joined end to end."""
    mode = pooling.get("pooling_mode")
    if isinstance(mode, list):
        return [str(each) for each in mode]
    if isinstance(mode, str):
        return [mode]
    return [new for old, new in _OLD_MODES.items() if pooling.get(old)] or ["mean"]


def _dimension(settings: dict[str, object]) -> int:
    names = ("out_features", "embedding_dimension", "word_embedding_dimension")
    found = next((settings[name] for name in names if name in settings), 0)
    return found if isinstance(found, int) else 0


def _columns(weights: Path) -> int:
    """Return the width of a table of word vectors, from the header of its file."""
    from safetensors import safe_open

    try:
        with safe_open(weights, framework="np") as file:
            name = next(iter(file.keys()))
            return int(file.get_slice(name).get_shape()[-1])
    except Exception as error:  # the package raises errors of its own
        raise ConfigError(f"{weights} cannot be read: {error}") from error


def _revision(folder: Path, places: list[Path]) -> str:
    """Return the SHA-256 over all that bears on the vectors: weights, tokenizer, settings."""
    parts = []
    for place in dict.fromkeys([folder, *places]):
        for file in sorted(place.glob("*")):
            if file.suffix in (".safetensors", ".bin") or file.name in _TOKENIZERS:
                parts.append(f"{file.relative_to(folder)} {file_sha256(file)}")
            elif file.name in _SETTINGS:
                parts.append(f"{file.relative_to(folder)} {_lasting(file)}")
    if not any(".safetensors " in part for part in parts):
        raise ConfigError(
            f"{folder} holds no model weights (*.safetensors). Give the folder of a model that "
            "was saved with them."
        )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _lasting(file: Path) -> str:
    """Return the settings in a file, without what changes when the same model is saved anew."""
    kept = {key: value for key, value in read_json(file).items() if key not in _VOLATILE}
    return json.dumps(kept, sort_keys=True)
