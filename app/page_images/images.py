"""Draw pages of PDF files, in processes with limits of time and memory."""

import base64
import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from citewell.app.page_images.errors import (
    Damaged,
    FileGone,
    ImageError,
    NeedsPassword,
    NoPages,
    NoSuchPage,
    TooDemanding,
)
from citewell.app.page_images.files import Files, Identity, Recent
from citewell.app.page_images.worker import READY
from citewell.ingest.readers.sniffing import format_of
from citewell.ingest.worker_process import end, exchange, kill, spawn
from citewell.retrieval.errors import NotConfigured

PROGRAM = "citewell.app.page_images.worker"

WORKERS = 2
"""One that a bad page holds up leaves another."""

MOST_SECONDS = 15.0
"""For a page. Those of reports take a twentieth of a second, maps some seconds."""

MEMORY_MB = 512
START_SECONDS = 60.0
PAGES_PER_WORKER = 1000
"""Pages after which a worker is replaced, so that what the library leaks does not add up."""

WIDTHS = (200, 4000)
"""Least and most pixels across."""

MOST_HELD = 64
"""Images kept, of about 100 kB each; several times that at most."""

_Key = tuple[Identity, int, int]
_Drawn = bytes | ImageError


class PageImages:
    """Draws pages, keeping the last few. Safe to use from several threads.

    Processes start with the first page and stay. One that breaks is replaced.
    """

    def __init__(self, *, seconds: float = MOST_SECONDS, memory_mb: int = MEMORY_MB) -> None:
        self.files = Files()
        self._drawn: Recent[_Key, _Drawn] = Recent(MOST_HELD)
        self._workers = [_Worker(seconds, memory_mb) for _ in range(WORKERS)]
        # the one that drew last is warm, so it is taken first
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put(worker)

    def image(self, path: Path, page: int, width: int, sha256: str = "") -> bytes:
        """Return a page as a PNG, as it is shown: cropped, and turned.

        Args:
            path: The file.
            page: Its number, from 1.
            width: Pixels across, brought between 200 and 4,000; fewer for very long pages.
            sha256: Of the file that is meant, in hex. Blank: of whatever is there.

        Raises:
            ImageError: If it cannot be drawn; see `citewell.app.page_images.errors`.
            NotConfigured: If no process can be started.
        """
        identity = self.files.identify(path, sha256)
        key = identity, page, min(max(width, WIDTHS[0]), WIDTHS[1])
        drawn = self._drawn.get(key) or self._draw(key)
        if isinstance(drawn, ImageError):
            raise drawn
        return drawn

    def close(self) -> None:
        """End all processes. Calling it twice is harmless."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.end()

    def _draw(self, key: _Key) -> _Drawn:
        """Draw a page, unless another thread has done so meanwhile."""
        path = key[0].path
        if format_of(path) != "pdf":
            raise NoPages(path.name)
        worker = self._idle.get()
        try:
            drawn = self._drawn.get(key) or worker.draw(*key)
        finally:
            self._idle.put(worker)
        if not isinstance(drawn, FileGone):
            self._drawn.put(key, drawn)
        return drawn


class _Worker:
    """One process, started when it is needed. Its methods may be called from any thread."""

    def __init__(self, seconds: float, memory_mb: int) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._pages = 0
        self._closed = False
        self._lock = threading.Lock()
        self._drawing = threading.RLock()

    def draw(self, identity: Identity, page: int, width: int) -> _Drawn:
        """Return a page, or why there is none.

        A process that has drawn others may break over what they left behind, so the page is
        blamed only if a fresh one breaks over it too.
        """
        with self._drawing:
            return self._draw(identity, page, width)

    def stop(self) -> None:
        """Kill the process, in the middle of a page if need be, and start no other."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                kill(self._process)

    def end(self) -> None:
        """Kill the process, if there is one, and wait until it is gone."""
        with self._drawing, self._lock:
            process, self._process = self._process, None
        if process is not None:
            end(process)

    def _draw(self, identity: Identity, page: int, width: int) -> _Drawn:
        process = self._running()
        used = self._pages > 0
        job = json.dumps({"path": str(identity.path), "page": page, "width": width})
        line, late = exchange(process, job.encode() + b"\n", self._seconds)
        name = identity.path.name
        if late:
            self.end()
            return TooDemanding(name, page)
        if not line.endswith(b"\n"):
            self.end()
            return self._draw(identity, page, width) if used else Damaged(name, page)
        self._pages += 1
        answer = json.loads(line)
        if answer.get("error") == "memory" or self._pages >= PAGES_PER_WORKER:
            self.end()
        return _drawn(answer, name, page)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        with self._lock:
            if self._closed:
                raise RuntimeError("The page images are closed; make new ones.")
            self._process = process = spawn(PROGRAM, str(self._memory_mb), str(self._seconds))
        self._pages = 0
        line, _ = exchange(process, b"", START_SECONDS)
        if line.decode() != READY:
            self.end()
            raise NotConfigured(
                f"The process that draws pages did not start (exit status {process.returncode}). "
                f"To see why, run: {sys.executable} -m {PROGRAM} {self._memory_mb} 60"
            )
        return process


def _drawn(answer: dict[str, Any], name: str, page: int) -> _Drawn:
    match answer.get("error"):
        case None:
            return base64.b64decode(answer["png"])
        case "page":
            return NoSuchPage(name, page, answer["pages"])
        case "password":
            return NeedsPassword(name)
        case "gone":
            return FileGone(name)
        case "memory":
            return TooDemanding(name, page)
        case _:
            return Damaged(name, page)
