"""The weights of the reader: what was taught, on top of those of the bundled embedding model."""

from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from citewell.app.reading.scores import Mix
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.encoder_graph import Weight
from citewell.retrieval.errors import NotConfigured

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"

HEAD = "head"
MIX = "mix"
STEP = ".step"
"""Ends the name of the steps that belong to a difference."""

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, slots=True)
class Tuned:
    """The reader's weights, by name, and its mix."""

    weight: Weight
    mix: Mix


def read_tuned(file: Path, sha256: str, bundled: Weight) -> Tuned:
    """Return the weights in a file, and for all other names the bundled ones.

    Raises:
        NotConfigured: If it is not the file that belongs to this version of Citewell.
    """
    from safetensors.numpy import load_file

    if not file.is_file() or file_sha256(file) != sha256:
        raise NotConfigured(
            f"{file} is missing or is not the reader of this version. "
            "Run: pip install --force-reinstall --no-deps citewell. Or set CITEWELL_READER=none."
        )
    return unpack(load_file(file), bundled)


def unpack(stored: Arrays, bundled: Weight) -> Tuned:
    """Return stored weights ready for use."""

    def weight(name: str) -> NDArray[np.float32]:
        if name not in stored:
            return bundled(name)
        whole = stored[name].astype(np.float32)
        if name + STEP not in stored:
            return whole
        return bundled(name) + whole * stored[name + STEP].astype(np.float32)

    return Tuned(weight, Mix(*stored[MIX].astype(np.float64).tolist()))


def pack(tuned: dict[str, NDArray[np.float32]], mix: Mix, bundled: Weight) -> Arrays:
    """Return weights as they are stored: the matrices of layers as differences in int8.

    A difference from the bundled weights is small, so its steps of 1/127 of the largest in a row
    lie closer together than the numbers of fp16 do around the weights themselves.
    """
    stored: Arrays = {MIX: np.array(astuple(mix), np.float32)}
    for name, values in tuned.items():
        if values.ndim == 2 and not name.startswith(HEAD):
            change = values - bundled(name)
            step = np.abs(change).max(axis=1, keepdims=True) / 127
            step = np.maximum(step, 1e-12).astype(np.float32)
            stored[name] = np.round(change / step).astype(np.int8)
            stored[name + STEP] = step
        else:
            stored[name] = values.astype(np.float32)
    return stored
