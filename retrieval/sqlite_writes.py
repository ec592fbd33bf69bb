"""The statements that change citewell.db. The caller holds the transaction."""

import sqlite3
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict

import numpy as np

from citewell.retrieval.sqlite_rows import as_json, path_bytes
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import ChunkingSettings, Fingerprint

# FTS5 drops accents and English endings: https://www.sqlite.org/fts5.html#tokenizers
TOKENIZER = "porter unicode61 remove_diacritics 2"

_ONE_DOCUMENT = "SELECT key, title, headings, text FROM chunks WHERE document = ?"


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
        f" SELECT key, title, headings, text FROM chunks WHERE collection = {collection}"
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


def put_document(
    connection: sqlite3.Connection, collection: int, file: int, embedded: EmbeddedDocument
) -> None:
    """Add a document with its chunks, their words and their vectors."""
    document = embedded.document
    row = connection.execute(
        "INSERT INTO documents"
        " (collection, file, name, title, digest, pages, headings, metadata, text)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            collection,
            file,
            document.name,
            document.title,
            document.digest,
            as_json([[page.number, page.start, page.end] for page in document.pages]),
            as_json([[part.level, part.title, part.start] for part in document.headings]),
            as_json(document.metadata),
            document.text,
        ),
    ).lastrowid
    connection.executemany(
        "INSERT INTO chunks (collection, document, chunk_id, span_start, span_end,"
        " page_start, page_end, title, headings, text, vector)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                chunk.text,
                vector.tobytes(),
            )
            for chunk, vector in zip(
                embedded.chunks, np.asarray(embedded.vectors, dtype="<f4"), strict=True
            )
        ),
    )
    connection.execute(
        f"INSERT INTO search_{collection} (rowid, title, headings, text) {_ONE_DOCUMENT}", (row,)
    )


def remove_documents(
    connection: sqlite3.Connection, collection: int, documents: Iterable[int]
) -> None:
    """Remove documents with their chunks; FTS5 has to be told the words that it forgets."""
    for document in documents:
        connection.execute(
            f"INSERT INTO search_{collection} (search_{collection}, rowid, title, headings, text)"
            f" SELECT 'delete', * FROM ({_ONE_DOCUMENT})",
            (document,),
        )
        connection.execute("DELETE FROM documents WHERE id = ?", (document,))


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
