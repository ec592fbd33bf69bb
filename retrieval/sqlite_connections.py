"""Connections to one SQLite file, and what its errors mean to the user.

In WAL mode readers go on beside a writer, each seeing the last commit before it began. That
needs one connection for each transaction under way; threads come and go (a page makes one for
each click), so connections belong to no thread: a transaction takes an idle one and puts it back.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from citewell.retrieval import sqlite_filters, sqlite_words
from citewell.retrieval.errors import StoreBusy, StoreDamaged, StoreError

BUSY_SECONDS = 10.0

# A chunk's row with its vector is about 2.5 kB: pages of 8 kB hold three where 4 kB hold one,
# which makes the file a third smaller and the vectors quicker to load.
PAGE_BYTES = 8192

# Our statements are correct, so one that cannot be compiled has met a layout that is not ours.
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}

# What SQLite says where it cannot make the small file beside a database that processes share.
_NOTHING_SHARED = {
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_READONLY_CANTINIT,
    sqlite3.SQLITE_READONLY_DIRECTORY,
}
_SENTENCES = {
    sqlite3.SQLITE_FULL: (
        "There is no room left for {path}. Free some disk space and run the command again; "
        "what was stored before is unharmed."
    ),
    sqlite3.SQLITE_READONLY: (
        "{path} may not be written. Give yourself write permission for it and for its folder."
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened. Check that its folder exists and that you may write there."
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk failed while {path} was read or written ({error}). Check the disk and its free "
        "space, then run the command again; what was stored before is unharmed."
    ),
}


class Connections:
    """A pool of connections to one database file, for any number of threads."""

    def __init__(self, path: Path, *, max_bytes: int | None = None) -> None:
        """Use the file at ``path``, which may come to exist.

        Args:
            path: The database file.
            max_bytes: Size it may not outgrow; reaching it is the same as a full disk.
        """
        self.path = path
        self._max_pages = None if max_bytes is None else max(1, max_bytes // PAGE_BYTES)
        self._lock = threading.Lock()
        self._idle: list[_Connected] = []
        self._closed = False

    def close(self) -> None:
        """Close the idle connections now and those in use when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connected in idle:
            connected.connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot of the database for as long as the block runs; keep it short."""
        with self._transaction("BEGIN", self._take_or_alone) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed when the block ends, undone when it raises."""
        with self._transaction("BEGIN IMMEDIATE", self._take) as connection:
            yield connection

    @contextmanager
    def _transaction(
        self, begin: str, take: Callable[[], "_Connected"]
    ) -> Iterator[sqlite3.Connection]:
        with store_errors(self.path):
            connected = take()
            try:
                connected.connection.execute(begin)
                yield connected.connection
                connected.connection.execute("COMMIT")
            finally:
                self._put_back(connected)

    def _take(self) -> "_Connected":
        """Return a connection to the file that is there now: a rebuilt one is another file."""
        file = _identity(self.path)
        while connected := self._take_idle():
            if connected.file == file:
                return connected
            connected.connection.close()
        connection = self._connect()
        return _Connected(connection, file or _identity(self.path))

    def _take_or_alone(self) -> "_Connected":
        """Return a connection to read with, also on a full disk and where nothing may be written.

        Readers share a small file with the writer. Where it cannot be made there is no writer, so
        for one short transaction the database is read as a file that does not change, unless a
        writer has left commits in its log.
        """
        try:
            return self._take()
        except sqlite3.OperationalError as error:
            log = self.path.with_name(f"{self.path.name}-wal")
            left = log.exists() and log.stat().st_size
            if error.sqlite_errorcode not in _NOTHING_SHARED or left or not self.path.exists():
                raise
        uri = f"{self.path.absolute().as_uri()}?immutable=1"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        add_functions(connection)
        return _Connected(connection, None)

    def _take_idle(self) -> "_Connected | None":
        with self._lock:
            if self._closed:
                raise StoreError(f"The store in {self.path} was closed; open it again.")
            return self._idle.pop() if self._idle else None

    def _put_back(self, connected: "_Connected") -> None:
        connection = connected.connection
        # A failed write may have ended the transaction by itself, or left it open.
        with suppress(sqlite3.Error):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        with self._lock:
            if not self._closed and connected.file and not connection.in_transaction:
                self._idle.append(connected)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL syncs the log at each commit: what was acknowledged survives a power cut too.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            add_functions(connection)
            if self._max_pages is not None:
                connection.execute(f"PRAGMA max_page_count = {self._max_pages}")
        except BaseException:
            connection.close()
            raise
        return connection


def add_functions(connection: sqlite3.Connection) -> None:
    """Let statements on a connection call what the views and conditions of the store name."""
    sqlite_words.register(connection)
    sqlite_filters.prepare(connection)


class _Connected(NamedTuple):
    """A connection, and the file on the disk that it was opened on; None for one use only."""

    connection: sqlite3.Connection
    file: tuple[int, int] | None


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of the same path; None if it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about the file at ``path`` into sentences for the user."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise _explained(path, error) from error
    except UnicodeDecodeError as error:  # of a message about garbled names
        raise _explained(path, sqlite3.DatabaseError("names in it are garbled")) from error
    except UnicodeEncodeError as error:
        raise StoreError(
            f"{error.object[max(0, error.start - 20) : error.end]!r} is not Unicode text, so "
            f"{path} cannot hold it. Replace the lone surrogate at {error.start}."
        ) from error


def _explained(path: Path, error: sqlite3.Error) -> StoreError:
    # Python sets no code on what it raises itself, which is over text that is not UTF-8.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    code = sqlite3.SQLITE_FULL if code == sqlite3.SQLITE_IOERR_SHMSIZE else code & 0xFF
    if code in _DAMAGED:
        return StoreDamaged(
            f"{path} is damaged ({error}). Run `citewell rebuild`, which sets it aside and keeps "
            "what can be read of it, then `citewell ingest` again."
        )
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return StoreBusy(f"Another process is writing to {path}. Wait for it, then try again.")
    sentence = _SENTENCES.get(code, "{path} cannot be read or written: {error}.")
    return StoreError(sentence.format(path=path, error=error))
