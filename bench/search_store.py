"""Stores of any size to search in, kept in a folder for the next time."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.search_texts import CHUNKS_A_DOCUMENT, FOLDERS, Maker, Source, sentence_vectors
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_schema import SCHEMA_VERSION
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import ChunkingSettings

LABEL = "staff"
"""What a caller must hold to see half of the folders of the labelled store."""

PEER_COLLECTION = "langchain"
_FILE_DOCUMENTS = 100
_MADE = "made.json"


@dataclass(frozen=True, slots=True)
class Made:
    """A folder that was made, and what that took.

    Attributes:
        recipe: What it was made from; another asks for another folder.
        store_seconds: To store documents, chunks, words and vectors.
        index_seconds: To bring the vector index in step.
        mib: Size on the disk.
    """

    recipe: str
    chunks: int
    store_seconds: float
    index_seconds: float
    mib: float


class Stores:
    """Makes stores below a folder, or finds them there."""

    def __init__(self, work: Path, sources: Sequence[Source], embedder: Embedder) -> None:
        self._work = work
        vectors = sentence_vectors(sources, embedder, work)
        self._maker = Maker(sources, vectors)
        self._fingerprint = embedder.fingerprint
        made_of = f"{len(sources)} {float(abs(vectors).sum()):.3f}"
        self._recipe = f"{SCHEMA_VERSION} {made_of} {embedder.fingerprint}"

    def home(self, chunks: int) -> Path:
        """Return the home of a store of so many chunks."""
        return self._kept(f"{chunks}/home", chunks, self._fill)

    def labelled(self, chunks: int) -> Path:
        """Return the home of one of which half is for callers with a label only."""
        home = self.home(chunks)
        return self._kept(f"{chunks}/labelled", chunks, lambda to, _: _label(home, to))

    def peer(self, chunks: int) -> Path:
        """Return the folder of a Chroma collection as LangChain makes it, of the same vectors."""
        return self._kept(f"{chunks}/peer", chunks, self._fill_peer)

    def made(self, folder: Path) -> Made:
        """Return what a folder took to make."""
        return Made(**json.loads(_note(folder).read_text("utf-8")))

    def _kept(self, name: str, chunks: int, make: "_Make") -> Path:
        folder = self._work / name
        if _note(folder).is_file() and self.made(folder).recipe == self._recipe:
            return folder
        print(f"making {folder} ...", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _note(folder).unlink(missing_ok=True)
        stored, indexed = make(folder, chunks)
        made = Made(self._recipe, chunks, round(stored, 1), round(indexed, 1), disk_mib(folder))
        _note(folder).write_text(json.dumps(asdict(made)), "utf-8")
        return folder

    def _fill(self, home: Path, chunks: int) -> tuple[float, float]:
        begun = time.perf_counter()
        name = Settings(home=home).collection
        with open_store(home) as store:
            store.create_collection(name, self._fingerprint, ChunkingSettings())
            for place, documents in enumerate(self._batches(chunks)):
                file = SourceFile(Path(f"/made/up/part-{place}.jsonl"), "0" * 64, "made-1")
                store.replace_file(name, file, documents)
            stored = time.perf_counter()
            sync_index(home, store, name)
        return stored - begun, time.perf_counter() - stored

    def _fill_peer(self, folder: Path, chunks: int) -> tuple[float, float]:
        import chromadb

        begun = time.perf_counter()
        collection = chromadb.PersistentClient(str(folder)).create_collection(PEER_COLLECTION)
        for documents in self._batches(chunks):
            held = [(each, chunk) for each in documents for chunk in each.chunks]
            collection.add(
                ids=[chunk.id for _, chunk in held],
                embeddings=[vector for each in documents for vector in each.vectors],
                documents=[chunk.text for _, chunk in held],
                metadatas=[
                    {"source": each.document.name, **each.document.metadata} for each, _ in held
                ],
            )
        return 0.0, time.perf_counter() - begun

    def _batches(self, chunks: int) -> Iterator[list[EmbeddedDocument]]:
        count = chunks // CHUNKS_A_DOCUMENT
        for first in range(0, count, _FILE_DOCUMENTS):
            yield [
                self._maker.document(number)
                for number in range(first, min(first + _FILE_DOCUMENTS, count))
            ]


_Make = Callable[[Path, int], tuple[float, float]]


def _label(home: Path, to: Path) -> tuple[float, float]:
    """Copy a home and label every second folder."""
    shutil.copytree(home, to)
    name = Settings(home=to).collection
    begun = time.perf_counter()
    with open_store(to) as store:
        folders = [f"folder-{number}/" for number in range(0, FOLDERS, 2)]
        store.mark(name, "label", folders, add=[LABEL])
        marked = time.perf_counter()
        sync_index(to, store, name)
    return marked - begun, time.perf_counter() - marked


def _note(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-{_MADE}")


def disk_mib(folder: Path) -> float:
    """Return the size of all files below a folder."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return round(sum(file.stat().st_size for file in files) / 2**20, 1)
