"""What tests of the adapters share: a small library about pets, and a retriever over it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Page

SLEEP, PURR, ROW, HAY = (
    "Cats sleep fourteen hours a day.",
    "Cats purr when they are stroked.",
    "Rex | dog | 7",
    "A horse eats hay.",
)
CATS = Document("pets/cats.pdf", "Cats", f"{SLEEP} {PURR}", (Page(1, 0, 40), Page(2, 40, 65)))
DOGS = Document("dogs.xlsx", "Dogs", ROW)
HORSE = Document("horse.txt", "Horses", HAY)
CHUNKS = {
    CATS.name: [
        Chunk(CATS.name, 0, 32, SLEEP, 1, 1, ("Habits", "Sleep")),
        Chunk(CATS.name, 33, 65, PURR, 1, 2, ("Habits",)),
    ],
    DOGS.name: [
        Chunk(DOGS.name, 0, 13, ROW, header="Name | Kind | Age", place="Pets!A2:C2"),
    ],
    HORSE.name: [Chunk(HORSE.name, 0, 17, HAY)],
}


@pytest.fixture
def store(tmp_path: Path, embedder: Embedder) -> Iterator[SqliteStore]:
    """A store of a document with pages, a row of a sheet and a plain text."""
    with open_store(tmp_path / "home") as opened:
        opened.create_collection("default", embedder.fingerprint, ChunkingSettings())
        for document in (CATS, DOGS, HORSE):
            chunks = CHUNKS[document.name]
            vectors = embedder.embed_passages([chunk.text for chunk in chunks])
            file = SourceFile(Path("/docs") / document.name, "0" * 64, "text-1")
            opened.replace_file("default", file, [EmbeddedDocument(document, chunks, vectors)])
        yield opened


@pytest.fixture
def pets(tmp_path: Path, store: SqliteStore, embedder: Embedder) -> Iterator[Retriever]:
    """A retriever over the library."""
    with open_retriever(tmp_path / "home", collection="default", embedder=embedder) as opened:
        yield opened
