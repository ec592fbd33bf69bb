"""What a process and its descendants take: seconds and memory, read from ``/proc`` (Linux only)."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Thread
from types import TracebackType
from typing import Self

PERIOD = 0.05
"""Seconds between two looks; a shorter peak can be missed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command took.

    Attributes:
        seconds: From its start to its end.
        cpu_seconds: Processor time of it and of all descendants that were waited for.
        peak_bytes: Greatest sum of the resident memory of it and its descendants.
        output: What it wrote to standard output.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


def run_measured(command: Sequence[str], variables: Mapping[str, str]) -> Ran:
    """Run a command to its end, with some environment variables beside those of this process.

    Raises:
        SystemExit: If it ends with another status than 0.
    """
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, env={**os.environ, **variables}, stdout=output, stderr=errors
        )
        with PeakMemory(process.pid) as memory:
            _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode:
            reason = errors.read()[-2000:]
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {reason}")
        return Ran(seconds, usage.ru_utime + usage.ru_stime, memory.bytes, output.read())


class PeakMemory:
    """Watches a process and its descendants while its block runs.

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
        total += resident(each)
        waiting.extend(_children(each))
    return total


def resident(pid: int) -> int:
    """Return the resident bytes of one process; 0 where ``/proc`` is not."""
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
