"""Adapters on this machine: the one that ships with Citewell, and the user's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from citewell.app.llms.adapter_card import (
    ADAPTER,
    CARD,
    AdapterCard,
    adapter_folder,
    adapters_folder,
    read_card,
)
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.wording import one_line

Matrix = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "adapters" / "bundled"

SHIPPED_SHA256 = "3a18f582ae6900cfa5528e017c7d2fb9c2748d100d5b0281913100bc5b29aefc"
"""Of the weights in it; ``python -m bench.ship_adapter`` prints it."""

_NAMES = {"A": "down", "B": "up"}

_FORMATS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
"""By the names of safetensors."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter on this machine."""

    folder: Path
    card: AdapterCard

    @property
    def taught(self) -> bool:
        """Whether a model with it is asked by the prompt of taught models."""
        return self.card.prompt == "taught"


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What an adapter adds to the weights of a layer: ``up @ down``, times alpha / rank."""

    down: Matrix
    up: Matrix
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """Of the weights it is added to."""
        return self.up.shape[0], self.down.shape[1]

    def matrix(self) -> Matrix:
        """Return what is added."""
        return (self.scale * self.up @ self.down).astype(np.float32, copy=False)


def shipped_adapter(folder: Path = SHIPPED, sha256: str = SHIPPED_SHA256) -> Adapter:
    """Return the adapter that ships for the bundled model.

    Raises:
        NotConfigured: If it is missing or damaged.
    """
    try:
        adapter = Adapter(folder, read_card(folder))
        check_weights(adapter, sha256)
    except ConfigError as error:
        raise NotConfigured(
            f"The adapter of the bundled model cannot be used: {one_line(error)} "
            "Run: pip install --force-reinstall --no-deps citewell. Or choose the model without "
            "it: CITEWELL_LLM=bundled-base."
        ) from error
    return adapter


def own_adapter(home: Path, name: str) -> Adapter:
    """Return the user's adapter of that name.

    Raises:
        ConfigError: If there is none, or it is damaged.
    """
    folder = adapter_folder(home, name)
    if not (folder / CARD).is_file():
        known = ", ".join(path.name for path in own_folders(home)) or "none yet"
        raise ConfigError(
            f"There is no adapter named {name!r} in {folder.parent}. There are: {known}. "
            "Make one with: citewell tune train"
        )
    adapter = Adapter(folder, read_card(folder))
    check_weights(adapter, adapter.card.sha256)
    return adapter


def own_folders(home: Path) -> list[Path]:
    """Return the folders of the user's adapters, by name; their cards may be damaged."""
    return sorted(path.parent for path in adapters_folder(home).glob(f"*/{CARD}"))


def read_changes(adapter: Adapter) -> Mapping[str, Change]:
    """Return what an adapter adds, by the layers' names in transformers.

    Such a name is ``model.layers.0.self_attn.q_proj``.

    Raises:
        ConfigError: If its weights cannot be read, or hold what LoRA does not have.
    """
    halves: dict[str, dict[str, Matrix]] = {}
    for name, values in _read(adapter.folder / ADAPTER):
        layer, mark, half = name.removesuffix(".weight").rpartition(".lora_")
        layer = layer.removeprefix("base_model.model.")
        if not mark or half not in _NAMES:
            raise ConfigError(
                f"The adapter in {adapter.folder} holds {name!r}, which is not of LoRA. "
                "Teach it again with: citewell tune train"
            )
        halves.setdefault(layer, {})[_NAMES[half]] = values
    scale = adapter.card.alpha / adapter.card.rank
    try:
        return {layer: Change(**each, scale=scale) for layer, each in halves.items()}
    except TypeError as error:
        raise ConfigError(
            f"The adapter in {adapter.folder} holds only half of a change. "
            "Teach it again with: citewell tune train"
        ) from error


def check_weights(adapter: Adapter, sha256: str) -> None:
    """Check that the weights of an adapter are those that are meant.

    Raises:
        ConfigError: If they are not there or others.
    """
    file = adapter.folder / ADAPTER
    if not file.is_file():
        raise ConfigError(f"There is no {ADAPTER} in {adapter.folder}.")
    if (found := file_sha256(file)) != sha256:
        raise ConfigError(
            f"{file} is damaged or another: its SHA-256 is {found}, not {sha256}. "
            "Teach it again with: citewell tune train"
        )


def _read(file: Path) -> Iterator[tuple[str, Matrix]]:
    from safetensors import deserialize

    try:
        tensors = deserialize(file.read_bytes())  # type: ignore[no-untyped-call]
    except Exception as error:  # SafetensorError has no base of its own
        raise ConfigError(f"The adapter {file} cannot be read: {one_line(error)}.") from error
    for name, tensor in tensors:
        if tensor["dtype"] not in _FORMATS:
            raise ConfigError(
                f"The adapter {file} holds {name!r} in the format {tensor['dtype']}, which is not "
                f"read here ({', '.join(_FORMATS)} are). Teach it again with: citewell tune train"
            )
        yield name, _numbers(tensor["data"], tensor["dtype"]).reshape(tensor["shape"])


def _numbers(raw: bytes, kind: str) -> Matrix:
    stored = np.frombuffer(raw, _FORMATS[kind])
    if kind == "BF16":  # the upper half of a number in 32 bits, which numpy has no name for
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float32)
