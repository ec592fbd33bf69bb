"""Bring a citewell.db of an older layout up to date, in place and without embedding anything."""

import sqlite3
from collections.abc import Iterable

from citewell.retrieval import sqlite_words
from citewell.retrieval.sqlite_derived import derive_again, tell_languages

OLDEST = 2
"""The oldest layout that can be brought up to date."""

_ADDED = (
    "ALTER TABLE store_state ADD COLUMN analysis INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE files ADD COLUMN name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE documents ADD COLUMN language TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE documents ADD COLUMN partition INTEGER REFERENCES partitions",
    "ALTER TABLE chunks ADD COLUMN terms INTEGER NOT NULL DEFAULT 0",
    "UPDATE files SET name = coalesce((SELECT name FROM readings"
    " WHERE readings.collection = files.collection AND readings.path = files.path), '')",
    "DROP INDEX chunks_of_document",
)


def migrate(connection: sqlite3.Connection, schema: Iterable[str]) -> None:
    """Make layout 3 of layout 2: languages, facts and labels beside the documents.

    Args:
        connection: Inside a writing transaction.
        schema: The statements that lay out an empty database.
    """
    collections = [row[0] for row in connection.execute("SELECT id FROM collections")]
    for collection in collections:
        sqlite_words.drop_index(connection, collection)
    for statement in _ADDED:
        connection.execute(statement)
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    for statement in schema:
        made = [line for line in statement.splitlines() if line.startswith("CREATE")]
        if made and made[0].split()[2] not in there:
            connection.execute(statement)
    for collection in collections:
        sqlite_words.add_index(connection, collection)
        tell_languages(connection, collection)
        derive_again(connection, collection)
