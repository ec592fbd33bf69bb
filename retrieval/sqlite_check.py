"""What only SQLite can tell of citewell.db: whether its pages, rows and word indexes are sound."""

import sqlite3
from collections.abc import Iterator

from citewell.retrieval.sqlite_derived import derived_faults
from citewell.retrieval.sqlite_documents import full_document
from citewell.retrieval.sqlite_rows import CHUNK_COLUMNS, read_chunk

_MOST_PAGES = 5


def faults(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong, in words. Inside a writing transaction, which changes nothing."""
    found = _file_faults(connection)
    if found:
        return found
    collections = connection.execute("SELECT id, name FROM collections ORDER BY name").fetchall()
    for collection, name in collections:
        found += [f"{name}: {fault}" for fault in derived_faults(connection, collection)]
        found += [f"{name}: {fault}" for fault in _row_faults(connection, collection)]
    return found


def _file_faults(connection: sqlite3.Connection) -> list[str]:
    pages = [row[0] for row in connection.execute(f"PRAGMA quick_check({_MOST_PAGES})")]
    if pages != ["ok"]:
        return [f"SQLite finds damage in the database: {line}" for line in pages]
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [
        f"Row {row} of {table} belongs to a row of {parent} that is not there."
        for table, row, parent, _ in orphans[:_MOST_PAGES]
    ]


def _row_faults(connection: sqlite3.Connection, collection: int) -> Iterator[str]:
    """Compare what is derived and stored beside what it was derived from."""
    documents = connection.execute(
        "SELECT id, name, digest, title FROM documents WHERE collection = ? ORDER BY name",
        (collection,),
    ).fetchall()
    for document, name, digest, title in documents:
        if full_document(connection, document).digest != digest:
            yield f"{name!r} is not as it was stored."
        wrong = sum(
            strayed != collection or not _belongs(row, chunk_id, title)
            for strayed, chunk_id, *row in connection.execute(
                f"SELECT chunks.collection, chunk_id, {CHUNK_COLUMNS} FROM chunks"
                " JOIN documents ON documents.id = chunks.document WHERE document = ?",
                (document,),
            )
        )
        if wrong:
            yield f"{name!r} has {wrong} chunks that are not as they were stored."


def _belongs(row: list[object], chunk_id: str, title: str) -> bool:
    """Tell whether a chunk has the id that its text gives, and the title of its document."""
    stored = read_chunk(tuple(row))  # type: ignore[arg-type]  # the columns just asked for
    return (stored.title, stored.chunk.id) == (title, chunk_id)
