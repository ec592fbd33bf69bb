"""Where documents come from: folders, and whatever else can name its files and read them."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from citewell.ingest.folder import Scan, root_of, scan
from citewell.ingest.readers.ocr_engine import allowed
from citewell.ingest.workers import ReaderPool, ReadJob, ReadOutcome
from citewell.retrieval.settings import Settings


class Source(Protocol):
    """Names the files there are, and reads those that are asked for."""

    def scan(self, on_file: Callable[[], None]) -> Scan:
        """Return what is there now; ``on_file`` is called after each file.

        Raises:
            ConfigError: If what the user named does not exist.
        """
        ...

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[ReadOutcome]:
        """Yield what became of each job, in their order. No file raises."""
        ...


class FolderSource:
    """Folders and files on disk, read by worker processes."""

    def __init__(
        self,
        paths: Sequence[Path],
        settings: Settings,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        """Take folders and files.

        Args:
            on_wait: Called now and then while a file is read; what it raises ends the reading.

        Raises:
            ConfigError: If one of the paths does not exist.
        """
        self._paths = [root_of(path) for path in paths]
        self._settings = settings
        self._on_wait = on_wait

    def scan(self, on_file: Callable[[], None]) -> Scan:
        """Return what is in the folders now.

        Raises:
            ConfigError: If one of the paths does not exist.
        """
        before = allowed.set(self._settings.ocr == "auto")
        try:
            return scan(self._paths, self._settings.max_file_mb, self._settings.home, on_file)
        finally:
            allowed.reset(before)

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[ReadOutcome]:
        """Yield what became of each job, in their order."""
        if not jobs:
            return
        settings = self._settings
        limits = (settings.read_workers, settings.read_timeout, settings.read_memory_mb)
        with ReaderPool(*limits, ocr=settings.ocr == "auto") as pool:
            outcomes = pool.read(jobs, self._on_wait)
            yield from islice(outcomes, len(jobs) - 1)
            last = next(outcomes)
        # Not in the block: the processes hold on to the memory they read with until they end.
        yield last
