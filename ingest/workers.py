"""Read files in worker processes, so that one bad file is one named failure.

Libraries that read PDF abort the process over some files, hang over others and fill memory over
others still. Each file is therefore read by a process with limits of time and memory; one that
breaks is replaced, and the other files are read as if nothing had happened.
"""

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from citewell.ingest.reader_worker import GETTING_ON, NO_OCR, READY
from citewell.ingest.wire import Json, from_json
from citewell.ingest.worker_process import end, exchange, kill, spawn
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.values import Document

PROGRAM = "citewell.ingest.reader_worker"

CRASHED = "crashed the program that reads it: damaged, made to do harm, or too large for its memory"

START_TIMEOUT = 60.0
"""Seconds a worker may take to start. It takes well under one when the disk is not busy."""

WAIT = 0.3
"""Seconds a file is waited for at a time, between which the waiting can be given up."""

FILES_PER_WORKER = 500
"""Files after which a worker is replaced, so that what libraries leak does not add up."""


@dataclass(frozen=True)
class ReadJob:
    """A file to read, and what its document is to be called.

    Attributes:
        sha256: Of the bytes that are meant, in hex. Blank: of whatever is there.
    """

    path: Path
    name: str
    sha256: str = ""


@dataclass(frozen=True)
class ReadOutcome:
    """What became of a job: documents, or the reason there are none.

    Attributes:
        error: Why the file gave no documents, in words, without its path.
        skipped: True when the file is sound but holds something other than documents.
        final: True when reading the same bytes again would come to the same.
        seconds: What reading it took.
        memory_mb: Largest memory of the process meanwhile, in MiB; 0 where that is not known.
    """

    job: ReadJob
    documents: tuple[Document, ...] = ()
    error: str | None = None
    skipped: bool = False
    final: bool = False
    seconds: float = field(default=0.0, compare=False)
    memory_mb: float = field(default=0.0, compare=False)


class ReaderPool:
    """Worker processes that read files. Use it in a ``with`` block: no process stays behind.

    Args:
        workers: Most processes at a time, at least 1. They start when they are first needed.
        timeout: Seconds a file may take; one of many pages, 50 of them; a scan, each of them.
        memory_mb: Memory in MiB a process may use, beside what Python itself takes.
        ocr: Whether pages without a text layer are recognised.
    """

    def __init__(self, workers: int, timeout: float, memory_mb: int, ocr: bool = True) -> None:
        if workers < 1:
            raise ValueError(f"workers is {workers}; it must be at least 1.")
        self._ahead = 2 * workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="read")
        self._workers = [_Worker(timeout, memory_mb, ocr) for _ in range(workers)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all workers, in the middle of a file if need be. Calling it twice is harmless."""
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._workers:
            worker.end()

    def read(
        self, jobs: Iterable[ReadJob], on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[ReadOutcome]:
        """Yield what became of each job, in the order of the jobs.

        At most ``2 * workers`` outcomes are read ahead of the one asked for.

        Args:
            on_wait: Called now and then while a file is waited for; what it raises ends the
                reading.

        Raises:
            NotConfigured: If no worker can be started.
        """
        running: deque[Future[ReadOutcome]] = deque()
        try:
            for job in jobs:
                running.append(self._threads.submit(self._read_one, job))
                if len(running) > self._ahead:
                    yield _awaited(running.popleft(), on_wait)
            while running:
                yield _awaited(running.popleft(), on_wait)
        finally:
            for future in running:
                future.cancel()

    def _read_one(self, job: ReadJob) -> ReadOutcome:
        worker = self._idle.get()
        try:
            return worker.read(job)
        finally:
            self._idle.put(worker)


def _awaited(future: Future[ReadOutcome], on_wait: Callable[[], None]) -> ReadOutcome:
    while not wait((future,), WAIT).done:
        on_wait()
    return future.result()


class _Worker:
    """One reader process, started when it is needed and replaced when it breaks.

    `stop` may be called from any thread; the rest belongs to the thread that reads.
    """

    def __init__(self, timeout: float, memory_mb: int, ocr: bool) -> None:
        self._timeout = timeout
        self._ocr = ocr
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0
        self._stopped = False
        self._lock = threading.Lock()

    def read(self, job: ReadJob) -> ReadOutcome:
        """Read one file. Never raises over the file, whatever it does to the process.

        A process that has read others before may die of what they left behind, so the file is
        blamed only if a fresh one dies of it too.
        """
        process = self._running()
        used = self._files > 0
        started = time.monotonic()
        answer, late = _ask(process, job, self._timeout)
        if answer is None:
            self.end()
            if used and not late:
                return self.read(job)
            error = self._fate(process.returncode, late)
            return ReadOutcome(job, error=error, seconds=time.monotonic() - started)
        self._files += 1
        if "worn" in answer or self._files >= FILES_PER_WORKER:
            self.end()
        return _outcome(job, answer)

    def stop(self) -> None:
        """Kill the process, whatever it is doing, and start no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                kill(self._process)

    def end(self) -> None:
        """Kill the process, if there is one, and wait until it is gone."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            end(process)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.end()
        with self._lock:
            if self._stopped:
                raise RuntimeError("The reader pool is closed; make a new one.")
            flags = [] if self._ocr else [NO_OCR]
            limits = str(self._memory_mb), str(self._timeout)
            self._process = process = spawn(PROGRAM, *limits, *flags)
        self._files = 0
        line, _ = _exchange(process, b"", START_TIMEOUT)
        if line.decode() != READY:
            self.end()
            raise NotConfigured(
                f"The process that reads files did not start (exit status {process.returncode}). "
                f"To see why, run: {sys.executable} -m {PROGRAM} 1024 60"
            )
        return process

    def _fate(self, status: int, late: bool) -> str:
        if late or (sys.platform != "win32" and status == -signal.SIGXCPU):
            return f"took longer than {self._timeout:g} s to read"
        with suppress(ValueError):
            return f"{CRASHED} ({signal.Signals(-status).name})"
        return f"{CRASHED} (exit status {status})"


def _ask(
    process: subprocess.Popen[bytes], job: ReadJob, timeout: float
) -> tuple[Json | None, bool]:
    """Return the answer, None if the process broke instead; and whether it took too long."""
    request = json.dumps({"path": str(job.path), "name": job.name, "sha256": job.sha256})
    line, late = _exchange(process, request.encode() + b"\n", timeout)
    if late or not line.endswith(b"\n"):
        return None, late
    answer: Json = json.loads(line)
    return answer, False


def _exchange(
    process: subprocess.Popen[bytes], message: bytes, timeout: float
) -> tuple[bytes, bool]:
    """Send a message and return the line that comes back; kill the process if it takes too long.

    Each line that says that the reader gets on gives it as long again.
    """
    line, late = exchange(process, message, timeout)
    while line == GETTING_ON.encode() and not late:
        line, late = exchange(process, b"", timeout)
    return line, late


def _outcome(job: ReadJob, answer: Json) -> ReadOutcome:
    return ReadOutcome(
        job,
        documents=tuple(map(from_json, answer.get("documents", ()))),
        error=answer.get("error"),
        skipped=answer.get("skipped", False),
        final=answer.get("final", False),
        seconds=answer["seconds"],
        memory_mb=answer["memory_mb"],
    )
