"""Text encoders on OpenVINO: no torch, and no padding to speak of."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.embedding_files import Precision, unit
from citewell.retrieval.encoder_turns import MOST, Turns
from citewell.retrieval.openvino_runtime import openvino
from citewell.retrieval.store import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Tokens = NDArray[np.int32]

SLICE = 512
"""Texts tokenized at a time: what a longer list needs beside its vectors stays the same."""

BATCH_TOKENS = 1024
"""Tokens a pass, padding included; 2048 and 4096 were not faster and take more memory."""

FEW = 48
"""A list up to this long passes as questions do; the candidates for an answer are no more. For
longer ones, as they are ingested, the model is compiled a second time, in 0.2 s and 50 MB."""

STREAMS = 2
"""Passes of a long list at a time, each on its share of the cores. On two cores this takes 16 %
less processor time than one pass on both, which wait for each other in every layer."""

THREADS = 4
"""Most cores for the pass of a question: its layers are too small for more to help."""

STEP, SHORT_STEP, SHORT = 16, 8, 64
"""Passes are padded to multiples of 16 tokens, up to 64 tokens of 8. For each shape OpenVINO makes
code of its own and keeps it, in 10 ms and 1 to 2.5 MB."""

HINTS = {"fp32": "f32", "bf16": "bf16"}
"""How OpenVINO calls precisions."""


@dataclass(frozen=True, slots=True)
class EncoderFiles:
    """What an encoder is made of.

    Attributes:
        tokenizer: A ``tokenizer.json``.
        max_tokens: Tokens of a text that count.
        padding: Number of the token that fills up shorter texts.
        graph: Makes the ``openvino.Model``. It takes token ids (int32) and a mask (float32, 1 for
            a token and 0 for padding), both of shape ``(texts, tokens)``, and gives for each text
            its vector, of any length above 0: shape ``(texts, dimension)``.
    """

    tokenizer: Path
    max_tokens: int
    padding: int
    graph: Callable[[], Any]


class Encoder:
    """An encoder and its tokenizer, loaded. Safe to use from several threads.

    A question waits for the pass that is under way, not for all that other threads have asked.
    """

    def __init__(self, files: EncoderFiles, precision: Precision) -> None:
        self._tokenizer = _load_tokenizer(files)
        self._files = files
        self._graph = files.graph()
        self._precision = precision
        self._compiling = Lock()
        few = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": str(THREADS)}
        self._request = self._compile(few).create_infer_request()
        self._turns: Turns[Tokens, Vectors] = Turns(self._run, self._fit)

    def encode_one(self, text: str) -> Vectors:
        """Return the vector of a text, of shape ``(dimension,)`` and length 1."""
        tokens = np.array(self._tokenizer.encode(text).ids, np.int32)
        return unit(self._turns.results([tokens])[0])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of some texts, in their order; rows of length 1."""
        run = self._encode_few if len(texts) <= FEW else self._encode_many
        return unit(np.stack(run(self._tokenize(texts))))

    def _tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        return [np.array(each.ids, np.int32) for each in encodings]

    def _encode_few(self, tokens: Sequence[Tokens]) -> list[Vectors]:
        """Embed in turns with what other threads ask."""
        sums = [np.zeros(0, np.float32)] * len(tokens)
        by_length = sorted(range(len(tokens)), key=lambda place: -len(tokens[place]))
        for start in range(0, len(tokens), MOST):
            places = by_length[start : start + MOST]
            found = self._turns.results([tokens[place] for place in places])
            for place, row in zip(places, found, strict=True):
                sums[place] = row
        return sums

    def _encode_many(self, tokens: Sequence[Tokens]) -> list[Vectors]:
        """Embed in several passes at a time."""
        sums = [np.zeros(0, np.float32)] * len(tokens)
        free = [self._many.create_infer_request() for _ in range(STREAMS)]
        busy: deque[tuple[Any, list[int]]] = deque()
        for places in self._batches(tokens):
            request = free.pop() if free else _finish(busy, sums)
            self._start(request, [tokens[place] for place in places])
            busy.append((request, places))
        while busy:
            _finish(busy, sums)
        return sums

    def _run(self, batch: Sequence[Tokens]) -> list[Vectors]:
        self._start(self._request, batch)
        self._request.wait()
        return list(self._request.get_output_tensor().data.copy())

    def _start(self, request: Any, batch: Sequence[Tokens]) -> None:
        shape = (len(batch), self._width(batch))
        ids, mask = np.full(shape, self._files.padding, np.int32), np.zeros(shape, np.float32)
        for row, each in enumerate(batch):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        # Not infer(): for that OpenVINO keeps threads for each thread that ever called it.
        request.start_async([ids, mask])

    def _fit(self, batch: Sequence[Tokens]) -> bool:
        return len(batch) * self._width(batch) <= BATCH_TOKENS

    def _width(self, batch: Sequence[Tokens]) -> int:
        """Return to how many tokens a batch is padded: never beyond what the model reads."""
        longest = max(map(len, batch))
        step = SHORT_STEP if longest <= SHORT else STEP
        return max(longest, min(-(-longest // step) * step, self._files.max_tokens))

    def _batches(self, tokens: Sequence[Tokens]) -> Iterator[list[int]]:
        """Yield the places of texts to pass together, longest first, each place once."""
        places = sorted(range(len(tokens)), key=lambda place: -len(tokens[place]))
        while places:
            size = max(1, BATCH_TOKENS // self._width([tokens[places[0]]]))
            yield places[:size]
            places = places[size:]

    @property
    def _many(self) -> Any:
        with self._compiling:
            return self._compiled_for_many

    @cached_property
    def _compiled_for_many(self) -> Any:
        return self._compile({"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": str(STREAMS)})

    def _compile(self, hints: dict[str, str]) -> Any:
        precision = {"INFERENCE_PRECISION_HINT": HINTS[self._precision]}
        return openvino().Core().compile_model(self._graph, "CPU", {**precision, **hints})


def _finish(busy: deque[tuple[Any, list[int]]], sums: list[Vectors]) -> Any:
    """Wait for the oldest pass, put its results in their places and return its request."""
    request, places = busy.popleft()
    request.wait()
    for place, row in zip(places, request.get_output_tensor().data, strict=True):
        sums[place] = row.copy()
    return request


def _load_tokenizer(files: EncoderFiles) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(files.tokenizer))
    tokenizer.enable_truncation(files.max_tokens)
    tokenizer.no_padding()
    return tokenizer
