"""The store on one SQLite file: collections, documents, chunks, their words and their vectors.

It is the truth; a vector index beside it is a cache that can be made again from it. Each change is
one transaction, so a search sees a file's old documents or its new ones, and a process that is
killed leaves nothing half done.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from citewell.retrieval import sqlite_lookups as lookups
from citewell.retrieval import sqlite_marks as marks
from citewell.retrieval import sqlite_writes as writes
from citewell.retrieval.errors import StoreError
from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_calibration import keep_calibration
from citewell.retrieval.sqlite_check import faults
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_derived import derive_again, tell_again
from citewell.retrieval.sqlite_reader import SqliteReader
from citewell.retrieval.sqlite_schema import prepare
from citewell.retrieval.store import EmbeddedDocument, Mark, MarkKind, SourceFile
from citewell.retrieval.values import ChunkingSettings, Collection, Fingerprint

FILE_NAME = "citewell.db"


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


class SqliteStore(SqliteReader):
    """A `Store` on one SQLite file. Any number of threads may use one object."""

    # collections

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

    def rename_collection(
        self, name: str, new: str, moved: Mapping[Path, Path] | None = None
    ) -> Collection:
        """Give a collection another name; all that it holds stays, and its generation rises."""
        with self._writing(name) as (connection, key):
            lookups.refuse_taken(connection, name, new)
            writes.rename_collection(connection, key, new)
            for old, folder in (moved or {}).items():
                tell_again(connection, writes.move_folder(connection, key, old, folder))
        return self.collection(new)

    def set_calibration(self, collection: str, calibration: str | None) -> None:
        """Keep a calibration with a collection, in place of the one before; None keeps none."""
        with self._writing(collection) as (connection, key):
            keep_calibration(connection, key, calibration)

    # documents

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
            named = replace(file, name=file.name or (reading.name if reading else ""))
            row = writes.put_file(connection, key, named)
            held = lookups.of_file(connection, row.id)
            moved = kept - held.keys()
            writes.take_over(connection, key, row.id, moved)
            held |= lookups.held_by(connection, key, names)
            gone = [document for name, document in held.items() if name not in kept]
            writes.remove_documents(connection, key, gone)
            partitions = marks.Partitions(connection, key)
            for embedded in changed:
                partition = partitions.of(embedded.document.name, row.name)
                writes.put_document(connection, key, row.id, partition, embedded)
            if reading is not None:
                writes.put_reading(connection, key, reading)
            if moved or row.renamed:
                now = lookups.of_file(connection, row.id)
                tell_again(connection, (now[name] for name in kept))
                marks.sort_documents(connection, key)
            if gone or changed or moved or row.renamed:
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
            held = lookups.of_file(connection, row)
            only = next(iter(named.values()))[0] if len(held) == len(named) == 1 else None
            writes.move_file(connection, key, row, replace(file, name=file.name or only or ""))
            for name, new in named.items():
                writes.rename_document(connection, key, held[name], new)
            tell_again(connection, (held[name] for name in held.keys() - named.keys()))
            writes.move_reading(connection, key, path, file.path, only)
            marks.sort_documents(connection, key)
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

    # tags and labels

    def mark(
        self,
        collection: str,
        kind: MarkKind,
        names: Sequence[str],
        add: Iterable[str],
        remove: Iterable[str] = (),
    ) -> None:
        """Give tags or labels to documents, files, folders or the whole collection."""
        with self._writing(collection) as (connection, key):
            marks.change_marks(connection, key, kind, names, (add, remove))
            marks.sort_documents(connection, key)
            writes.raise_generation(connection, key)

    def keep_marks(self, collection: str, kept: Iterable[Mark]) -> None:
        """Take over marks as another store gave them out."""
        with self._writing(collection) as (connection, key):
            marks.add_marks(connection, key, kept)
            marks.sort_documents(connection, key)
            writes.raise_generation(connection, key)

    # upkeep

    def check(self) -> list[str]:
        """Return what is wrong with what is stored, in words; nothing if it is sound."""
        with self._connections.writing() as connection:  # FTS5 examines itself in an INSERT
            return faults(connection)

    def rebuild_words(self, collection: str) -> None:
        """Make anew what searches by words and filters read, from the documents and chunks."""
        with self._writing(collection) as (connection, key):
            derive_again(connection, key)
            writes.raise_generation(connection, key)

    @contextmanager
    def _writing(self, collection: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        """One transaction on a collection: the connection and the collection's id."""
        with self._connections.writing() as connection:
            yield connection, lookups.collection_id(connection, collection)
