"""Ingest in processes that die by SIGKILL on the way: ``dying.py ROOT NAME... < cases``.

Each line of standard input is a case, ``FOLDER BEGIN WHERE N``: in a place of its own below ROOT,
a run ``first`` into an empty store or ``again`` over changed files dies at the N-th ``write`` that
the store is asked for, or at the N-th SQL ``statement``. Prints how each process ended.
"""

import os
import runpy
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_schema import prepare
from citewell.retrieval.sqlite_store import FILE_NAME, SqliteStore

TESTS = Path(__file__).parent


class DeadlyConnections(Connections):
    """Connections of a process that dies at its n-th SQL statement."""

    def __init__(self, path: Path, n: int) -> None:
        super().__init__(path)
        self._left = n

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        connection.set_trace_callback(self._count)
        return connection

    def _count(self, statement: str) -> None:
        self._left -= 1
        if not self._left:
            kill_self()


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run(place: Any, where: str, n: int) -> None:
    if where == "write":
        store: SqliteStore = place.faulty(n, kill_self)
    else:
        connections = DeadlyConnections(place.home / FILE_NAME, n)
        prepare(connections)
        store = SqliteStore(connections)
    place.ingest(store)


def main(root: Path) -> None:
    embedder = runpy.run_path(str(TESTS.parent / "conftest.py"))["AnimalEmbedder"]()
    make_place = runpy.run_path(str(TESTS / "conftest.py"))["make_place"]
    for line in sys.stdin:
        folder, begin, where, n = line.split()
        place = make_place(root / folder, embedder)
        if begin == "again":
            place.ingest()
            place.change_all()
        place.home.mkdir(exist_ok=True)
        child = os.fork()
        if not child:
            run(place, where, int(n))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{folder} {os.waitstatus_to_exitcode(status)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
