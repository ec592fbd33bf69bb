"""The terminal: what may be written to it, and the progress bar on standard error."""

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from citewell.retrieval.visible import visible

if TYPE_CHECKING:
    from citewell.ingest.events import IngestEvent

_WIDEST = 100


def excerpt(text: str, most: int) -> str:
    """Return the beginning of a text on one line, cut at a space."""
    line = " ".join(visible(text).split())
    if len(line) <= most:
        return line
    return line[: max(line.rfind(" ", 0, most), most // 2)] + " …"


def fold(text: str, indent: str = "") -> str:
    """Return text broken at spaces where a terminal is too narrow for it; elsewhere on one line."""
    line = " ".join(text.split())
    if not sys.stdout.isatty():
        return indent + line
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.fill(
        line,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def write(text: str = "", end: str = "\n") -> None:
    """Write data to standard output, at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a notice to standard error."""
    sys.stderr.write(f"{visible(text)}\n")


@contextmanager
def progress() -> Iterator[Callable[["IngestEvent"], None]]:
    """Show a bar of files with chunks and rate while the block runs; nothing off a terminal."""
    if not sys.stderr.isatty():
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TextColumn("files, {task.fields[chunks]} chunks, {task.fields[rate]:.0f}/s"),
        TextColumn("{task.fields[name]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=None, chunks=0, rate=0.0, name="")

        def show(event: "IngestEvent") -> None:
            if event.kind == "planned":
                bar.update(task, total=event.count)
            elif event.kind == "file":
                bar.update(task, advance=1, name=excerpt(event.name, 20))
            else:
                done = bar.tasks[0].fields["chunks"] + event.count
                elapsed = bar.tasks[0].elapsed or 0.0
                rate = done / elapsed if elapsed else 0.0
                bar.update(task, description="Embedding", chunks=done, rate=rate)

        yield show


def _ignore(event: "IngestEvent") -> None:
    pass
