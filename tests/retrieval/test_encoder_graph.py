"""The graph that gives numbers for each token, over an encoder small enough to work out."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from citewell.retrieval.encoder_graph import build_token_graph
from citewell.retrieval.openvino_runtime import openvino

SIZE = 384
HALVES = np.repeat([1.0, -1.0], SIZE // 2)
TURNS = np.tile([1.0, -1.0], SIZE // 2)

Run = Callable[[list[list[int]], list[list[int]], list[list[float]]], NDArray[np.float32]]


def weight(name: str) -> NDArray[np.float32]:
    """Of one layer that adds to each vector the mean of all, and a head that shows two numbers.

    Token 0 is HALVES, token 1 is TURNS; the second type turns HALVES into its opposite.
    """
    given = {
        "embeddings.word_embeddings.weight": np.stack([HALVES, TURNS]),
        "embeddings.token_type_embeddings.weight": np.stack([0 * HALVES, -2 * HALVES]),
        "embeddings.position_embeddings.weight": np.zeros((8, SIZE)),
        "encoder.layer.0.attention.self.value.weight": np.eye(SIZE),
        "encoder.layer.0.attention.output.dense.weight": np.eye(SIZE),
        "head.weight": np.eye(2, SIZE),
        "head.bias": np.array([0.0, 10.0]),
    }
    if name in given:
        return given[name].astype(np.float32)
    if name.endswith("LayerNorm.weight"):
        return np.ones(SIZE, np.float32)
    rows, columns = SIZE, SIZE
    if "intermediate" in name:
        rows = 4 * SIZE
    elif "attention" not in name:
        columns = 4 * SIZE
    shape = (rows, columns) if name.endswith("weight") else (rows,)
    return np.zeros(shape, np.float32)


@pytest.fixture(scope="module")
def run() -> Run:
    """Runs the graph over ids, types and a mask."""
    graph = build_token_graph(weight, "head", layers=1)
    hints = {"INFERENCE_PRECISION_HINT": "f32"}
    request = openvino().Core().compile_model(graph, "CPU", hints).create_infer_request()

    def numbers(
        ids: list[list[int]], types: list[list[int]], mask: list[list[float]]
    ) -> NDArray[np.float32]:
        inputs = [np.array(ids, np.int32), np.array(types, np.int32), np.array(mask, np.float32)]
        request.infer(inputs)
        found: NDArray[np.float32] = request.get_output_tensor().data.copy()
        return found

    return numbers


def test_each_token_gets_the_numbers_of_the_head(run: Run) -> None:
    # HALVES + (HALVES + TURNS) / 2 scaled to a variance of 1: (2, 1) / sqrt(2.5) in two places
    found = run([[0, 1]], [[0, 0]], [[1.0, 1.0]])

    assert found[0] == pytest.approx(np.array([[1.2649, 10.6325], [1.2649, 9.3675]]), abs=1e-3)


def test_padding_does_not_change_the_numbers_of_a_token(run: Run) -> None:
    found = run([[0, 1]], [[0, 0]], [[1.0, 0.0]])

    assert found[0, 0] == pytest.approx(np.array([1.0, 11.0]), abs=1e-3)


def test_the_type_of_a_token_is_part_of_its_vector(run: Run) -> None:
    found = run([[0]], [[1]], [[1.0]])

    assert found[0, 0] == pytest.approx(np.array([-1.0, 9.0]), abs=1e-3)
