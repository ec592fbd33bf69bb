"""How far an ingest has come: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citewell.app.tables import counted
from citewell.app.terminal import say

if TYPE_CHECKING:
    from citewell.ingest.events import IngestEvent

BETWEEN_LINES = 30.0
"""Seconds between two lines off a terminal."""

Tell = Callable[["IngestEvent"], None]


@dataclass(slots=True)
class Tally:
    """What the events of a run add up to.

    Attributes:
        found: Files looked at.
        planned: Files to be read; None while they are still being looked for.
        size: Of the planned files, in bytes.
        done: Files read; ``done_size`` is their size in bytes.
        pages: Pages of them.
        chunks: Chunks embedded.
    """

    found: int = 0
    planned: int | None = None
    size: int = 0
    done: int = 0
    done_size: int = 0
    pages: int = 0
    chunks: int = 0

    def add(self, event: "IngestEvent") -> None:
        """Count an event in."""
        if event.kind == "found":
            self.found += event.count
        elif event.kind == "planned":
            self.planned, self.size = event.count, event.size
        elif event.kind == "file":
            self.done += 1
            self.done_size += event.size
            self.pages += event.pages
        elif event.kind == "embedded":
            self.chunks += event.count

    def text(self, seconds: float) -> str:
        """Return the counts in words, with the chunks a second."""
        if self.planned is None:
            return counted(self.found, "file") + " looked at"
        rate = self.chunks / seconds if seconds > 0 else 0.0
        pages = f"{counted(self.pages, 'page')}, " if self.pages else ""
        return (
            f"{self.done:,}/{self.planned:,} files, {pages}"
            f"{counted(self.chunks, 'chunk')}, {rate:.0f}/s"
        )

    def left(self, seconds: float) -> str:
        """Return the time left as ``2:05 left``, by the bytes read; blank if none are."""
        if not self.done_size or self.done_size >= self.size:
            return ""
        rest = round(seconds * (self.size - self.done_size) / self.done_size)
        return f"{rest // 60}:{rest % 60:02} left"


@contextmanager
def progress() -> Iterator[Tell]:
    """Show on standard error how far a run has come while the block runs."""
    if sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield lines(say)


def lines(write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Tell:
    """Return what writes a line when an event comes `BETWEEN_LINES` after the last line."""
    tally = Tally()
    started = last = clock()

    def tell(event: "IngestEvent") -> None:
        nonlocal last
        if event.kind == "waiting":
            write(_waiting(event))
        tally.add(event)
        now = clock()
        if now - last >= BETWEEN_LINES:
            last = now
            write(f"{tally.text(now - started)} after {now - started:.0f} s")

    return tell


@contextmanager
def _bar() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=12),
        TextColumn("{task.fields[left]}"),
        TextColumn("{task.fields[text]}", markup=False),
    )
    tally = Tally()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Looking", total=None, left="", text="")

        def tell(event: "IngestEvent") -> None:
            tally.add(event)
            elapsed = bar.tasks[0].elapsed or 0.0
            text = tally.text(elapsed)
            if event.kind == "waiting":
                text = _waiting(event)
            elif event.kind == "planned":
                bar.update(task, description="Reading", total=max(tally.size, 1))
            elif event.kind == "embedded":
                bar.update(task, description="Embedding")
            left = tally.left(elapsed)
            bar.update(task, completed=tally.done_size, left=left, text=text)

        yield tell


def _waiting(event: "IngestEvent") -> str:
    return f"Waiting for process {event.count} ({event.name}), which writes to the store"
