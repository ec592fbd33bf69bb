"""One process at a time writes to a home folder.

The lock belongs to the operating system, which frees it when its process ends in any way. Beside
it a small file says who holds it, for the message a second writer gets.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from citewell.retrieval.errors import StoreBusy, StoreError

LOCK_NAME = "writer.lock"
HOLDER_NAME = "writer.json"
_MOST_COMMAND_CHARS = 200


@dataclass(frozen=True, slots=True)
class Writer:
    """A process that writes to a store: its id and its command line."""

    pid: int
    command: str


@contextmanager
def writer_lock(home: Path, timeout: float) -> Iterator[None]:
    """Hold the only right to write to a home folder while the block runs.

    Args:
        home: The folder, which is there.
        timeout: Seconds to wait for another writer; 0 tries once.

    Raises:
        StoreBusy: If the other is still writing then; the message names its process.
        StoreError: If the lock cannot be made, as in a folder that may not be written.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(home / LOCK_NAME)
    try:
        lock.acquire(timeout=max(0.0, timeout))
    except Timeout as error:
        raise StoreBusy(_busy(home)) from error
    except OSError as error:
        raise StoreError(
            f"{home} cannot be locked for writing ({error.strerror}). "
            "Give yourself write permission for that folder."
        ) from error
    try:
        _announce(home)
        yield
    finally:
        (home / HOLDER_NAME).unlink(missing_ok=True)
        lock.release()


def current_writer(home: Path) -> Writer | None:
    """Return the process that is writing to a home folder, as far as can be told.

    It only reads, so it never keeps a writer waiting; and what a killed writer left behind is
    taken for it again when its process id has since gone to another process.
    """
    try:
        writer = Writer(**json.loads((home / HOLDER_NAME).read_text("utf-8")))
        os.kill(writer.pid, 0)
    except PermissionError:
        return writer
    except (OSError, ValueError, TypeError):
        return None
    return writer


def _announce(home: Path) -> None:
    """Say who holds the lock. A full disk does not stop a writer: it may be about to delete."""
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:_MOST_COMMAND_CHARS]
    ready = home / f"{HOLDER_NAME}.new"
    try:
        ready.write_text(json.dumps(asdict(Writer(os.getpid(), command))), "utf-8")
        ready.replace(home / HOLDER_NAME)
    except OSError:
        ready.unlink(missing_ok=True)


def _busy(home: Path) -> str:
    writer = current_writer(home)
    who = f"Process {writer.pid} ({writer.command})" if writer else "Another process"
    return (
        f"{who} is writing to {home}. Wait for it to end, or stop it, then run the command again."
    )
