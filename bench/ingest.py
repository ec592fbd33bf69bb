"""Measure ingestion: ``python -m bench.ingest PATH...``."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.collection import home_folder
from bench.processes import PeakMemory
from citewell.ingest.chunking import chunk
from citewell.ingest.folder import scan
from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.ingest.workers import ReaderPool, ReadJob
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import ChunkingSettings, Document, Fingerprint


class TimedEmbedder:
    """An embedder that adds up the seconds it takes."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.seconds = 0.0

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the model itself."""
        return self._embedder.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        begun = time.perf_counter()
        vectors = self._embedder.embed_passages(texts)
        self.seconds += time.perf_counter() - begun
        return vectors

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``."""
        return self._embedder.embed_question(text)


class TimedCall:
    """A function without arguments that adds up the seconds it takes."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self.seconds = 0.0

    def __call__(self) -> None:
        begun = time.perf_counter()
        self._call()
        self.seconds += time.perf_counter() - begun


@dataclass(frozen=True, slots=True)
class Measured:
    """Two runs over the same paths: the first takes everything in, the second finds no change.

    Seconds of ``read`` and ``cut`` are of a pass of their own; in the run reader processes work
    while the main one embeds and stores. ``rest`` is what the run took beyond embedding and the
    index: storing, and waiting for the readers.
    """

    files: int
    failed: int
    pages: int
    characters: int
    chunks: int
    seconds: float
    load: float
    read: float
    cut: float
    embed: float
    index: float
    rest: float
    peak_bytes: int
    again_files: int
    again_seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table."""
    parser = argparse.ArgumentParser(prog="bench.ingest", description=__doc__)
    parser.add_argument("paths", type=Path, nargs="+", help="folders and files to ingest")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)
    with home_folder() as home:
        measured = measure(args.paths, Settings(home=home))
    rows = table(measured)
    if args.json:
        print(json.dumps({"schema": 1, "paths": list(map(str, args.paths)), "measures": rows}))
        return 0
    print("| measure | value |\n|---|---|")
    for name, value in rows.items():
        print(f"| {name} | {value} |")
    return 0


def measure(paths: Sequence[Path], settings: Settings) -> Measured:
    """Ingest into an empty home, then again."""
    embedder = TimedEmbedder(open_embedder())
    begun = time.perf_counter()
    embedder.embed_question("Loads the model.")
    load = time.perf_counter() - begun
    with open_store(settings.home) as store, PeakMemory(os.getpid()) as memory:
        index = TimedCall(lambda: sync_index(settings.home, store, settings.collection))

        def run() -> IngestReport:
            return ingest_paths(
                paths,
                store=store,
                embedder=embedder,
                collection=settings.collection,
                settings=settings,
                sync_index=index,
            )

        first = run()
        embed, indexed = embedder.seconds, index.seconds
        again = run()
        names = store.names(settings.collection)
        documents = [store.document(settings.collection, name) for name in names]
    read, cut = _read_alone(paths, settings)
    return Measured(
        files=first.added,
        failed=len(first.failed),
        pages=sum(len(each.pages) for each in documents),
        characters=sum(len(each.text) for each in documents),
        chunks=first.chunks,
        seconds=first.seconds,
        load=load,
        read=read,
        cut=cut,
        embed=embed,
        index=indexed,
        rest=first.seconds - embed - indexed,
        peak_bytes=memory.bytes,
        again_files=again.unchanged,
        again_seconds=again.seconds,
    )


def _read_alone(paths: Sequence[Path], settings: Settings) -> tuple[float, float]:
    """Return the seconds to scan and read the files, and those to cut their documents."""
    begun = time.perf_counter()
    found = scan(paths, settings.max_file_mb, settings.home).files
    jobs = [ReadJob(each.path, each.name) for each in found]
    limits = (settings.read_workers, settings.read_timeout, settings.read_memory_mb)
    documents: list[Document] = []
    with ReaderPool(*limits) as pool:
        for outcome in pool.read(jobs):
            documents.extend(outcome.documents)
    read = time.perf_counter()
    for document in documents:
        chunk(document, ChunkingSettings(chars=settings.chunk_chars))
    return read - begun, time.perf_counter() - read


def table(measured: Measured) -> dict[str, float]:
    """Return every measure by its name."""
    m = measured
    return {
        "files": m.files,
        "files that failed": m.failed,
        "pages": m.pages,
        "characters": m.characters,
        "chunks": m.chunks,
        "seconds": round(m.seconds, 2),
        "chunks/s": round(m.chunks / m.seconds, 1),
        "pages/s": round(m.pages / m.seconds, 1),
        "files/s": round(m.files / m.seconds, 1),
        "seconds to load the embedding model (before)": round(m.load, 2),
        "seconds to read, alone": round(m.read, 2),
        "seconds to cut, alone": round(m.cut, 2),
        "seconds to embed": round(m.embed, 2),
        "seconds to index": round(m.index, 2),
        "seconds to store, and to wait for readers": round(m.rest, 2),
        "peak memory of all processes, MiB": round(m.peak_bytes / 2**20),
        "second run: files unchanged": m.again_files,
        "second run: seconds": round(m.again_seconds, 3),
        "second run: files/s": round(m.again_files / m.again_seconds, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
