"""What became of each file: how it was read and how well, or why it was not."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from citewell.retrieval.values import PageSource

ReadingStatus = Literal["read", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class PageReading:
    """How a page was read.

    Attributes:
        number: From 1.
        source: Where its text came from.
        words: Number of words.
        tables: Number of tables that begin on it.
        doubt: Why its text may not be what is printed on it; blank if nothing speaks for that.
        confidence: Of recognised text, 0 to 1; None for other text.
    """

    number: int
    source: PageSource
    words: int
    tables: int = 0
    doubt: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a file when it was last looked at.

    Attributes:
        path: Absolute path.
        name: What it is called in the collection.
        status: ``read``: its documents are held. ``skipped``: not meant to be read. ``failed``:
            it could not be read.
        reason: Why it was skipped or failed; notes on a file that was read. May be blank.
        sha256: Of its bytes, in hex; blank if it was not looked into.
        reader: Id of its reader; blank if it has none.
        size: Of the file in bytes.
        seconds: What reading it took.
        memory_mb: Largest memory of the process that read it, in MiB; 0 if that is not known.
        documents: Number of documents in it.
        words: Number of words in them.
        tables: Number of tables in them.
        language: ISO 639-1 code of the language most of it is in; blank if that is not clear.
        pages: In order; empty for formats without pages.
    """

    path: Path
    name: str
    status: ReadingStatus
    reason: str = ""
    sha256: str = ""
    reader: str = ""
    size: int = 0
    seconds: float = 0.0
    memory_mb: float = 0.0
    documents: int = 0
    words: int = 0
    tables: int = 0
    language: str = ""
    pages: tuple[PageReading, ...] = ()
