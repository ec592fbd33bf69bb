"""The weights in a GGUF file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; blocks of 32 weights as
``block_q4_1`` and ``block_q8_0`` in ggml-common.h.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from citewell.app.llms.gguf_header import read_fields, read_number, read_start, read_text
from citewell.retrieval.errors import ConfigError

Matrix = NDArray[np.float32]

Q4_1 = 3
"""The format of four bits in which each block has its least value besides its step."""

_BLOCK = 32
_BLOCK_BYTES = {0: 4 * _BLOCK, 1: 2 * _BLOCK, Q4_1: 20, 8: 34}
"""By format: F32, F16, Q4_1, Q8_0."""

_MOST_TENSORS = 100_000
_MOST_DIMENSIONS = 4
_ALIGNMENT = 32
"""Where ``general.alignment`` does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor is in a file.

    Attributes:
        shape: Rows first, as numpy has it; the file has it the other way round.
        kind: Number of its format.
        start: Of its bytes, from the beginning of the file.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    start: int


@dataclass(frozen=True, slots=True)
class GgufFile:
    """A GGUF file: what its header says, and its tensors by name."""

    path: Path
    fields: Mapping[str, object]
    tensors: Mapping[str, Tensor]


def read_gguf(path: Path) -> GgufFile:
    """Return what is in a GGUF file; no weight is read.

    Raises:
        ConfigError: If it is not a GGUF file or is damaged.
    """
    try:
        with path.open("rb") as file:
            count, keys = read_start(file)
            fields = read_fields(file, keys)
            tensors = _tensors(file, count, fields.get("general.alignment", _ALIGNMENT))
    except (OSError, ValueError, struct.error) as error:
        raise ConfigError(
            f"{path} cannot be read as a GGUF model: {error}. Download or install it again."
        ) from error
    return GgufFile(path, fields, {tensor.name: tensor for tensor in tensors})


def read_weights(source: GgufFile, tensor: Tensor) -> Matrix:
    """Return the weights of a tensor.

    Raises:
        ConfigError: If the file ends before the tensor does, or it has a format unknown here.
    """
    raw = _raw(source, tensor)
    if tensor.kind == 0:
        values = raw.view("<f4").astype(np.float32)
    elif tensor.kind == 1:
        values = raw.view("<f2").astype(np.float32)
    elif tensor.kind == Q4_1:
        values = _from_q4_1(raw)
    else:
        values = _from_q8_0(raw)
    return values.reshape(tensor.shape)


def read_steps(source: GgufFile, tensor: Tensor) -> NDArray[np.float16]:
    """Return the step of each block of a tensor in Q4_1, a row of them for each row of weights.

    Raises:
        ConfigError: If the file ends before the tensor does.
    """
    blocks = _raw(source, tensor).reshape(-1, _BLOCK_BYTES[Q4_1])
    return blocks[:, :2].copy().view("<f2").reshape(tensor.shape[0], -1)


def _tensors(file: BinaryIO, count: int, alignment: object) -> list[Tensor]:
    if count > _MOST_TENSORS:
        raise ValueError(f"its header has {count} tensors")
    if not isinstance(alignment, int) or alignment < 1:
        raise ValueError(f"its alignment is {alignment!r}")
    entries = [_entry(file) for _ in range(count)]
    data = -(-file.tell() // alignment) * alignment
    return [Tensor(name, shape, kind, data + at) for name, shape, kind, at in entries]


def _entry(file: BinaryIO) -> tuple[str, tuple[int, ...], int, int]:
    name = read_text(file)
    dimensions = read_number(file, "I")
    if not 0 < dimensions <= _MOST_DIMENSIONS:
        raise ValueError(f"its tensor {name!r} has {dimensions} dimensions")
    shape = tuple(read_number(file, "Q") for _ in range(dimensions))[::-1]
    return name, shape, read_number(file, "I"), read_number(file, "Q")


def _raw(source: GgufFile, tensor: Tensor) -> NDArray[np.uint8]:
    if tensor.kind not in _BLOCK_BYTES or math.prod(tensor.shape) % _BLOCK:
        raise ConfigError(
            f"{source.path} has {tensor.name} in the format {tensor.kind}, which is not read here. "
            "Choose a file in F32, F16, Q4_1 or Q8_0."
        )
    size = math.prod(tensor.shape) // _BLOCK * _BLOCK_BYTES[tensor.kind]
    with source.path.open("rb") as file:
        file.seek(tensor.start)
        raw = file.read(size)
    if len(raw) < size:
        raise ConfigError(f"{source.path} is cut off. Download or install it again.")
    return np.frombuffer(raw, np.uint8)


def _from_q4_1(raw: NDArray[np.uint8]) -> Matrix:
    blocks = raw.reshape(-1, _BLOCK_BYTES[Q4_1])
    step, least = (blocks[:, at : at + 2].copy().view("<f2").astype(np.float32) for at in (0, 2))
    pairs = blocks[:, 4:]  # the first 16 weights are in the low bits
    return np.concatenate([pairs & 15, pairs >> 4], axis=1).astype(np.float32) * step + least


def _from_q8_0(raw: NDArray[np.uint8]) -> Matrix:
    blocks = raw.reshape(-1, _BLOCK_BYTES[8])
    step = blocks[:, :2].copy().view("<f2").astype(np.float32)
    return blocks[:, 2:].view(np.int8).astype(np.float32) * step
