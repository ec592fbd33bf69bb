"""Embedding with any sentence-transformers model: without torch once it was exported."""

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock

from filelock import FileLock

from citewell.retrieval.embedding_encoder import EncoderEmbedder
from citewell.retrieval.embedding_files import Precision, read_fingerprint
from citewell.retrieval.embedding_torch import SentenceTransformerEmbedder, load_model
from citewell.retrieval.encoder import Encoder
from citewell.retrieval.exporting import Export, Refusal, make_export, read_export
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

logger = logging.getLogger(__name__)


class ModelEmbedder:
    """A sentence-transformers model in a local folder.

    At the first text it is exported, once for the folder of exports, and runs on OpenVINO from
    then on; a model that cannot be exported runs on torch, and a warning says why. Both count as
    the same model. Safe to use from several threads.
    """

    def __init__(self, folder: Path, name: str, precision: Precision, exports: Path) -> None:
        """Take the model's folder and the folder that exports are kept in."""
        self._folder = folder
        self._name = name
        self._precision = precision
        self._exports = exports
        self._choosing = Lock()
        self._chosen: EncoderEmbedder | SentenceTransformerEmbedder | None = None

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What makes its vectors. Reads the weights once to hash them, and loads nothing."""
        return read_fingerprint(self._folder, self._name, self._precision)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        return self._embedder().embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``, read-only."""
        return self._embedder().embed_question(text)

    def _embedder(self) -> EncoderEmbedder | SentenceTransformerEmbedder:
        with self._choosing:
            if self._chosen is None:
                self._chosen = self._choose()
            return self._chosen

    def _choose(self) -> EncoderEmbedder | SentenceTransformerEmbedder:
        export = self._export()
        if isinstance(export, Refusal):
            return SentenceTransformerEmbedder(self._folder, self._name, self._precision)
        encoder = Encoder(export.encoder_files(), self._precision)
        return EncoderEmbedder(lambda: encoder, self.fingerprint.dimension, export.prompts)

    def _export(self) -> Export | Refusal:
        target = self._exports / f"export-{self.fingerprint.revision[:24]}"
        found = read_export(target)
        if found is not None:
            return found
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(target.with_name(f"{target.name}.lock")):
                made = read_export(target) or self._make(target)
        except OSError as error:
            made = Refusal(f"{target} cannot be written ({error})")
        if isinstance(made, Refusal):
            logger.warning(
                "The embedding model %s runs on torch, which takes seconds to load: %s.",
                self._name,
                made.reason,
            )
        return made

    def _make(self, target: Path) -> Export | Refusal:
        logger.info("Exporting %s to %s.", self._name, target)
        return make_export(
            lambda: load_model(self._folder, "fp32", "cpu"), self.fingerprint, target
        )
