"""Read files in worker processes, so that one bad file is one named failure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from citewell.retrieval.values import Document


@dataclass(frozen=True)
class ReadJob:
    """A file to read, and what its document is to be called."""

    path: Path
    name: str


@dataclass(frozen=True)
class ReadOutcome:
    """What became of a job: documents, or the reason there are none.

    Attributes:
        error: Why the file gave no documents, in words, without its path.
        skipped: True when the file is sound but holds something other than documents.
    """

    job: ReadJob
    documents: tuple[Document, ...] = ()
    error: str | None = None
    skipped: bool = False


class ReaderPool:
    """Worker processes that read files, each within limits of time and memory."""

    def __init__(self, workers: int, timeout: float, memory_mb: int) -> None:
        self._workers = workers
        self._timeout = timeout
        self._memory_mb = memory_mb

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
        """End all workers. Calling it twice is harmless."""

    def read(self, jobs: Iterable[ReadJob]) -> Iterator[ReadOutcome]:
        """Yield what became of each job, in the order of the jobs."""
        raise NotImplementedError
