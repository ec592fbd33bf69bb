"""The calibration of a collection in citewell.db: JSON that the store keeps and does not read.

Its table is made when one is first stored: a database without it is no older than one with it,
and a Citewell that knows nothing of calibrations reads both.
"""

import sqlite3

_TABLE = """
CREATE TABLE IF NOT EXISTS calibrations (
    collection INTEGER PRIMARY KEY REFERENCES collections ON DELETE CASCADE,
    calibration TEXT NOT NULL
)
"""


def calibration_of(connection: sqlite3.Connection, collection: int) -> str | None:
    """Return what is kept of a collection, or None."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'calibrations'"
    ).fetchone()
    if found is None:
        return None
    row = connection.execute(
        "SELECT calibration FROM calibrations WHERE collection = ?", (collection,)
    ).fetchone()
    return None if row is None else str(row[0])


def keep_calibration(
    connection: sqlite3.Connection, collection: int, calibration: str | None
) -> None:
    """Keep one in place of the one that was kept; None keeps none. Inside a transaction."""
    connection.execute(_TABLE)
    connection.execute("DELETE FROM calibrations WHERE collection = ?", (collection,))
    if calibration is not None:
        connection.execute("INSERT INTO calibrations VALUES (?, ?)", (collection, calibration))
