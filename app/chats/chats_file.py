"""The file of conversations: laid out, read and written one transaction at a time, scrubbed.

It is a file of its own: it cannot be made again from documents, and an answer has to be kept while
an ingest holds the store.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from citewell.retrieval.errors import StoreDamaged, StoreError
from citewell.retrieval.sqlite_connections import BUSY_SECONDS, Connections, store_errors

FILE_NAME = "chats.db"
LAYOUT = 1


class ChatsFile:
    """Transactions on one file of conversations, which is made where there is none."""

    def __init__(self, path: Path, *, max_bytes: int | None = None) -> None:
        """Use the file at ``path``.

        Args:
            path: The file.
            max_bytes: Size it may not outgrow; reaching it is the same as a full disk.
        """
        self.path = path
        self._connections = Connections(path, max_bytes=max_bytes)

    def close(self) -> None:
        """Let go of the file."""
        self._connections.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot for as long as the block runs."""
        self.lay_out()
        with _in_own_words(self.path), self._connections.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, in which what is removed is overwritten."""
        self.lay_out()
        with _in_own_words(self.path), self._connections.writing() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            yield connection

    def lay_out(self, *, again: bool = False) -> None:
        """Make the file if it is not there, also when it was taken away while in use.

        Args:
            again: Look into a file that is there, too.
        """
        if self.path.exists() and not again:
            return
        with _in_own_words(self.path):
            with store_errors(self.path), _os_errors(self.path):
                # conversations are nobody else's business, whatever the folder lets others do
                self.path.touch(mode=0o600)
            with self._connections.reading() as connection:
                if self._version(connection) == LAYOUT:
                    return
            with self._connections.writing() as connection:
                if self._version(connection) == 0:
                    for statement in _statements():
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version = {LAYOUT}")

    def scrub(self) -> None:
        """Write the file anew, so that no removed word is left in it or in its log.

        `secure_delete` overwrites what is removed, but not copies that SQLite leaves in the gaps of
        pages when it moves rows between them. Takes about 6 ms for each MB, and as much memory.
        """
        with (
            _in_own_words(self.path),
            store_errors(self.path),
            closing(
                sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            ) as connection,
        ):
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA secure_delete = ON")
            # without the room for it, or beside a writer that goes on, the next removal does it
            with suppress(sqlite3.OperationalError):
                connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _version(self, connection: sqlite3.Connection) -> int:
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > LAYOUT:
            raise StoreError(
                f"{self.path} was made by a newer Citewell (layout {version}; this one knows "
                f"{LAYOUT}). Update Citewell: pip install --upgrade citewell"
            )
        return version


def _statements() -> list[str]:
    return Path(__file__).with_name("chats.sql").read_text("utf-8").split(";\n")


@contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} cannot be made ({error.strerror}). Give yourself write permission for its "
            "folder, or name another home folder with CITEWELL_HOME."
        ) from error


@contextmanager
def _in_own_words(path: Path) -> Iterator[None]:
    """Say of a damaged file what can be done about this one."""
    try:
        yield
    except StoreDamaged as error:
        raise StoreDamaged(
            f"{path}, which holds the conversations, is damaged ({error.__cause__}). Stop Citewell "
            "and rename that file: a new one is made. Documents and collections are not in it."
        ) from error
