"""An adapter joined with the converted model: added to its weights, which are kept in int8.

OpenVINO GenAI can run an adapter beside the weights, but finds its layers by names, which a
converted GGUF file has not; and it fuses none with compressed weights. Besides, it cuts the least
value of each block of Q4_1 to a whole number of steps when it converts the file, which changes
the weights by 8 % (root mean square): an adapter would then sit on other weights than it was
taught on. So all matrices are made anew from the numbers in the GGUF file, with what the
adapter adds, a step for each row: as fast as four bits, and 0.9 % from what is meant.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citewell.app.llms.adapter_files import Adapter, Change, read_changes
from citewell.app.llms.gguf_tensors import (
    Q4_1,
    GgufFile,
    Tensor,
    read_gguf,
    read_steps,
    read_weights,
)
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.openvino_runtime import openvino

MODEL = "openvino_model.xml"

_LAYERS = {
    **{"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj"},
    **{"attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj"},
    "ffn_down": "mlp.down_proj",
}
"""By the names of gguf-py (``tensor_mapping.py``), those of transformers."""

_HEADS = {"attn_q": "llama.attention.head_count", "attn_k": "llama.attention.head_count_kv"}

Rows = NDArray[Any]


def join(folder: Path, gguf: Path, adapter: Adapter) -> None:
    """Change a converted model in place: the matrices of its layers, with an adapter's changes.

    Args:
        folder: The converted model.
        gguf: What it was converted from: of the architecture llama, its layers in Q4_1.
        adapter: Taught on that model.

    Raises:
        ConfigError: If the adapter does not fit the model.
        NotConfigured: If OpenVINO has converted it into a form that is not known here.
        OSError: If it cannot be written.
    """
    source = read_gguf(gguf)
    tensors = _by_layer(source)
    changes = read_changes(adapter)
    _check(adapter, changes, tensors)
    model = openvino().Core().read_model(str(folder / MODEL))
    known = {_mark(_steps(source, each)): layer for layer, each in tensors.items()}
    for port, mark in _weights(model):
        layer = known.pop(mark, None)
        if layer is not None:
            weights = _in_order(source, tensors[layer], read_weights(source, tensors[layer]))
            if layer in changes:
                weights = weights + changes[layer].matrix()
            port.replace_source_output(_constant(*quantised(weights)))
    if known:
        raise NotConfigured(
            f"This release of OpenVINO GenAI converts {gguf.name} into a form in which "
            f"{min(known.values())} is not found. Install the release that Citewell was made "
            "with, or choose the model without adapter: CITEWELL_LLM=bundled-base."
        )
    _save(model, folder)


def check_fit(adapter: Adapter, gguf: Path) -> None:
    """Check that an adapter changes layers that a model has.

    Raises:
        ConfigError: If it does not fit, or a file is damaged.
    """
    _check(adapter, read_changes(adapter), _by_layer(read_gguf(gguf)))


def quantised(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights in steps of each row, -127 to 127, and the steps, in a column."""
    steps = np.maximum(np.abs(weights).max(axis=1, keepdims=True) / 127, 1e-12)
    return np.round(weights / steps).astype(np.int8), steps.astype(np.float32)


def _check(adapter: Adapter, changes: Mapping[str, Change], tensors: Mapping[str, Tensor]) -> None:
    for layer, change in changes.items():
        shape = tensors[layer].shape if layer in tensors else None
        if change.shape != shape:
            raise ConfigError(
                f"The adapter in {adapter.folder} does not fit the bundled model: it changes "
                f"{layer} of the shape {change.shape}, not {shape}. Teach it on the bundled "
                "model: citewell tune train --base bundled"
            )


def _by_layer(source: GgufFile) -> dict[str, Tensor]:
    return {_layer(name): each for name, each in source.tensors.items() if each.kind == Q4_1}


def _layer(name: str) -> str:
    """Return the name in transformers of the layer that has a GGUF tensor."""
    parts = name.split(".")
    known = len(parts) == 4 and parts[0] == "blk" and parts[2] in _LAYERS
    return f"model.layers.{parts[1]}.{_LAYERS[parts[2]]}" if known else name


def _steps(source: GgufFile, tensor: Tensor) -> Rows:
    return _in_order(source, tensor, read_steps(source, tensor))


def _in_order(source: GgufFile, tensor: Tensor, rows: Rows) -> Rows:
    """Return the rows of a tensor in the order of transformers, and of OpenVINO.

    The two halves of a head's rows, which are rotated together, stand alternately in a GGUF file
    of the architecture llama (``permute`` in llama.cpp's convert_hf_to_gguf.py).
    """
    key = _HEADS.get(tensor.name.split(".")[-2])
    if key is None:
        return rows
    heads = int(str(source.fields[key]))
    return rows.reshape(heads, -1, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def _weights(model: Any) -> Iterator[tuple[Any, bytes]]:
    """Yield the weights of each matrix multiplication, and the mark by which they are known.

    OpenVINO keeps no names, but the steps of the blocks as they are.
    """
    for node in model.get_ordered_ops():
        if node.get_type_name() == "MatMul":
            port = node.input(1)
            for constant in _constants(port.get_source_output().get_node()):
                if constant.get_output_element_type(0).get_type_name() == "f16":
                    yield port, _mark(constant.data)


def _constants(node: Any) -> Iterator[Any]:
    """Yield the constants that some weights are worked out from; none if there is more to it."""
    if node.get_type_name() == "Constant":
        yield node
    elif node.get_type_name() in ("Convert", "Reshape", "Multiply", "Subtract"):
        for port in node.inputs():
            yield from _constants(port.get_source_output().get_node())


def _mark(steps: Rows) -> bytes:
    return steps.astype("<f2").tobytes()


def _constant(weights: NDArray[np.int8], steps: NDArray[np.float32]) -> Any:
    ops = openvino().opset13
    return ops.multiply(ops.convert(ops.constant(weights), "f32"), ops.constant(steps)).output(0)


def _save(model: Any, folder: Path) -> None:
    saved = folder / f"joined_{MODEL}"
    openvino().save_model(model, str(saved), compress_to_fp16=False)
    del model  # it keeps the file open that is replaced
    for suffix in (".bin", ".xml"):
        saved.with_suffix(suffix).replace((folder / MODEL).with_suffix(suffix))
