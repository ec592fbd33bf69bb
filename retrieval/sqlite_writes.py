"""The statements that change citewell.db. The caller holds the transaction."""

import sqlite3
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_documents import full_document
from citewell.retrieval.sqlite_rows import (
    CHUNK_COLUMNS,
    DOCUMENT_COLUMNS,
    PASSAGE_COLUMNS,
    as_json,
    document_row,
    path_bytes,
    read_chunk,
    reading_facts,
)
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import ChunkingSettings, Fingerprint, embedding_digest

# FTS5 drops accents and English endings: https://www.sqlite.org/fts5.html#tokenizers
TOKENIZER = "porter unicode61 remove_diacritics 2"

_ONE_DOCUMENT = f"SELECT {PASSAGE_COLUMNS} FROM chunks WHERE document = ?"


def add_collection(
    connection: sqlite3.Connection, name: str, fingerprint: Fingerprint, chunking: ChunkingSettings
) -> None:
    """Add an empty collection with its word index."""
    collection = connection.execute(
        "INSERT INTO collections (name, fingerprint, chunking, generation)"
        " SELECT ?, ?, ?, first_generation FROM store_state",
        (name, as_json(asdict(fingerprint)), as_json(asdict(chunking))),
    ).lastrowid
    connection.execute(
        f"CREATE VIEW passages_{collection} AS"
        f" SELECT {PASSAGE_COLUMNS} FROM chunks WHERE collection = {collection}"
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE search_{collection} USING fts5(title, headings, text,"
        f" content='passages_{collection}', content_rowid='key', tokenize='{TOKENIZER}')"
    )


def remove_collection(connection: sqlite3.Connection, collection: int) -> None:
    """Remove a collection with all that is in it, its word index first."""
    connection.execute(f"DROP TABLE search_{collection}")
    connection.execute(f"DROP VIEW passages_{collection}")
    connection.execute(
        "UPDATE store_state SET first_generation = max(first_generation,"
        " (SELECT generation + 1 FROM collections WHERE id = ?))",
        (collection,),
    )
    connection.execute("DELETE FROM collections WHERE id = ?", (collection,))


def raise_generation(connection: sqlite3.Connection, collection: int) -> None:
    """Tell readers that a collection has changed."""
    connection.execute(
        "UPDATE collections SET generation = generation + 1 WHERE id = ?", (collection,)
    )


def put_file(connection: sqlite3.Connection, collection: int, file: SourceFile) -> int:
    """Add a file's row, or bring it up to date. Returns its id."""
    row: tuple[int] = connection.execute(
        "INSERT INTO files (collection, path, sha256, reader) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (collection, path)"
        " DO UPDATE SET sha256 = excluded.sha256, reader = excluded.reader RETURNING id",
        (collection, path_bytes(file.path), file.sha256, file.reader),
    ).fetchone()
    return row[0]


def move_file(connection: sqlite3.Connection, row: int, file: SourceFile) -> None:
    """Let a file's row stand for a file of another path."""
    connection.execute(
        "UPDATE files SET path = ?, sha256 = ?, reader = ? WHERE id = ?",
        (path_bytes(file.path), file.sha256, file.reader, row),
    )


def put_document(
    connection: sqlite3.Connection, collection: int, file: int, embedded: EmbeddedDocument
) -> None:
    """Add a document with its chunks, their words and their vectors."""
    document = embedded.document
    row = connection.execute(
        f"INSERT INTO documents (collection, file, digest, {DOCUMENT_COLUMNS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (collection, file, document.digest, *document_row(document)),
    ).lastrowid
    connection.executemany(
        "INSERT INTO layouts (document, page, start, width, height, packed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            (row, each.page, each.start, each.width, each.height, each.packed)
            for each in document.layouts
        ),
    )
    connection.executemany(
        "INSERT INTO chunks (collection, document, chunk_id, span_start, span_end, page_start,"
        " page_end, title, headings, header, place, text, embedded, vector)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                collection,
                row,
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
                vector.tobytes(),
            )
            for chunk, vector in zip(
                embedded.chunks, np.asarray(embedded.vectors, dtype="<f4"), strict=True
            )
        ),
    )
    assert row is not None
    _learn_words(connection, collection, row)


def remove_documents(
    connection: sqlite3.Connection, collection: int, documents: Iterable[int]
) -> None:
    """Remove documents with their chunks."""
    for document in documents:
        _forget_words(connection, collection, document)
        connection.execute("DELETE FROM documents WHERE id = ?", (document,))


def _forget_words(connection: sqlite3.Connection, collection: int, document: int) -> None:
    """Tell FTS5 the words that it is to forget; it keeps no texts of its own."""
    connection.execute(
        f"INSERT INTO search_{collection} (search_{collection}, rowid, title, headings, text)"
        f" SELECT 'delete', * FROM ({_ONE_DOCUMENT})",
        (document,),
    )


def _learn_words(connection: sqlite3.Connection, collection: int, document: int) -> None:
    connection.execute(
        f"INSERT INTO search_{collection} (rowid, title, headings, text) {_ONE_DOCUMENT}",
        (document,),
    )


def relearn_words(connection: sqlite3.Connection, collection: int) -> None:
    """Make a word index anew: https://www.sqlite.org/fts5.html#the_rebuild_command"""
    connection.execute(f"INSERT INTO search_{collection} (search_{collection}) VALUES ('rebuild')")


def rename_document(
    connection: sqlite3.Connection, collection: int, document: int, name: str, title: str
) -> None:
    """Give a document another name and title; its chunks keep their keys and their vectors."""
    renamed = replace(full_document(connection, document), name=name, title=title)
    _forget_words(connection, collection, document)
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
    _learn_words(connection, collection, document)


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
