"""The statements that change citewell.db. The caller holds the transaction."""

import sqlite3
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from citewell.retrieval import sqlite_marks, sqlite_words
from citewell.retrieval.facts import facts_of
from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_documents import full_document
from citewell.retrieval.sqlite_rows import (
    CHUNK_COLUMNS,
    DOCUMENT_COLUMNS,
    as_json,
    bytes_path,
    document_row,
    path_bytes,
    read_chunk,
    reading_facts,
)
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Document,
    Fingerprint,
    embedding_digest,
)


def add_collection(
    connection: sqlite3.Connection, name: str, fingerprint: Fingerprint, chunking: ChunkingSettings
) -> None:
    """Add an empty collection with its word index."""
    collection = connection.execute(
        "INSERT INTO collections (name, fingerprint, chunking, generation)"
        " SELECT ?, ?, ?, first_generation FROM store_state",
        (name, as_json(asdict(fingerprint)), as_json(asdict(chunking))),
    ).lastrowid
    assert collection is not None
    sqlite_words.add_index(connection, collection)


def remove_collection(connection: sqlite3.Connection, collection: int) -> None:
    """Remove a collection with all that is in it, its word index first."""
    sqlite_words.drop_index(connection, collection)
    connection.execute(
        "UPDATE store_state SET first_generation = max(first_generation,"
        " (SELECT generation + 1 FROM collections WHERE id = ?))",
        (collection,),
    )
    for table in ("documents", "collections"):  # partitions go after what is in them
        column = "id" if table == "collections" else "collection"
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (collection,))


def rename_collection(connection: sqlite3.Connection, collection: int, name: str) -> None:
    """Give a collection another name, and a generation that no reader of either name has seen."""
    (generation,) = connection.execute(
        "UPDATE collections SET name = ?, generation ="
        " max(generation + 1, (SELECT first_generation FROM store_state)) WHERE id = ?"
        " RETURNING generation",
        (name, collection),
    ).fetchone()
    connection.execute("UPDATE store_state SET first_generation = ?", (generation + 1,))


def move_folder(connection: sqlite3.Connection, collection: int, old: Path, new: Path) -> list[int]:
    """Let all files below a folder stand for files below another. Returns their documents."""
    for table in ("files", "readings"):
        paths = connection.execute(f"SELECT path FROM {table} WHERE collection = ?", (collection,))
        below = [path for (path,) in paths if bytes_path(path).is_relative_to(old)]
        connection.executemany(
            f"UPDATE {table} SET path = ? WHERE collection = ? AND path = ?",
            (
                (path_bytes(new / bytes_path(path).relative_to(old)), collection, path)
                for path in below
            ),
        )
    files = connection.execute("SELECT id, path FROM files WHERE collection = ?", (collection,))
    moved = [row for row, path in files if bytes_path(path).is_relative_to(new)]
    documents = "SELECT id FROM documents WHERE file = ?"
    return [row for file in moved for (row,) in connection.execute(documents, (file,))]


def raise_generation(connection: sqlite3.Connection, collection: int) -> None:
    """Tell readers that a collection has changed."""
    connection.execute(
        "UPDATE collections SET generation = generation + 1 WHERE id = ?", (collection,)
    )


class FileRow(NamedTuple):
    """The row of a file: its id, its name, and whether it had another name before."""

    id: int
    name: str
    renamed: bool


def put_file(connection: sqlite3.Connection, collection: int, file: SourceFile) -> FileRow:
    """Add a file's row, or bring it up to date; it keeps its name if none is given."""
    key = (collection, path_bytes(file.path))
    before = connection.execute(
        "SELECT name FROM files WHERE collection = ? AND path = ?", key
    ).fetchone()
    row, name = connection.execute(
        "INSERT INTO files (collection, path, sha256, reader, name) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (collection, path) DO UPDATE SET sha256 = excluded.sha256,"
        " reader = excluded.reader, name = coalesce(nullif(excluded.name, ''), name)"
        " RETURNING id, name",
        (*key, file.sha256, file.reader, file.name),
    ).fetchone()
    return FileRow(row, name, before is not None and before[0] != name)


def move_file(connection: sqlite3.Connection, collection: int, row: int, file: SourceFile) -> None:
    """Let a file's row stand for a file of another path. Its marks come with it."""
    (old,) = connection.execute("SELECT name FROM files WHERE id = ?", (row,)).fetchone()
    name = file.name or old
    connection.execute(
        "UPDATE files SET path = ?, sha256 = ?, reader = ?, name = ? WHERE id = ?",
        (path_bytes(file.path), file.sha256, file.reader, name, row),
    )
    if old:
        sqlite_marks.move_marks(connection, collection, old, name)


def put_document(
    connection: sqlite3.Connection,
    collection: int,
    file: int,
    partition: int,
    embedded: EmbeddedDocument,
) -> None:
    """Add a document of a file with its chunks, their words and vectors."""
    document = embedded.document
    row = connection.execute(
        f"INSERT INTO documents (collection, file, partition, digest, {DOCUMENT_COLUMNS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (collection, file, partition, document.digest, *document_row(document)),
    ).lastrowid
    assert row is not None
    put_facts(connection, row, document)
    connection.executemany(
        "INSERT INTO layouts (document, page, start, width, height, packed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            (row, each.page, each.start, each.width, each.height, each.packed)
            for each in document.layouts
        ),
    )
    vectors = np.asarray(embedded.vectors, dtype="<f4")
    sqlite_words.learn(
        connection,
        collection,
        [
            _put_chunk(connection, (collection, row), document, chunk, vector.tobytes())
            for chunk, vector in zip(embedded.chunks, vectors, strict=True)
        ],
    )


def _put_chunk(
    connection: sqlite3.Connection,
    ids: tuple[int, int],
    document: Document,
    chunk: Chunk,
    vector: bytes,
) -> tuple[int, str, str, str]:
    """Add a chunk of a collection and document. Returns its key and its words."""
    words = sqlite_words.words_of_chunk(document.title, chunk, document.language)
    key = connection.execute(
        "INSERT INTO chunks (collection, document, chunk_id, span_start, span_end, page_start,"
        " page_end, title, headings, header, place, text, embedded, vector, terms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *ids,
            chunk.id,
            chunk.start,
            chunk.end,
            chunk.page_start,
            chunk.page_end,
            document.title,
            as_json(chunk.headings),
            chunk.header,
            chunk.place,
            chunk.text,
            bytes.fromhex(embedding_digest(document.title, chunk)),
            vector,
            sqlite_words.count_terms(words),
        ),
    ).lastrowid
    assert key is not None
    return key, *words


def put_facts(connection: sqlite3.Connection, row: int, document: Document) -> None:
    """Store what filters compare of a document, in place of what was stored before."""
    path, file = connection.execute(
        "SELECT path, files.name FROM documents JOIN files ON files.id = documents.file"
        " WHERE documents.id = ?",
        (row,),
    ).fetchone()
    facts = facts_of(document, bytes_path(path), file)
    connection.execute("DELETE FROM facts WHERE document = ?", (row,))
    connection.executemany(
        "INSERT INTO facts (document, key, text, number) VALUES (?, ?, ?, ?)",
        ((row, fact.key, fact.text, fact.number) for fact in facts),
    )


def remove_documents(
    connection: sqlite3.Connection, collection: int, documents: Iterable[int]
) -> None:
    """Remove documents with their chunks."""
    for document in documents:
        sqlite_words.forget(connection, collection, document)
        connection.execute("DELETE FROM documents WHERE id = ?", (document,))


def rename_document(
    connection: sqlite3.Connection,
    collection: int,
    document: int,
    named: tuple[str, str],
) -> None:
    """Give a document another name and title; its chunks keep their keys and their vectors.

    Its marks come with it, and labels of folders that it leaves.
    """
    name, title = named
    old = full_document(connection, document)
    renamed = replace(old, name=name, title=title)
    sqlite_words.forget(connection, collection, document)
    connection.execute(
        "UPDATE documents SET name = ?, title = ?, digest = ? WHERE id = ?",
        (name, title, renamed.digest, document),
    )
    rows = connection.execute(
        f"SELECT {CHUNK_COLUMNS} FROM chunks"
        " JOIN documents ON documents.id = chunks.document WHERE document = ?",
        (document,),
    ).fetchall()
    connection.executemany(
        "UPDATE chunks SET title = ?, chunk_id = ? WHERE key = ?",
        ((title, stored.chunk.id, stored.key) for stored in map(read_chunk, rows)),
    )
    sqlite_words.learn_again(connection, collection, document)
    put_facts(connection, document, renamed)
    sqlite_marks.move_marks(connection, collection, old.name, name)


def put_reading(connection: sqlite3.Connection, collection: int, reading: Reading) -> None:
    """Record what became of a file."""
    connection.execute(
        "INSERT OR REPLACE INTO readings (collection, path, name, status, facts)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            collection,
            path_bytes(reading.path),
            reading.name,
            reading.status,
            reading_facts(reading),
        ),
    )


def move_reading(
    connection: sqlite3.Connection, collection: int, path: Path, new_path: Path, name: str | None
) -> None:
    """Let a reading stand for a file of another path, and name if one is given."""
    delete_reading(connection, collection, new_path)
    connection.execute(
        "UPDATE readings SET path = ?, name = coalesce(?, name) WHERE collection = ? AND path = ?",
        (path_bytes(new_path), name, collection, path_bytes(path)),
    )


def delete_reading(connection: sqlite3.Connection, collection: int, path: Path) -> None:
    """Forget what became of a file."""
    connection.execute(
        "DELETE FROM readings WHERE collection = ? AND path = ?", (collection, path_bytes(path))
    )


def take_over(connection: sqlite3.Connection, collection: int, file: int, names: Set[str]) -> None:
    """Move documents to another file. Raises ValueError if one of them is not stored."""
    for name in names:
        moved = connection.execute(
            "UPDATE documents SET file = ? WHERE collection = ? AND name = ?",
            (file, collection, name),
        ).rowcount
        if not moved:
            raise ValueError(f"Document {name!r} cannot be kept: the store does not hold it.")


def check_documents(documents: Sequence[EmbeddedDocument], dimension: int) -> None:
    """Raise ValueError for a name that comes twice and for vectors that cannot be stored."""
    seen: set[str] = set()
    for embedded in documents:
        name = embedded.document.name
        if name in seen:
            raise ValueError(f"Document {name!r} comes twice in one file.")
        seen.add(name)
        expected = (len(embedded.chunks), dimension)
        if embedded.vectors.shape != expected or not np.isfinite(embedded.vectors).all():
            raise ValueError(
                f"The vectors of {name!r} have shape {embedded.vectors.shape}; "
                f"they must have shape {expected} and be finite."
            )
