"""What the store looks up before it acts, and how it refuses."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from citewell.retrieval.errors import NotConfigured, StoreError
from citewell.retrieval.sqlite_rows import path_bytes
from citewell.retrieval.values import Fingerprint


def collection_id(connection: sqlite3.Connection, name: str) -> int:
    """Return a collection's id. Raises NotConfigured, naming those that are there."""
    known: dict[str, int] = dict(connection.execute("SELECT name, id FROM collections"))
    if name not in known:
        there = ", ".join(sorted(known)) or "none yet"
        close = get_close_matches(name, known, n=1)
        hint = (
            f"Did you mean {close[0]!r}?"
            if close
            else f"Make it with: citewell ingest PATH --collection {name}"
        )
        raise NotConfigured(f"There is no collection {name!r} (there is: {there}). {hint}")
    return known[name]


def refuse_taken(connection: sqlite3.Connection, name: str, new: str) -> None:
    """Raise StoreError if a collection is called as another is to be."""
    if connection.execute("SELECT 1 FROM collections WHERE name = ?", (new,)).fetchone():
        raise StoreError(
            f"Collection {name!r} cannot be renamed: there is a collection {new!r} already. "
            "Give another name."
        )


def no_document(collection: str, name: str) -> NotConfigured:
    """Say that a document is not there."""
    return NotConfigured(
        f"Collection {collection!r} holds no document {name!r}. "
        f"Add it with: citewell ingest PATH --collection {collection}"
    )


def refuse_other(
    name: str, what: str, made: Mapping[str, object], asked: Mapping[str, object]
) -> None:
    """Raise StoreError if a collection was made with something else than is asked for."""
    if made == asked:
        return
    differ = ", ".join(
        f"{key} {made.get(key)!r}, not {asked[key]!r}"
        for key in asked
        if made.get(key) != asked[key]
    )
    raise StoreError(
        f"Collection {name!r} was made with another {what} ({differ}). "
        "Use another collection name, or delete the collection and ingest its folder again."
    )


def dimension(connection: sqlite3.Connection, collection: int) -> int:
    """Return the length of a collection's vectors."""
    row = connection.execute("SELECT fingerprint FROM collections WHERE id = ?", (collection,))
    return Fingerprint(**json.loads(row.fetchone()[0])).dimension


def held_by(
    connection: sqlite3.Connection, collection: int, names: Iterable[str]
) -> dict[str, int]:
    """Return the ids of those documents that are stored, by name."""
    statement = "SELECT id FROM documents WHERE collection = ? AND name = ?"
    found = ((name, connection.execute(statement, (collection, name)).fetchone()) for name in names)
    return {name: row[0] for name, row in found if row is not None}


def of_file(connection: sqlite3.Connection, file: int) -> dict[str, int]:
    """Return the ids of a file's documents by name."""
    return dict(connection.execute("SELECT name, id FROM documents WHERE file = ?", (file,)))


def file_id(connection: sqlite3.Connection, collection: int, path: Path) -> int | None:
    """Return the id of a file; None if it is not held."""
    row = connection.execute(
        "SELECT id FROM files WHERE collection = ? AND path = ?", (collection, path_bytes(path))
    ).fetchone()
    return None if row is None else row[0]
