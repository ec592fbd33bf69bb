"""The taught reader: all-MiniLM-L6-v2, tuned, on OpenVINO."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citewell.app.reading.pairs import MAX_TOKENS, Window, load_tokenizer, windows
from citewell.app.reading.reader import ReadablePassage, Reading
from citewell.app.reading.scores import Columns, Mix, reading_of
from citewell.app.reading.tuned import HEAD, WEIGHTS, read_tuned
from citewell.retrieval.embedding_bundled import TOKENIZER, checked_weights
from citewell.retrieval.embedding_files import Precision
from citewell.retrieval.encoder import BATCH_TOKENS, HINTS, STEP, THREADS
from citewell.retrieval.encoder_graph import build_token_graph, mapped_weights
from citewell.retrieval.encoder_turns import Turns
from citewell.retrieval.openvino_runtime import openvino

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SHA256 = "ea46e39cc2b759349706cd5574b9993ca72581c32313821652644b28cc9fac37"
"""Of the weights that this version comes with."""


class TaughtReader:
    """Loaded when it first reads, then kept. Safe to use from several threads."""

    def __init__(self, bundled: Path, precision: Precision) -> None:
        """Take the folder of the bundled embedding model."""
        self._bundled = bundled
        self._precision = precision
        self._loading = Lock()

    def read(self, question: str, passages: Sequence[ReadablePassage]) -> list[Reading]:
        """Return the reading of each passage, in the order given.

        Raises:
            NotConfigured: If the weights are not those of this version, or OpenVINO fails.
        """
        return self._ready.read(question, passages) if passages else []

    @property
    def _ready(self) -> "LoadedReader":
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> "LoadedReader":
        tuned = read_tuned(WEIGHTS, SHA256, mapped_weights(checked_weights(self._bundled)))
        tokenizer = load_tokenizer(self._bundled / TOKENIZER)
        graph = build_token_graph(tuned.weight, HEAD)
        return LoadedReader(tokenizer, passes(graph, self._precision), tuned.mix)


class LoadedReader:
    """A tokenizer, what gives the numbers of tokens, and how they are mixed."""

    def __init__(
        self,
        tokenizer: "Tokenizer",
        run: Callable[[Sequence[Window]], list[Columns]],
        mix: Mix,
    ) -> None:
        """Take what reads some windows in one pass; it is never asked twice at a time."""
        self._tokenizer = tokenizer
        self._mix = mix
        self._turns = Turns(run, _fit)

    def read(self, question: str, passages: Sequence[ReadablePassage]) -> list[Reading]:
        """Return the reading of each passage, in the order given."""
        cut = [windows(self._tokenizer, question, passage) for passage in passages]
        places = [(i, window) for i, each in enumerate(cut) for window in each]
        places.sort(key=lambda place: -len(place[1].ids))
        found: list[list[tuple[Window, Columns]]] = [[] for _ in passages]
        columns = self._turns.results([window for _, window in places])
        for (i, window), each in zip(places, columns, strict=True):
            found[i].append((window, each))
        return [
            reading_of(len(passage.units), each, self._mix)
            for passage, each in zip(passages, found, strict=True)
        ]


def passes(graph: Any, precision: Precision) -> Callable[[Sequence[Window]], list[Columns]]:
    """Return what runs a graph over some windows at a time."""
    hints = {
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": str(THREADS),
    }
    request = openvino().Core().compile_model(graph, "CPU", hints).create_infer_request()

    def run(batch: Sequence[Window]) -> list[Columns]:
        # Not infer(): for that OpenVINO keeps threads for each thread that ever called it.
        request.start_async(list(_inputs(batch)))
        request.wait()
        return [Columns(*each.T) for each in request.get_output_tensor().data.copy()]

    return run


def _inputs(
    batch: Sequence[Window],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]:
    """Return the ids, types and mask of windows, each of shape ``(windows, tokens)``."""
    shape = (len(batch), _width(batch))
    ids, types = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    mask = np.zeros(shape, np.float32)
    for row, window in enumerate(batch):
        length = len(window.ids)
        ids[row, :length] = window.ids
        types[row, window.second : length] = 1
        mask[row, :length] = 1
    return ids, types, mask


def _fit(batch: Sequence[Window]) -> bool:
    return len(batch) * _width(batch) <= BATCH_TOKENS


def _width(batch: Sequence[Window]) -> int:
    """Return to how many tokens a batch is padded."""
    longest = max(len(window.ids) for window in batch)
    return max(longest, min(-(-longest // STEP) * STEP, MAX_TOKENS))
