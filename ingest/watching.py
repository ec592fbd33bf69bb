"""Keep a collection in step with folders while their files change.

The operating system tells of changes (watchfiles). Once a burst of them has settled, the folders
are ingested again; what changes meanwhile is noted and taken up by the next run.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

from citewell.ingest.folder import HIDDEN
from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.errors import CitewellError, ConfigError, StoreBusy
from citewell.retrieval.retriever import open_collection_embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store

SETTLED = 1.5
"""Seconds without a change after which a burst of them is over."""

LONGEST = 30.0
"""Seconds after which changes are taken up though more keep coming, as of a log."""

Outcome = IngestReport | CitewellError
Tick = bool | Exception
"""Whether files have changed since the tick before; or why no more can be told."""


def watch(
    paths: Sequence[Path], settings: Settings, on_outcome: Callable[[Outcome], None], stop: Event
) -> None:
    """Ingest folders, and again whenever something in them has changed, until told to stop.

    The store and the embedding model stay open in between.

    Args:
        paths: Folders.
        on_outcome: Told what each run did, or why it could not. That another process is writing
            is told once; the run is tried again until it has ended.
        stop: Ends it, at the latest when the run at work is done.

    Raises:
        ConfigError: If one of ``paths`` is no folder.
        StoreError: If the store cannot be opened, or the folders cannot be watched.
    """
    name = settings.collection
    roots = [_folder(path) for path in paths]
    with open_store(settings.home) as store:
        embedder = open_collection_embedder(store, settings)

        def run() -> IngestReport:
            return ingest_paths(
                roots,
                store=store,
                embedder=embedder,
                collection=name,
                settings=settings,
                sync_index=lambda: sync_index(settings.home, store, name),
            )

        follow(roots, settings.home.resolve(), run, on_outcome, stop)


def follow(
    roots: Sequence[Path],
    home: Path,
    run: Callable[[], IngestReport],
    on_outcome: Callable[[Outcome], None],
    stop: Event,
    *,
    settled: float = SETTLED,
) -> None:
    """Call ``run`` once the folders are watched, and again after each settled burst of changes.

    Args:
        roots: Folders, as absolute paths.
        home: Folder of the store; what changes in it is no news.
        run: Takes the changes up. An error it raises on purpose is told and ends nothing.
        settled: Seconds without a change after which a burst of them is over.
    """
    waiting_since: float | None = time.monotonic()
    busy = False
    with _changes(roots, home, stop, settled) as ticks:
        while not stop.is_set():
            tick = ticks.get()
            if isinstance(tick, Exception):
                raise ConfigError(
                    f"The folders cannot be watched ({tick}). Set WATCHFILES_FORCE_POLLING=1 to "
                    "look for changes now and then instead."
                ) from tick
            now = time.monotonic()
            if tick:
                waiting_since = waiting_since or now
            if waiting_since is None or stop.is_set() or (tick and now < waiting_since + LONGEST):
                continue
            waiting_since = None
            outcome = _outcome(run)
            if isinstance(outcome, StoreBusy):
                waiting_since = now
            if not (busy and isinstance(outcome, StoreBusy)):
                on_outcome(outcome)
            busy = isinstance(outcome, StoreBusy)


def _outcome(run: Callable[[], IngestReport]) -> Outcome:
    try:
        return run()
    except CitewellError as error:
        return error


@contextmanager
def _changes(
    roots: Sequence[Path], home: Path, stop: Event, settled: float
) -> Iterator["SimpleQueue[Tick]"]:
    """Watch folders in a thread of its own, which leaves the main one free to be interrupted.

    The queue gets a tick for each burst of changes, and one for each ``settled`` seconds without;
    the first shows that the folders are watched.
    """
    ticks: SimpleQueue[Tick] = SimpleQueue()
    arguments = (roots, home, stop, settled, ticks)
    thread = Thread(target=_watch_files, args=arguments, daemon=True)
    thread.start()
    try:
        yield ticks
    finally:
        stop.set()
        thread.join()


def _watch_files(
    roots: Sequence[Path], home: Path, stop: Event, settled: float, ticks: "SimpleQueue[Tick]"
) -> None:
    from watchfiles import watch as watch_files

    try:
        for changes in watch_files(
            *roots,
            watch_filter=None,
            stop_event=stop,
            rust_timeout=int(settled * 1000),
            yield_on_timeout=True,
            ignore_permission_denied=True,
        ):
            ticks.put(any(is_news(Path(path), roots, home) for _, path in changes))
        ticks.put(False)
    except Exception as error:
        ticks.put(error)


def is_news(path: Path, roots: Sequence[Path], home: Path) -> bool:
    """Tell whether an ingest would look at a path: it is not hidden, nor the store's own."""
    if path.is_relative_to(home):
        return False
    below = [path.relative_to(root).parts for root in roots if path.is_relative_to(root)]
    return any(not any(part.startswith(HIDDEN) for part in parts) for parts in below)


def _folder(path: Path) -> Path:
    found = path.expanduser().resolve()
    if not found.is_dir():
        raise ConfigError(f"{path} cannot be watched: it is no folder. Give the folder it is in.")
    return found
