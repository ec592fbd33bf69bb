"""What is shown of one document."""

from dataclasses import dataclass
from pathlib import Path

from citewell.app.marked import Marks
from citewell.retrieval.filters import Filter
from citewell.retrieval.reading import PageReading, Reading
from citewell.retrieval.values import Chunk, Document


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What of a document is asked for.

    Attributes:
        page: Number of a page; None for all of it.
        text: Whether its text is wanted.
        chunks: Whether its chunks are wanted.
    """

    page: int | None = None
    text: bool = False
    chunks: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are asked for: what they are called, what holds of them; None for any.

    Attributes:
        keys: What a filter can ask for, if it kept nothing.
    """

    pattern: str | None = None
    where: Filter | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """A document with where it came from, how it was cut and how it was read.

    Attributes:
        chunks: In the order of the text.
        reading: Of its file; None if the store has no record of it.
        marks: Its tags and labels.
    """

    document: Document
    path: Path
    chunks: tuple[Chunk, ...]
    reading: Reading | None
    marks: Marks

    @property
    def pages(self) -> tuple[PageReading, ...]:
        """How each page was read; empty where that is recorded for the whole file only."""
        alone = self.reading is not None and self.reading.documents == 1
        return self.reading.pages if self.reading and alone else ()


def chunks_of_page(chunks: tuple[Chunk, ...], page: int | None) -> list[Chunk]:
    """Return the chunks that stand on a page, or all of them."""
    return [
        chunk
        for chunk in chunks
        if page is None or (chunk.page_start or 0) <= page <= (chunk.page_end or 0)
    ]
