"""Lay out citewell.db, and refuse one that another version of Citewell has laid out."""

import sqlite3
from pathlib import Path

from citewell.retrieval.analysis import ANALYSIS_VERSION
from citewell.retrieval.errors import NotConfigured, StoreError
from citewell.retrieval.sqlite_connections import Connections

SCHEMA_VERSION = 3


def require_database(path: Path, collection: str | None = None) -> None:
    """Raise NotConfigured unless there is a database; the message names what makes one."""
    if not path.exists():
        into = f" --collection {collection}" if collection else ""
        raise NotConfigured(
            f"There is no store in {path.parent} yet. Make it with: citewell ingest PATH{into}"
        )


def prepare(connections: Connections) -> None:
    """Lay out an empty database; refuse one that a newer Citewell has laid out."""
    with connections.reading() as connection:
        if _version(connection, connections.path) == SCHEMA_VERSION:
            return
    with connections.writing() as connection:
        if _version(connection, connections.path) == SCHEMA_VERSION:
            return
        schema = Path(__file__).with_name("schema.sql").read_text("utf-8")
        for statement in schema.split(";\n"):
            connection.execute(statement)
        connection.execute("UPDATE store_state SET analysis = ?", (ANALYSIS_VERSION,))
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by a newer Citewell (layout {version}; this one knows "
            f"{SCHEMA_VERSION}). Update Citewell: pip install --upgrade citewell"
        )
    if 0 < version < SCHEMA_VERSION:
        raise StoreError(
            f"{path} was made by an older Citewell (layout {version}; this one needs "
            f"{SCHEMA_VERSION}). Remove it, or name another home folder with CITEWELL_HOME; "
            "then run `citewell ingest` again."
        )
    return version
