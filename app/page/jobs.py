"""Ingests under way in this process: in a thread of their own, so that no click stops them.

One runs at a time, for a store has one writer; the others wait their turn. Where another process
is writing, a job waits for as long as it does, and says so.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Literal

from citewell.app.progress import Tally, Tell
from citewell.ingest.events import IngestEvent
from citewell.ingest.pipeline import IngestReport
from citewell.ingest.rereading import read_again
from citewell.ingest.run import ingest_from
from citewell.ingest.sources import FolderSource
from citewell.retrieval.errors import CitewellError, StoreBusy
from citewell.retrieval.settings import Settings

JobState = Literal["queued", "waiting", "running", "done", "failed", "stopped"]
"""``queued``: behind other jobs. ``waiting``: for another process that writes to the store."""

OVER = frozenset({"done", "failed", "stopped"})

LOCK_SECONDS = 1.0
"""How long the store's lock is tried for before a job looks whether it has been stopped."""

MOST_LINES = 200
"""Files that are listed of a job, the newest."""

CLOSING_SECONDS = 3.0

Ingest = Callable[[Sequence[Path], Settings, Tell], IngestReport]


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that a job is done with; it has no passages if it could not be read."""

    name: str
    pages: int
    passages: int


@dataclass(frozen=True, slots=True)
class JobView:
    """How a job stands.

    Attributes:
        ahead: Jobs before it, while it is queued.
        tally: What has been counted so far.
        lines: The files done, the newest last, at most `MOST_LINES`.
        seconds: Since it began to run.
        message: Whom it waits for, or why it failed, as a sentence; else blank.
        report: What it did; None unless it is done.
        stopping: Whether it was asked to stop and has not stopped yet.
    """

    state: JobState
    ahead: int
    tally: Tally
    lines: tuple[FileLine, ...]
    seconds: float
    message: str
    report: IngestReport | None
    stopping: bool

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER


class _StopAskedFor(Exception):
    """Leaves an ingest between two of its steps."""


@dataclass(eq=False)
class Job:
    """An ingest into a collection. Any number of threads may look at it.

    Attributes:
        paths: Folders and files that are ingested.
        again: Files that are to be read though they have not changed.
    """

    collection: str
    paths: tuple[Path, ...]
    again: tuple[Path, ...] = ()
    state: JobState = "queued"
    ahead: int = 0
    message: str = ""
    report: IngestReport | None = None
    _tally: Tally = field(default_factory=Tally)
    _lines: deque[FileLine] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    _began: float = 0.0
    _ended: float = 0.0
    _stop: Event = field(default_factory=Event)
    _changed: Condition = field(default_factory=Condition)

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in OVER

    def view(self) -> JobView:
        """Return how it stands."""
        with self._changed:
            end = self._ended or time.monotonic()
            return JobView(
                self.state,
                self.ahead,
                replace(self._tally),
                tuple(self._lines),
                end - self._began if self._began else 0.0,
                self.message,
                self.report,
                self._stop.is_set() and not self.over,
            )

    def stop(self) -> None:
        """Ask it to stop. Files that are finished by then stay in the collection."""
        self._stop.set()
        with self._changed:
            if self.state == "queued":
                self._become("stopped")

    def wait(self, seconds: float) -> bool:
        """Wait until it is over. Returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self.over, seconds)

    def _become(
        self, state: JobState, message: str = "", report: IngestReport | None = None
    ) -> None:
        with self._changed:
            if state == "running" and not self._began:
                self._began = time.monotonic()
            if state in OVER:
                self._ended = time.monotonic()
            self.state, self.message, self.report = state, message, report
            self._changed.notify_all()

    def _tell(self, event: IngestEvent) -> None:
        if self._stop.is_set():
            raise _StopAskedFor
        if event.kind == "waiting":
            self._become("waiting", _waits_for(event))
            return
        if self.state != "running":
            self._become("running")
        with self._changed:
            self._tally.add(event)
            if event.kind == "file":
                self._lines.append(FileLine(event.name, event.pages, event.count))


class Jobs:
    """The ingests of this process, one at a time. Any number of threads may use it."""

    def __init__(self, settings: Settings, ingest: Ingest | None = None) -> None:
        """Make one without jobs.

        Args:
            ingest: Takes in folders and files, and tells of its progress; what its telling
                raises ends it.
        """
        self._settings = settings
        self._ingest = ingest or _ingest
        self._latest: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        self._thread: Thread | None = None
        self._changed = Condition()

    def start(self, collection: str, paths: Sequence[Path], again: Sequence[Path] = ()) -> Job:
        """Begin to ingest, or get in line. One that waits for the same already is that one.

        Args:
            paths: Folders and files.
            again: Files among them that are to be read though they have not changed.
        """
        with self._changed:
            for waiting in self._queue:
                same = (waiting.collection, waiting.paths) == (collection, tuple(paths))
                if same and waiting.again == tuple(again) and not waiting.over:
                    return waiting
            job = Job(collection, tuple(paths), tuple(again))
            self._latest[collection] = job
            self._queue.append(job)
            self._count_ahead()
            if self._thread is None:
                self._thread = Thread(target=self._work, name="ingests", daemon=True)
                self._thread.start()
            return job

    def of(self, collection: str) -> Job | None:
        """Return the latest job of a collection, also when it is over; None if there is none."""
        with self._changed:
            return self._latest.get(collection)

    def under_way(self) -> tuple[Job, ...]:
        """Return the job that runs and those in line, in their order."""
        with self._changed:
            jobs = (self._running, *self._queue)
            return tuple(job for job in jobs if job is not None and not job.over)

    def forget(self, collection: str) -> None:
        """Speak no more of the last job of a collection, if it is over."""
        with self._changed:
            job = self._latest.get(collection)
            if job is not None and job.over:
                del self._latest[collection]

    def close(self) -> None:
        """Stop all jobs, and wait a moment for the one at work."""
        with self._changed:
            thread = self._thread
            for job in (*self._queue, self._running):
                if job is not None:
                    job.stop()
        if thread is not None:
            thread.join(CLOSING_SECONDS)

    def _count_ahead(self) -> None:
        running = self._running is not None
        for place, job in enumerate(self._queue):
            job.ahead = place + running

    def _work(self) -> None:
        while True:
            with self._changed:
                self._running = None
                if not self._queue:
                    self._thread = None
                    return
                job = self._running = self._queue.popleft()
                self._count_ahead()
            self._run(job)

    def _run(self, job: Job) -> None:
        """Ingest, and let the job say what came of it. Nothing is raised: the next ones wait."""
        try:
            job._become("done", report=self._report(job))
        except _StopAskedFor:
            job._become("stopped")
        except CitewellError as error:
            job._become("failed", str(error))
        except Exception as error:  # what nobody foresaw must not end the thread of all jobs
            job._become(
                "failed",
                f"Reading was broken off ({type(error).__name__}: {error}). "
                "The files that were finished are kept. Add the same files again for the rest.",
            )

    def _report(self, job: Job) -> IngestReport:
        """Return what an ingest did, once no other process writes to the store."""
        patient = {"collection": job.collection, "lock_timeout": LOCK_SECONDS}
        settings = self._settings.model_copy(update=patient)
        while True:
            if job._stop.is_set():
                raise _StopAskedFor
            try:
                read_again(settings, job.again)
                return self._ingest(job.paths, settings, job._tell)
            except StoreBusy as error:
                if job.state != "waiting":
                    job._become("waiting", str(error).partition(" Wait for it")[0])


def _ingest(paths: Sequence[Path], settings: Settings, tell: Tell) -> IngestReport:
    """Ingest as the command does, telling also while a long file is read."""
    source = FolderSource(paths, settings, lambda: tell(IngestEvent("found", 0)))
    return ingest_from(source, settings, tell)


def _waits_for(event: IngestEvent) -> str:
    if event.count == os.getpid():
        return "Waiting for a change made on this page to be finished."
    return f"Waiting for process {event.count} ({event.name}), which is writing to the store."
