"""How much memory a process and its descendants hold, read from ``/proc`` (Linux only)."""

from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

PERIOD = 0.1
"""Seconds between two looks; a shorter peak can be missed."""


class PeakMemory:
    """Watches this process and its descendants while its block runs.

    Attributes:
        bytes: Greatest sum of their resident memory. What processes share counts once for each.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self.bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.bytes = max(self.bytes, tree_memory(self._pid))
            if self._stop.wait(PERIOD):
                return


def tree_memory(pid: int) -> int:
    """Return the resident bytes of a process and its descendants; 0 where ``/proc`` is not."""
    total = 0
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        total += _resident(each)
        waiting.extend(_children(each))
    return total


def _resident(pid: int) -> int:
    for line in _lines(Path(f"/proc/{pid}/status")):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def _children(pid: int) -> list[int]:
    """Return the children of all threads of a process."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    return [
        int(child) for task in tasks for line in _lines(task / "children") for child in line.split()
    ]


def _lines(path: Path) -> list[str]:
    """Return the lines of a file; none when its process has ended meanwhile."""
    try:
        return path.read_text("utf-8").splitlines()
    except OSError:
        return []
