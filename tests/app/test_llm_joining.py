"""An adapter joined with a converted model: tiny ones made here, and the bundled one."""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from citewell.app.llms.adapter_card import ADAPTER, AdapterCard, adapter_folder, write_card
from citewell.app.llms.adapter_files import Adapter, own_adapter
from citewell.app.llms.factory import open_model
from citewell.app.llms.gguf_tensors import read_gguf, read_weights
from citewell.app.llms.joining import MODEL, join, quantised
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.llms.smollm2 import GGUF_SHA256, converted_folder
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.openvino_runtime import openvino
from citewell.retrieval.settings import Settings

Array = NDArray[Any]
F16, Q4_1, Q8_0 = 1, 3, 8
ROWS, COLUMNS = 8, 64
"""Of the weights here: two heads of four rows, two blocks a row."""


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(path: Path, tensors: Mapping[str, tuple[int, tuple[int, ...], bytes]]) -> Path:
    """Write a GGUF file with two heads and some tensors."""
    heads = text("llama.attention.head_count") + struct.pack("<II", 4, 2)
    head, data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), 1) + heads, b""
    for name, (kind, shape, raw) in tensors.items():
        sizes = struct.pack(f"<I{len(shape)}Q", len(shape), *shape[::-1])
        head += text(name) + sizes + struct.pack("<IQ", kind, len(data))
        data += raw + bytes(-len(raw) % 32)
    path.write_bytes(head + bytes(-len(head) % 32) + data)
    return path


def codes(seed: int) -> Array:
    return np.random.default_rng(seed).integers(0, 16, (ROWS * COLUMNS // 32, 32), np.uint8)


def steps(seed: int) -> Array:
    rng = np.random.default_rng(seed)
    return (0.01 + rng.random((ROWS * COLUMNS // 32, 1)) / 100).astype(np.float16)


def q4_1(seed: int) -> tuple[int, tuple[int, ...], bytes]:
    """Return a tensor in which all least values are -0.1."""
    numbers, step = codes(seed), steps(seed)
    packed = numbers[:, :16] | (numbers[:, 16:] << 4)
    least = np.full_like(step, -0.1)
    raw = np.concatenate([step.view(np.uint8), least.view(np.uint8), packed], axis=1)
    return Q4_1, (ROWS, COLUMNS), raw.tobytes()


def weights(seed: int) -> Array:
    """Return the numbers of such a tensor."""
    least = np.float32(np.float16(-0.1))
    return (codes(seed) * steps(seed).astype(np.float32) + least).reshape(ROWS, COLUMNS)


def rotated(rows: Array) -> Array:
    """Return rows of two heads as transformers has them: first halves first."""
    return rows[[0, 2, 1, 3, 4, 6, 5, 7]]


def converted(folder: Path, *, rows: Array) -> Path:
    """Save a model that multiplies by weights of the steps in ``rows``, in OpenVINO's form."""
    ov = openvino()
    ops = ov.opset13
    given = ops.parameter([1, COLUMNS], np.float32)
    numbers = ops.convert(ops.constant(np.ones((ROWS, COLUMNS // 32, 32), np.uint8)), "f16")
    scaled = ops.multiply(numbers, ops.constant(rows.reshape(ROWS, COLUMNS // 32, 1)))
    shape = ops.constant(np.array([ROWS, COLUMNS], np.int64))
    matrix = ops.convert(ops.reshape(scaled, shape, special_zero=False), "f32")
    product = ops.matmul(given, matrix, transpose_a=False, transpose_b=True)
    folder.mkdir()
    ov.serialize(ov.Model([product], [given]), str(folder / MODEL))
    return folder


def matrix_of(folder: Path) -> Array:
    """Return what the model in a folder multiplies by."""
    ov = openvino()
    run = ov.Core().compile_model(str(folder / MODEL), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.concatenate([run([row[None]])[0] for row in np.eye(COLUMNS, dtype=np.float32)]).T


def put_adapter(home: Path, changes: Mapping[str, tuple[Array, Array]], name: str) -> Adapter:
    """Write an adapter whose changes are not scaled."""
    from safetensors.numpy import save_file

    folder = adapter_folder(home, name)
    folder.mkdir(parents=True)
    stored = {
        f"base_model.model.{layer}.lora_{half}.weight": values.astype(np.float16)
        for layer, halves in changes.items()
        for half, values in zip("AB", halves, strict=True)
    }
    save_file(stored, folder / ADAPTER)
    card = AdapterCard(
        name=name,
        base="bundled",
        base_sha256=GGUF_SHA256,
        rank=1,
        alpha=1,
        targets=(),
        sha256=hashlib.sha256((folder / ADAPTER).read_bytes()).hexdigest(),
        made="2026-11-22",
    )
    write_card(folder, card)
    return Adapter(folder, card)


def change(rows: int, columns: int) -> tuple[Array, Array]:
    return np.full((1, columns), 0.25), np.arange(rows)[:, None] / rows


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        (F16, np.arange(32, dtype=np.float16).tobytes(), list(range(32))),
        (Q8_0, np.float16(0.5).tobytes() + bytes(range(32)), [n / 2 for n in range(32)]),
        (
            Q4_1,
            np.array([0.5, -1], np.float16).tobytes() + bytes([0x21] * 16),
            [-0.5] * 16 + [0.0] * 16,
        ),
    ],
)
def test_weights_are_read_from_each_format(
    kind: int, raw: bytes, expected: list[float], tmp_path: Path
) -> None:
    file = read_gguf(gguf(tmp_path / "m.gguf", {"t": (kind, (1, 32), raw)}))

    assert read_weights(file, file.tensors["t"]).tolist() == [expected]


def test_a_format_that_is_not_known_is_refused(tmp_path: Path) -> None:
    file = read_gguf(gguf(tmp_path / "m.gguf", {"t": (14, (1, 256), b"x")}))

    with pytest.raises(ConfigError, match="has t in the format 14, which is not read here"):
        read_weights(file, file.tensors["t"])


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = gguf(tmp_path / "m.gguf", {"t": (F16, (1, 32), b"")})

    with pytest.raises(ConfigError, match=r"m\.gguf is cut off"):
        read_weights(read_gguf(path), read_gguf(path).tensors["t"])


def test_a_row_takes_all_steps_of_eight_bits() -> None:
    numbers, step = quantised(np.array([[-2.0, 1.0, 0.0], [0.0, 0.0, 0.0]], np.float32))

    assert numbers.tolist() == [[-127, 64, 0], [0, 0, 0]]
    assert step[0, 0] == pytest.approx(2 / 127)


def test_a_layer_gets_the_weights_of_the_file_and_the_change(tmp_path: Path) -> None:
    file = gguf(tmp_path / "m.gguf", {"blk.0.ffn_down.weight": q4_1(1)})
    folder = converted(tmp_path / "ir", rows=steps(1))
    adapter = put_adapter(tmp_path, {"model.layers.0.mlp.down_proj": change(ROWS, COLUMNS)}, "mine")
    join(folder, file, adapter)

    a, b = change(ROWS, COLUMNS)
    assert np.abs(matrix_of(folder) - (weights(1) + b @ a)).max() < 0.003
    assert sorted(path.name for path in folder.iterdir()) == [
        "openvino_model.bin",
        "openvino_model.xml",
    ]


def test_the_rows_of_rotated_heads_are_put_in_order(tmp_path: Path) -> None:
    file = gguf(tmp_path / "m.gguf", {"blk.0.attn_q.weight": q4_1(2)})
    order = rotated(steps(2).reshape(ROWS, -1))
    folder = converted(tmp_path / "ir", rows=order)
    join(folder, file, put_adapter(tmp_path, {}, "empty"))

    assert np.abs(matrix_of(folder) - rotated(weights(2))).max() < 0.003


def test_a_conversion_of_another_form_is_told(tmp_path: Path) -> None:
    file = gguf(tmp_path / "m.gguf", {"blk.7.ffn_up.weight": q4_1(3)})
    folder = converted(tmp_path / "ir", rows=steps(4))

    with pytest.raises(NotConfigured, match=r"layers\.7\.mlp\.up_proj is not found.*bundled-base"):
        join(folder, file, put_adapter(tmp_path, {}, "empty"))


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("model.layers.0.mlp.down_proj", r"of the shape \(4, 64\), not \(8, 64\)"),
        ("model.layers.9.mlp.down_proj", r"of the shape \(4, 64\), not None"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(layer: str, message: str, tmp_path: Path) -> None:
    file = gguf(tmp_path / "m.gguf", {"blk.0.ffn_down.weight": q4_1(1)})
    adapter = put_adapter(tmp_path, {layer: change(4, COLUMNS)}, "mine")

    with pytest.raises(ConfigError, match=message):
        join(tmp_path, file, adapter)


@pytest.mark.models
def test_the_bundled_model_is_joined_once_for_each_adapter(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    layer = "model.layers.29.mlp.down_proj"
    put_adapter(tmp_path, {layer: (np.zeros((1, 1536)), np.zeros((576, 1)))}, "nothing")
    forgotten = converted_folder(tmp_path, replace_sha(own_adapter(tmp_path, "nothing"), "f" * 64))
    forgotten.mkdir(parents=True)
    model = open_model("tuned:nothing", settings)
    assert model is not None
    asked = (Message("user", "What is 2+2?"),)

    assert "4" in "".join(model.stream(asked, GenerationSettings(max_tokens=20)))
    folders = [path for path in (tmp_path / "models").iterdir() if path.is_dir()]
    assert folders == [converted_folder(tmp_path, own_adapter(tmp_path, "nothing"))]
    model.close()


def replace_sha(adapter: Adapter, sha256: str) -> Adapter:
    return replace(adapter, card=replace(adapter.card, sha256=sha256))
