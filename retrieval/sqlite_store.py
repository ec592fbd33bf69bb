"""The store on one SQLite file: collections, documents, chunks, their words and their vectors.

It is the truth; a vector index beside it is a cache that can be made again from it. Each change is
one transaction, so a search sees a file's old documents or its new ones, and a process that is
killed leaves nothing half done.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from citewell.retrieval import sqlite_documents as documents
from citewell.retrieval import sqlite_lookups as lookups
from citewell.retrieval import sqlite_rows as rows
from citewell.retrieval import sqlite_writes as writes
from citewell.retrieval.errors import StoreError
from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_check import faults
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_schema import prepare
from citewell.retrieval.store import (
    DocumentSummary,
    EmbeddedDocument,
    SourceFile,
    StoredChunk,
    Vectors,
)
from citewell.retrieval.values import (
    ChunkingSettings,
    Collection,
    Document,
    Fingerprint,
    Layout,
)

FILE_NAME = "citewell.db"

# Weights of a chunk's columns in BM25: https://www.sqlite.org/fts5.html#the_bm25_function
TITLE_WEIGHT = 2.0
HEADINGS_WEIGHT = 1.5
TEXT_WEIGHT = 1.0

# A question has a dozen words; a pasted page should not cost a lookup for each of its own.
MOST_WORDS = 256
_BATCH = 1000


def open_store(home: Path, *, max_bytes: int | None = None) -> "SqliteStore":
    """Open the store in a home folder; both are made when they do not exist.

    Args:
        home: The folder. Others on this machine may not look into one that is made here.
        max_bytes: Size the database may not outgrow; reaching it is the same as a full disk.

    Raises:
        StoreError: If the file is damaged, was made by a newer Citewell, or cannot be opened.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {home} cannot be made ({error.strerror}). "
            "Name another home folder with CITEWELL_HOME."
        ) from error
    connections = Connections(home / FILE_NAME, max_bytes=max_bytes)
    try:
        prepare(connections)
    except BaseException:
        connections.close()
        raise
    return SqliteStore(connections)


class SqliteStore:
    """A `Store` on one SQLite file. Any number of threads may use one object."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all files. Calling it twice is harmless."""
        self._connections.close()

    # collections

    def collections(self) -> list[Collection]:
        """Return all collections by name."""
        with self._connections.reading() as connection:
            return documents.collections(connection)

    def collection(self, name: str) -> Collection:
        """Return one collection."""
        with self._reading(name) as (connection, collection):
            return documents.collection_of_id(connection, collection)

    def create_collection(
        self, name: str, fingerprint: Fingerprint, chunking: ChunkingSettings
    ) -> Collection:
        """Make an empty collection, or return the one there is if it was made with the same."""
        with self._connections.writing() as connection:
            row = connection.execute(
                "SELECT fingerprint, chunking FROM collections WHERE name = ?", (name,)
            ).fetchone()
            if row is None:
                writes.add_collection(connection, name, fingerprint, chunking)
            else:
                lookups.refuse_other(
                    name, "embedding model", json.loads(row[0]), asdict(fingerprint)
                )
                lookups.refuse_other(name, "chunking", json.loads(row[1]), asdict(chunking))
        return self.collection(name)

    def delete_collection(self, name: str) -> None:
        """Remove a collection with all that is in it."""
        with self._writing(name) as (connection, collection):
            writes.remove_collection(connection, collection)

    def generation(self, collection: str) -> int:
        """Return the collection's generation number; it rises with each change."""
        with self._reading(collection) as (connection, key):
            generation: int = connection.execute(
                "SELECT generation FROM collections WHERE id = ?", (key,)
            ).fetchone()[0]
        return generation

    # documents

    def files(self, collection: str) -> dict[Path, SourceFile]:
        """Return the files whose documents are held, by absolute path."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                "SELECT path, sha256, reader FROM files WHERE collection = ? ORDER BY path", (key,)
            ).fetchall()
        files = (SourceFile(rows.bytes_path(path), sha, reader) for path, sha, reader in found)
        return {file.path: file for file in files}

    def names(self, collection: str) -> dict[str, Path]:
        """Return the file that each document came from, by the document's name."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                "SELECT name, path FROM documents JOIN files ON files.id = documents.file"
                " WHERE documents.collection = ? ORDER BY name",
                (key,),
            ).fetchall()
        return {name: rows.bytes_path(path) for name, path in found}

    def digests(self, collection: str, path: Path) -> dict[str, str]:
        """Return the digest of each document that came from a file, by the document's name."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                "SELECT name, digest FROM documents JOIN files ON files.id = documents.file"
                " WHERE files.collection = ? AND path = ? ORDER BY name",
                (key, rows.path_bytes(path)),
            ).fetchall()
        return dict(found)

    def replace_file(
        self,
        collection: str,
        file: SourceFile,
        changed: Sequence[EmbeddedDocument],
        kept: Set[str] = frozenset(),
        reading: Reading | None = None,
    ) -> None:
        """Make ``changed`` and those named in ``kept`` all that the store holds of a file.

        A name stands for one document in a collection: one that another file brought is replaced
        by ``changed``, and moves to this file by ``kept``. The generation stays when no document
        comes or goes.

        Raises:
            ValueError: If a name comes twice or is kept without being stored, or if vectors are
                not finite, not of the collection's dimension or not one for each chunk.
        """
        with self._writing(collection) as (connection, key):
            writes.check_documents(changed, lookups.dimension(connection, key))
            names = {embedded.document.name for embedded in changed}
            kept = kept - names
            row = writes.put_file(connection, key, file)
            held = lookups.of_file(connection, row)
            writes.take_over(connection, key, row, kept - held.keys())
            held |= lookups.held_by(connection, key, names)
            gone = [document for name, document in held.items() if name not in kept]
            writes.remove_documents(connection, key, gone)
            for embedded in changed:
                writes.put_document(connection, key, row, embedded)
            if reading is not None:
                writes.put_reading(connection, key, reading)
            if gone or changed:
                writes.raise_generation(connection, key)

    def rename_file(
        self, collection: str, path: Path, file: SourceFile, named: Mapping[str, tuple[str, str]]
    ) -> None:
        """Let a file's documents, their chunks and vectors stand for a file of the same content.

        Raises:
            ValueError: If the store holds no such file or document of it.
        """
        with self._writing(collection) as (connection, key):
            row = lookups.file_id(connection, key, path)
            if row is None:
                raise ValueError(f"{path} cannot be renamed: the store does not hold it.")
            writes.move_file(connection, row, file)
            held = lookups.of_file(connection, row)
            for name, (new_name, title) in named.items():
                writes.rename_document(connection, key, held[name], new_name, title)
            only = next(iter(named.values()))[0] if len(held) == len(named) == 1 else None
            writes.move_reading(connection, key, path, file.path, only)
            writes.raise_generation(connection, key)

    def delete_file(self, collection: str, path: Path) -> None:
        """Remove a file's documents with their chunks and its reading, in one transaction."""
        with self._writing(collection) as (connection, key):
            writes.delete_reading(connection, key, path)
            row = lookups.file_id(connection, key, path)
            if row is None:
                return
            gone = lookups.of_file(connection, row)
            writes.remove_documents(connection, key, gone.values())
            connection.execute("DELETE FROM files WHERE id = ?", (row,))
            if gone:
                writes.raise_generation(connection, key)

    def documents(self, collection: str) -> list[DocumentSummary]:
        """Return all documents by name, without their texts."""
        with self._reading(collection) as (connection, key):
            return documents.summaries(connection, key)

    def document(self, collection: str, name: str) -> Document:
        """Return a document with its text and tables, without the layouts of its pages."""
        with self._reading(collection) as (connection, key):
            found = documents.document_of_name(connection, key, name)
        if found is None:
            raise lookups.no_document(collection, name)
        return found

    def document_chunks(self, collection: str, name: str) -> list[StoredChunk]:
        """Return the chunks of a document in the order of its text."""
        with self._reading(collection) as (connection, key):
            return documents.chunks_of_name(connection, key, name)

    def layouts(self, collection: str, name: str, pages: Iterable[int]) -> list[Layout]:
        """Return the layouts of these pages of a document, in order; not all pages have one."""
        with self._reading(collection) as (connection, key):
            return documents.layouts(connection, key, name, pages)

    def path_of(self, collection: str, name: str) -> Path:
        """Return the file that a document came from."""
        with self._reading(collection) as (connection, key):
            row = connection.execute(
                "SELECT path FROM documents JOIN files ON files.id = documents.file"
                " WHERE documents.collection = ? AND name = ?",
                (key, name),
            ).fetchone()
        if row is None:
            raise lookups.no_document(collection, name)
        return rows.bytes_path(row[0])

    # what became of each file

    def put_readings(self, collection: str, readings: Iterable[Reading]) -> None:
        """Record what became of some files, in place of what was recorded before."""
        with self._writing(collection) as (connection, key):
            for reading in readings:
                writes.put_reading(connection, key, reading)

    def delete_readings(self, collection: str, paths: Iterable[Path]) -> None:
        """Forget what became of some files."""
        with self._writing(collection) as (connection, key):
            for path in paths:
                writes.delete_reading(connection, key, path)

    def readings(self, collection: str) -> list[Reading]:
        """Return what became of each file that was looked at, by path."""
        with self._reading(collection) as (connection, key):
            return documents.readings(connection, key)

    # search

    def search_text(
        self, collection: str, words: Sequence[str], limit: int
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, BM25)`` of the chunks with any of the words, best first."""
        query = rows.any_word(words, MOST_WORDS)
        with self._reading(collection) as (connection, key):
            if not query:
                return []
            # SQLite's BM25 is negative, the lower the better.
            return connection.execute(
                f"SELECT rowid, -bm25(search_{key}, ?, ?, ?) AS score FROM search_{key}"
                f" WHERE search_{key} MATCH ? ORDER BY score DESC, rowid LIMIT ?",
                (TITLE_WEIGHT, HEADINGS_WEIGHT, TEXT_WEIGHT, query, limit),
            ).fetchall()

    def word_counts(self, collection: str, words: Sequence[str]) -> dict[str, int]:
        """Return in how many chunks each of the words stands, in any inflected form."""
        with self._reading(collection) as (connection, key):
            statement = f"SELECT count(*) FROM search_{key} WHERE search_{key} MATCH ?"
            return {
                word: connection.execute(statement, (rows.any_word([word], 1),)).fetchone()[0]
                for word in words
            }

    def chunks(self, collection: str, keys: Sequence[int]) -> list[StoredChunk]:
        """Return the chunks of these keys in the order asked; keys that are gone are left out."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                f"SELECT {rows.CHUNK_COLUMNS} FROM chunks"
                " JOIN documents ON documents.id = chunks.document"
                " WHERE +chunks.collection = ? AND key IN (SELECT value FROM json_each(?))",
                (key, rows.as_json([int(each) for each in keys])),
            )
            chunks = {chunk.key: chunk for chunk in map(rows.read_chunk, found)}
        return [chunks[each] for each in keys if each in chunks]

    def chunk_keys(self, collection: str) -> set[int]:
        """Return the keys of all chunks."""
        with self._reading(collection) as (connection, key):
            found = connection.execute("SELECT key FROM chunks WHERE collection = ?", (key,))
            return {each for (each,) in found}

    def vectors(
        self, collection: str, keys: Iterable[int] | None = None
    ) -> Iterator[tuple[int, Vectors]]:
        """Yield ``(chunk key, vector)`` of these keys, or of all, by rising key.

        Read in batches, so that a slow caller holds no transaction open.
        """
        with self._reading(collection):  # an unknown collection is refused now, not later
            pass
        if keys is None:
            return self._all_vectors(collection)
        return self._vectors_of(collection, iter(sorted(set(keys))))

    def known_vectors(self, collection: str, digests: Iterable[str]) -> dict[str, Vectors]:
        """Return the vectors of texts that are stored, by `embedding_digest`."""
        with self._reading(collection) as (connection, key):
            return documents.known_vectors(connection, key, digests)

    def _all_vectors(self, collection: str) -> Iterator[tuple[int, Vectors]]:
        last = 0
        while True:
            with self._reading(collection) as (connection, key):
                found = documents.vectors_after(connection, key, last, _BATCH)
            if not found:
                return
            yield from found
            last = found[-1][0]

    def _vectors_of(self, collection: str, keys: Iterator[int]) -> Iterator[tuple[int, Vectors]]:
        while batch := list(islice(keys, _BATCH)):
            with self._reading(collection) as (connection, key):
                found = documents.vectors_of(connection, key, batch)
            yield from found

    # upkeep

    def check(self) -> list[str]:
        """Return what is wrong with what is stored, in words; nothing if it is sound."""
        with self._connections.writing() as connection:  # FTS5 examines itself in an INSERT
            return faults(connection)

    def rebuild_words(self, collection: str) -> None:
        """Make the index of words anew from the chunks."""
        with self._writing(collection) as (connection, key):
            writes.relearn_words(connection, key)

    @contextmanager
    def _reading(self, collection: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        """One snapshot of a collection: the connection and the collection's id."""
        with self._connections.reading() as connection:
            yield connection, lookups.collection_id(connection, collection)

    @contextmanager
    def _writing(self, collection: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        """One transaction on a collection: the connection and the collection's id."""
        with self._connections.writing() as connection:
            yield connection, lookups.collection_id(connection, collection)
