"""What is read of citewell.db: collections, documents, chunks, their words and their vectors.

Each method reads in one transaction: it sees one commit, whatever a writer does meanwhile.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

from citewell.retrieval import sqlite_documents as documents
from citewell.retrieval import sqlite_lookups as lookups
from citewell.retrieval import sqlite_marks as marks
from citewell.retrieval import sqlite_rows as rows
from citewell.retrieval.filters import Filter
from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_calibration import calibration_of
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_search import Words
from citewell.retrieval.store import (
    EVERYBODY,
    DocumentSummary,
    Keys,
    Mark,
    Scope,
    SourceFile,
    StoredChunk,
    Vectors,
)
from citewell.retrieval.values import Collection, Document, Layout

_BATCH = 1000


class SqliteReader:
    """The half of a `Store` that changes nothing. Any number of threads may use one object."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._words: dict[int, tuple[int, Words]] = {}
        self._reading_words = Lock()

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

    def collections(self, labels: frozenset[str] | None = None) -> list[Collection]:
        """Return all collections by name, with counts of all or of what some labels let see."""
        with self._connections.reading() as connection:
            found = documents.collections(connection)
            return [_counted(connection, key, each, labels) for key, each in found]

    def collection(self, name: str, labels: frozenset[str] | None = None) -> Collection:
        """Return one collection, with counts of all or of what some labels let see."""
        with self._reading(name) as (connection, key):
            found = documents.collection_of_id(connection, key)
            return _counted(connection, key, found, labels)

    def generation(self, collection: str) -> int:
        """Return the collection's generation number; it rises with each change."""
        with self._reading(collection) as (connection, key):
            generation: int = connection.execute(
                "SELECT generation FROM collections WHERE id = ?", (key,)
            ).fetchone()[0]
        return generation

    def calibration(self, collection: str) -> str | None:
        """Return the calibration kept with a collection, in JSON; None if there is none."""
        with self._reading(collection) as (connection, key):
            return calibration_of(connection, key)

    # documents

    def files(self, collection: str) -> dict[Path, SourceFile]:
        """Return the files whose documents are held, by absolute path."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                "SELECT path, sha256, reader, name FROM files WHERE collection = ? ORDER BY path",
                (key,),
            ).fetchall()
        files = (SourceFile(rows.bytes_path(path), *about) for path, *about in found)
        return {file.path: file for file in files}

    def names(self, collection: str) -> dict[str, Path]:
        """Return the file that each document came from, by the document's name."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                "SELECT documents.name, path FROM documents JOIN files ON files.id = documents.file"
                " WHERE documents.collection = ? ORDER BY documents.name",
                (key,),
            ).fetchall()
        return {name: rows.bytes_path(path) for name, path in found}

    def digests(self, collection: str, path: Path) -> dict[str, str]:
        """Return the digest of each document that came from a file, by the document's name."""
        with self._reading(collection) as (connection, key):
            found = connection.execute(
                "SELECT documents.name, digest FROM documents"
                " JOIN files ON files.id = documents.file"
                " WHERE files.collection = ? AND path = ? ORDER BY documents.name",
                (key, rows.path_bytes(path)),
            ).fetchall()
        return dict(found)

    def documents(self, collection: str, where: Filter | None = None) -> list[DocumentSummary]:
        """Return all documents, or those with a chunk that a filter keeps, by name."""
        with self._reading(collection) as (connection, key):
            return documents.summaries(connection, key, where)

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
                " WHERE documents.collection = ? AND documents.name = ?",
                (key, name),
            ).fetchone()
        if row is None:
            raise lookups.no_document(collection, name)
        return rows.bytes_path(row[0])

    def readings(self, collection: str) -> list[Reading]:
        """Return what became of each file that was looked at, by path."""
        with self._reading(collection) as (connection, key):
            return documents.readings(connection, key)

    def labels_lost(self, collection: str) -> bool:
        """Tell whether documents ask for labels that no mark tells of: marks were damaged."""
        with self._reading(collection) as (connection, key):
            return marks.labels_lost(connection, key)

    # search

    def search_text(
        self, collection: str, words: Sequence[str], limit: int, scope: Scope = EVERYBODY
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, BM25)`` of the chunks with any of the words, best first."""
        with self._searching(collection, scope) as (connection, held, partitions):
            return held.search(connection, words, limit, partitions, scope.where)

    def word_counts(
        self, collection: str, words: Sequence[str], scope: Scope = EVERYBODY
    ) -> dict[str, int]:
        """Return in how many chunks each of the words stands, in any inflected form."""
        with self._searching(collection, scope) as (connection, held, partitions):
            return held.counts(connection, words, partitions)

    def visible_chunks(self, collection: str, scope: Scope = EVERYBODY) -> int:
        """Return how many chunks the labels of a scope let see; its filter is not asked."""
        with self._searching(collection, scope) as (_, held, partitions):
            return held.visible(partitions)

    def fact_keys(self, collection: str, labels: frozenset[str] | None = None) -> list[str]:
        """Return the keys of facts of all documents, or of those that a caller sees, in order."""
        with self._reading(collection) as (connection, key):
            seen = None if labels is None else sorted(marks.open_to(connection, key, labels))
            found = connection.execute(
                "SELECT DISTINCT key FROM documents JOIN facts ON facts.document = documents.id"
                " WHERE collection = ?1"
                " AND (?2 = 'null' OR partition IN (SELECT value FROM json_each(?2)))"
                " ORDER BY key",
                (key, rows.as_json(seen)),
            ).fetchall()
        return [name for (name,) in found]

    def allowed(self, collection: str, scope: Scope = EVERYBODY) -> Keys | None:
        """Return the rising keys of the chunks in a scope; None for all of the collection."""
        with self._searching(collection, scope) as (connection, held, partitions):
            return held.allowed(connection, partitions, scope.where)

    def is_visible(self, collection: str, name: str, labels: frozenset[str]) -> bool:
        """Tell whether a caller with these labels sees a document; not if there is none."""
        with self._reading(collection) as (connection, key):
            row = connection.execute(
                "SELECT partition FROM documents WHERE collection = ? AND name = ?", (key, name)
            ).fetchone()
            return row is not None and row[0] in marks.open_to(connection, key, labels)

    def marks(self, collection: str) -> list[Mark]:
        """Return all tags and labels that were given, by kind and name."""
        with self._reading(collection) as (connection, key):
            return marks.all_marks(connection, key)

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

    def chunk_keys(self, collection: str, after: int = 0) -> set[int]:
        """Return the keys of all chunks, or of those stored later than one."""
        # The index by collection is quickest for all, and in the way for the last few.
        where = "+collection = ? AND key > ?" if after else "collection = ? AND key > ?"
        with self._reading(collection) as (connection, key):
            found = connection.execute(f"SELECT key FROM chunks WHERE {where}", (key, after))
            return {each for (each,) in found}

    def last_key(self) -> int:
        """Return a number that no key of a chunk was ever above, in any collection."""
        with self._connections.reading() as connection:
            found = connection.execute(
                "SELECT max(seq) FROM sqlite_sequence WHERE name = 'chunks'"
            ).fetchone()
        return int(found[0] or 0)

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

    def _current_words(self, connection: sqlite3.Connection, key: int, generation: int) -> Words:
        """Return the words of a collection at a generation; threads that ask at once read once."""
        with self._reading_words:
            held = self._words.get(key)
            if held is None or held[0] != generation:
                held = self._words[key] = generation, Words(connection, key)
            return held[1]

    @contextmanager
    def _searching(
        self, collection: str, scope: Scope
    ) -> Iterator[tuple[sqlite3.Connection, Words, frozenset[int]]]:
        """One snapshot of a collection: its words, and the partitions that a scope may see."""
        with self._connections.reading() as connection:
            key, generation = connection.execute(
                "SELECT id, generation FROM collections WHERE id = ?",
                (lookups.collection_id(connection, collection),),
            ).fetchone()
            words = self._current_words(connection, key, generation)
            yield connection, words, words.open_to(connection, scope.labels)

    @contextmanager
    def _reading(self, collection: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        """One snapshot of a collection: the connection and the collection's id."""
        with self._connections.reading() as connection:
            yield connection, lookups.collection_id(connection, collection)


def _counted(
    connection: sqlite3.Connection, key: int, collection: Collection, labels: frozenset[str] | None
) -> Collection:
    """Return a collection with the counts of what some labels let see; None for all."""
    if labels is None:
        return collection
    seen = marks.open_to(connection, key, labels)
    return documents.counted_in(connection, key, collection, seen)
