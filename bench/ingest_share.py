"""How near ingestion comes to the rate at which its embedder embeds the same chunks alone."""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from typing import Literal

from bench.collection import home_folder
from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint


class RecordingEmbedder:
    """An embedder that adds up the seconds it takes, and keeps the texts."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.seconds = 0.0
        self.texts: list[str] = []

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the model itself."""
        return self._embedder.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        begun = time.perf_counter()
        vectors = self._embedder.embed_passages(texts)
        self.seconds += time.perf_counter() - begun
        self.texts.extend(texts)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``."""
        return self._embedder.embed_question(text)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and processor seconds of this process and of those it waited for."""

    clock: float
    own_cpu: float
    reader_cpu: float


@dataclass(frozen=True, slots=True)
class Share:
    """One whole run and its chunks embedded alone, with the same loaded model.

    Attributes:
        seconds: Of the whole run.
        embedding_seconds: Of the run, in the embedder while readers work beside it.
        alone_seconds: To embed the same texts with nothing beside it.
        alone_cpu: Processor seconds of that.
        own_cpu: Processor seconds of the run in the main process, embedding and all.
        reader_cpu: Of the run, in the reader processes.
    """

    chunks: int
    seconds: float
    embedding_seconds: float
    alone_seconds: float
    alone_cpu: float
    own_cpu: float
    reader_cpu: float

    @property
    def share(self) -> float:
        """Rate of the whole run over that of the embedder alone."""
        return self.alone_seconds / self.seconds

    @property
    def cpu_share(self) -> float:
        """The same by processor time, which other programs hardly change."""
        return self.alone_cpu / (self.own_cpu + self.reader_cpu)


def measure_share(path: Path, precision: Literal["auto", "fp32"], runs: int) -> Share:
    """Load the model and what it makes for each length of text, before anything is measured.

    Then ingest, then embed the same texts alone, so often in turn. Returns medians."""
    embedder = open_embedder("bundled", precision)
    embedder.embed_passages([f"Loads the model.{' Word' * length}" for length in range(256)])
    found = [_once(path, embedder) for _ in range(runs)]
    return Share(*(median(getattr(each, field.name) for each in found) for field in fields(Share)))


def _once(path: Path, embedder: Embedder) -> Share:
    recording = RecordingEmbedder(embedder)
    whole = _spent(lambda: ingest_once(path, recording))
    alone = _spent(lambda: embedder.embed_passages(recording.texts))
    return Share(
        chunks=len(recording.texts),
        seconds=whole.clock,
        embedding_seconds=recording.seconds,
        alone_seconds=alone.clock,
        alone_cpu=alone.own_cpu,
        own_cpu=whole.own_cpu,
        reader_cpu=whole.reader_cpu,
    )


def ingest_once(path: Path, embedder: Embedder, home: Path | None = None) -> IngestReport:
    """Ingest with an embedder; into an empty home if none is given."""
    with home_folder(home) as folder, open_store(folder) as store:
        settings = Settings(home=folder)
        return ingest_paths(
            [path],
            store=store,
            embedder=embedder,
            collection=settings.collection,
            settings=settings,
            sync_index=lambda: sync_index(folder, store, settings.collection),
        )


def _spent(call: Callable[[], object]) -> Spent:
    before = _now()
    call()
    after = _now()
    return Spent(*(late - early for early, late in zip(before, after, strict=True)))


def _now() -> tuple[float, float, float]:
    own = resource.getrusage(resource.RUSAGE_SELF)
    readers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        time.perf_counter(),
        own.ru_utime + own.ru_stime,
        readers.ru_utime + readers.ru_stime,
    )
