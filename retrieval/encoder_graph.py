"""The graph of all-MiniLM-L6-v2 (BERT, Devlin et al. 2018), for OpenVINO, from its weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.openvino_runtime import openvino

LAYERS = 6
HEADS = 12
HEAD_SIZE = 32
NORM_EPSILON = 1e-12
"""As in its config.json."""

_MASKED = -1e4
"""Added to the score of padding: small enough for a weight of 0, and finite in bf16."""

Node = Any

Weight = Callable[[str], NDArray[np.float32]]
"""Gives the weights of a name, as BERT's own implementation names them."""


def build_graph(weights: Path) -> Any:
    """Return the ``openvino.Model``.

    It takes token ids (int32) and a mask (float32, 1 for a token and 0 for padding), both of
    shape ``(texts, tokens)``, and gives the sum of each text's token vectors, of shape
    ``(texts, dimension)``: in the direction of their mean, so scaled to length 1 it is the same.
    """
    return _Builder(mapped_weights(weights), LAYERS).mean_graph()


def build_token_graph(weight: Weight, head: str, layers: int = LAYERS) -> Any:
    """Return the ``openvino.Model`` that gives what a linear head makes of each token.

    It takes token ids, their types (both int32) and a mask (float32), all of shape
    ``(texts, tokens)``, and gives shape ``(texts, tokens, outputs)``.

    Args:
        weight: May take the weights of different names from different files.
        head: Name of the head, of weights of shape ``(outputs, dimension)``.
        layers: How many the encoder has.
    """
    return _Builder(weight, layers).token_graph(head)


def mapped_weights(weights: Path) -> Weight:
    """Return what gives the weights of a name, from the file as it lies in memory.

    Reading them with the package safetensors copies them twice, in 0.13 s. Its format: the length
    of a header, the header in JSON, the weights (huggingface.co/docs/safetensors).
    """
    # Copy-on-write, so that nothing can change the file: OpenVINO asks for what it may write to.
    content = np.memmap(weights, np.uint8, "c")
    start = 8 + int.from_bytes(content[:8].tobytes(), "little")
    header = json.loads(content[8:start].tobytes())

    def weight(name: str) -> NDArray[np.float32]:
        begin, end = header[name]["data_offsets"]
        flat: NDArray[np.float32] = content[start + begin : start + end].view(np.float32)
        return flat.reshape(header[name]["shape"])

    return weight


class _Builder:
    """Turns named weights into nodes of a graph."""

    def __init__(self, weight: Weight, layers: int) -> None:
        self._op: Any = openvino().opset13
        self._weight = weight
        self._layers = layers

    def mean_graph(self) -> Any:
        """Return the graph that sums the vectors of tokens."""
        op = self._op
        ids = op.parameter([-1, -1], np.int32, "ids")
        mask = op.parameter([-1, -1], np.float32, "mask")
        hidden = self._encode(self._embed_alike(ids), mask)
        row = op.unsqueeze(mask, _whole([1]))
        total = op.squeeze(op.matmul(row, hidden, False, False), _whole([1]))
        return openvino().Model([op.result(total)], [ids, mask], "all-MiniLM-L6-v2")

    def token_graph(self, head: str) -> Any:
        """Return the graph that gives numbers for each token, by a head of this name."""
        op = self._op
        ids = op.parameter([-1, -1], np.int32, "ids")
        types = op.parameter([-1, -1], np.int32, "types")
        mask = op.parameter([-1, -1], np.float32, "mask")
        hidden = self._encode(self._embed_typed(ids, types), mask)
        found = op.result(self._linear(hidden, head))
        return openvino().Model([found], [ids, types, mask], head)

    def _encode(self, hidden: Node, mask: Node) -> Node:
        """Return what the layers make of embeddings."""
        op = self._op
        scores = op.multiply(op.subtract(mask, _number(1)), _number(-_MASKED))
        ignored = op.unsqueeze(scores, _whole([1, 2]))
        for layer in range(self._layers):
            hidden = self._layer(hidden, ignored, f"encoder.layer.{layer}")
        return hidden

    def _embed_alike(self, ids: Node) -> Node:
        """Return the embeddings of tokens that are all of the first type."""
        first = self._weight("embeddings.token_type_embeddings.weight")[0]
        return self._embed(ids, self._weight("embeddings.position_embeddings.weight") + first)

    def _embed_typed(self, ids: Node, types: Node) -> Node:
        """Return the embeddings of tokens with their types."""
        kinds = self._constant("embeddings.token_type_embeddings.weight")
        places = self._weight("embeddings.position_embeddings.weight")
        return self._embed(ids, places, self._op.gather(kinds, types, _whole(0)))

    def _embed(self, ids: Node, places: NDArray[np.float32], *more: Node) -> Node:
        """Return the sum of word and position embeddings and ``more``, normalised."""
        op = self._op
        table = self._constant("embeddings.word_embeddings.weight")
        length = op.gather(op.shape_of(ids), _whole([1]), _whole(0))
        start, step, axis = _whole([0]), _whole([1]), _whole([0])
        position = op.slice(op.constant(places), start, length, step, axis)
        total = op.add(op.gather(table, ids, _whole(0)), position)
        for each in more:
            total = op.add(total, each)
        return self._norm(total, "embeddings.LayerNorm")

    def _layer(self, hidden: Node, ignored: Node, name: str) -> Node:
        """Return what one layer makes of the token vectors."""
        op = self._op
        attended = self._attend(hidden, ignored, f"{name}.attention.self")
        added = op.add(self._linear(attended, f"{name}.attention.output.dense"), hidden)
        hidden = self._norm(added, f"{name}.attention.output.LayerNorm")
        inner = op.gelu(self._linear(hidden, f"{name}.intermediate.dense"), "erf")
        added = op.add(self._linear(inner, f"{name}.output.dense"), hidden)
        return self._norm(added, f"{name}.output.LayerNorm")

    def _attend(self, hidden: Node, ignored: Node, name: str) -> Node:
        op = self._op
        query, key, value = (
            self._heads(self._linear(hidden, f"{name}.{part}"))
            for part in ("query", "key", "value")
        )
        mixed = op.scaled_dot_product_attention(query, key, value, ignored)
        joined = op.transpose(mixed, _whole([0, 2, 1, 3]))
        return op.reshape(joined, _whole([0, 0, -1]), True)

    def _heads(self, vectors: Node) -> Node:
        op = self._op
        parted = op.reshape(vectors, _whole([0, 0, HEADS, HEAD_SIZE]), True)
        return op.transpose(parted, _whole([0, 2, 1, 3]))

    def _linear(self, vectors: Node, name: str) -> Node:
        op = self._op
        product = op.matmul(vectors, self._constant(f"{name}.weight"), False, True)
        return op.add(product, self._constant(f"{name}.bias"))

    def _norm(self, vectors: Node, name: str) -> Node:
        op = self._op
        even = op.mvn(vectors, _whole([-1]), True, NORM_EPSILON, "INSIDE_SQRT")
        scaled = op.multiply(even, self._constant(f"{name}.weight"))
        return op.add(scaled, self._constant(f"{name}.bias"))

    def _constant(self, name: str) -> Node:
        return self._op.constant(self._weight(name), shared_memory=True)


def _number(value: float) -> Node:
    return openvino().opset13.constant(np.float32(value))


def _whole(value: int | list[int]) -> Node:
    return openvino().opset13.constant(np.array(value, np.int64))
