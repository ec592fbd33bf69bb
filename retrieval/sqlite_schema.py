"""Lay out citewell.db, bring an older one up to date, and refuse what cannot be read."""

import sqlite3
from pathlib import Path

from citewell.retrieval.analysis import ANALYSIS_VERSION
from citewell.retrieval.errors import NotConfigured, StoreError
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_migration import OLDEST, migrate
from citewell.retrieval.sqlite_words import relearn

SCHEMA_VERSION = 3


def require_database(path: Path, collection: str | None = None) -> None:
    """Raise NotConfigured unless there is a database; the message names what makes one."""
    if not path.exists():
        into = f" --collection {collection}" if collection else ""
        raise NotConfigured(
            f"There is no store in {path.parent} yet. Make it with: citewell ingest PATH{into}"
        )


def prepare(connections: Connections) -> None:
    """Lay out an empty database and bring an older one up to date, in one transaction.

    Raises:
        StoreError: If a newer Citewell has laid it out, or one too old to be read.
        StoreBusy: If it is to be brought up to date while another process writes to it.
    """
    with connections.reading() as connection:
        if _is_current(connection, connections.path):
            return
    with connections.writing() as connection:
        if not _is_current(connection, connections.path):
            _bring_up_to_date(connection)


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    schema = Path(__file__).with_name("schema.sql").read_text("utf-8").split(";\n")
    version = _version(connection)
    if version == 0:
        for statement in schema:
            connection.execute(statement)
    elif version < SCHEMA_VERSION:
        migrate(connection, schema)
    else:
        for (collection,) in connection.execute("SELECT id FROM collections").fetchall():
            relearn(connection, collection)
    connection.execute("UPDATE store_state SET analysis = ?", (ANALYSIS_VERSION,))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _is_current(connection: sqlite3.Connection, path: Path) -> bool:
    """Tell whether a database is laid out as this Citewell does it, or can be brought to that."""
    version = _version(connection)
    analysis = 0
    if version == SCHEMA_VERSION:
        (analysis,) = connection.execute("SELECT analysis FROM store_state").fetchone()
    if (version, analysis) > (SCHEMA_VERSION, ANALYSIS_VERSION):
        raise StoreError(
            f"{path} was made by a newer Citewell (layout {version}.{analysis}; this one knows "
            f"{SCHEMA_VERSION}.{ANALYSIS_VERSION}). Update Citewell: pip install --upgrade citewell"
        )
    if 0 < version < OLDEST:
        raise StoreError(
            f"{path} was made by an older Citewell (layout {version}; this one reads {OLDEST} and "
            f"{SCHEMA_VERSION}). Remove it, or name another home folder with CITEWELL_HOME; "
            "then run `citewell ingest` again."
        )
    return (version, analysis) == (SCHEMA_VERSION, ANALYSIS_VERSION)


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
