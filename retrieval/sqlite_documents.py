"""What is read of collections, documents and chunks in citewell.db, inside a transaction."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from citewell.retrieval.filters import Filter
from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_filters import condition
from citewell.retrieval.sqlite_rows import (
    CHUNK_COLUMNS,
    DOCUMENT_COLUMNS,
    as_json,
    bytes_path,
    read_chunk,
    read_collection,
    read_document,
    read_reading,
    read_vector,
)
from citewell.retrieval.store import DocumentSummary, StoredChunk, Vectors
from citewell.retrieval.values import Collection, Document, Layout

_COLLECTIONS = (
    "SELECT id, name, fingerprint, chunking, generation,"
    " (SELECT count(*) FROM documents WHERE collection = collections.id),"
    " (SELECT count(*) FROM chunks WHERE collection = collections.id) FROM collections"
)


def collections(connection: sqlite3.Connection) -> list[tuple[int, Collection]]:
    """Return the id of each collection and the collection, by name."""
    found = connection.execute(f"{_COLLECTIONS} ORDER BY name").fetchall()
    return [(key, read_collection(row)) for key, *row in found]


def collection_of_id(connection: sqlite3.Connection, collection: int) -> Collection:
    """Return a collection that is there."""
    _, *row = connection.execute(f"{_COLLECTIONS} WHERE id = ?", (collection,)).fetchone()
    return read_collection(row)


def counted_in(
    connection: sqlite3.Connection, key: int, collection: Collection, partitions: Iterable[int]
) -> Collection:
    """Return a collection with the counts of what is in some partitions."""
    documents, chunks = connection.execute(
        "SELECT count(*), coalesce(sum((SELECT count(*) FROM chunks WHERE document = documents.id"
        ")), 0) FROM documents"
        " WHERE collection = ? AND partition IN (SELECT value FROM json_each(?))",
        (key, as_json(sorted(partitions))),
    ).fetchone()
    return replace(collection, documents=documents, chunks=chunks)


def summaries(
    connection: sqlite3.Connection, collection: int, where: Filter | None
) -> list[DocumentSummary]:
    """Return the documents of a collection, or those that a filter keeps, by name."""
    kept, values = condition(where) if where else ("", [])
    some = f" AND EXISTS (SELECT 1 FROM chunks WHERE document = documents.id AND {kept})"
    found = connection.execute(
        "SELECT documents.name, title, path, json_array_length(pages), length(text),"
        " (SELECT count(*) FROM chunks WHERE document = documents.id)"
        " FROM documents JOIN files ON files.id = documents.file"
        f" WHERE documents.collection = ?{some if where else ''} ORDER BY documents.name",
        (collection, *values),
    )
    return [
        DocumentSummary(name, title, bytes_path(path), pages, characters, chunks)
        for name, title, path, pages, characters, chunks in found
    ]


def document_of_name(connection: sqlite3.Connection, collection: int, name: str) -> Document | None:
    """Return a document without layouts; None if there is none of the name."""
    row = connection.execute(
        f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE collection = ? AND name = ?",
        (collection, name),
    ).fetchone()
    return None if row is None else read_document(row)


def full_document(connection: sqlite3.Connection, document: int) -> Document:
    """Return a document with its layouts, by its id."""
    row = connection.execute(
        f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE id = ?", (document,)
    ).fetchone()
    found = connection.execute(
        "SELECT page, start, width, height, packed FROM layouts WHERE document = ? ORDER BY page",
        (document,),
    )
    return replace(read_document(row), layouts=tuple(Layout(*each) for each in found))


def layouts(
    connection: sqlite3.Connection, collection: int, name: str, pages: Iterable[int]
) -> list[Layout]:
    """Return the layouts of these pages of a document, in order."""
    found = connection.execute(
        "SELECT page, start, width, height, packed FROM layouts"
        " JOIN documents ON documents.id = layouts.document"
        " WHERE collection = ? AND name = ? AND page IN (SELECT value FROM json_each(?))"
        " ORDER BY page",
        (collection, name, as_json(list(pages))),
    )
    return [Layout(*each) for each in found]


def chunks_of_name(connection: sqlite3.Connection, collection: int, name: str) -> list[StoredChunk]:
    """Return the chunks of a document in the order of its text."""
    found = connection.execute(
        f"SELECT {CHUNK_COLUMNS} FROM chunks JOIN documents ON documents.id = chunks.document"
        " WHERE documents.collection = ? AND documents.name = ? ORDER BY span_start",
        (collection, name),
    )
    return list(map(read_chunk, found))


def known_vectors(
    connection: sqlite3.Connection, collection: int, digests: Iterable[str]
) -> dict[str, Vectors]:
    """Return the stored vectors of texts by the SHA-256 of what was embedded."""
    statement = "SELECT vector FROM chunks WHERE collection = ? AND embedded = ? LIMIT 1"
    found = {}
    for digest in digests:
        row = connection.execute(statement, (collection, bytes.fromhex(digest))).fetchone()
        if row is not None:
            found[digest] = read_vector(row[0])
    return found


def vectors_after(
    connection: sqlite3.Connection, collection: int, key: int, most: int
) -> list[tuple[int, Vectors]]:
    """Return the vectors of the chunks that follow a key, by rising key."""
    # The plus keeps SQLite from going through all chunks by an index of the collection.
    found = connection.execute(
        "SELECT key, vector FROM chunks WHERE +collection = ? AND key > ? ORDER BY key LIMIT ?",
        (collection, key, most),
    )
    return [(each, read_vector(vector)) for each, vector in found]


def vectors_of(
    connection: sqlite3.Connection, collection: int, keys: Iterable[int]
) -> list[tuple[int, Vectors]]:
    """Return the vectors of those chunks that are stored, by rising key."""
    found = connection.execute(
        "SELECT key, vector FROM chunks WHERE +collection = ?"
        " AND key IN (SELECT value FROM json_each(?)) ORDER BY key",
        (collection, as_json(list(keys))),
    )
    return [(each, read_vector(vector)) for each, vector in found]


def readings(connection: sqlite3.Connection, collection: int) -> list[Reading]:
    """Return what became of each file, by path."""
    found = connection.execute(
        "SELECT path, name, status, facts FROM readings WHERE collection = ? ORDER BY path",
        (collection,),
    )
    return list(map(read_reading, found))
