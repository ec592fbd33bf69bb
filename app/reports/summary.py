"""What the readings of a collection come to: which files need attention, and totals."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from citewell.app.tables import spans
from citewell.retrieval.reading import PageReading, Reading

State = Literal["failed", "skipped", "no text", "OCR", "doubtful", "good"]
"""What a file is listed under: the first of these that holds."""

STATES: dict[State, str] = {
    "failed": "could not be read",
    "skipped": "not meant to be read",
    "no text": "with pages that have no text",
    "OCR": "with text recognised in images",
    "doubtful": "with text that may not be what is printed",
    "good": "read in full",
}
"""Each state in words, those that need attention most first."""

_MOST_SPANS = 60


@dataclass(frozen=True, slots=True)
class FileReport:
    """How a file was read.

    Attributes:
        state: What it is listed under.
        notes: What to know about it, in plain words.
    """

    reading: Reading
    state: State
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all files of a collection.

    Attributes:
        states: Number of files in each state that there is, in the order of `STATES`.
        languages: Number of files in each language; blank is not clear.
        sources: Number of pages whose text came from each source.
        doubtful: Number of pages whose text is doubted.
        seconds: What reading took.
        size: In bytes.
    """

    files: int
    states: dict[State, int]
    languages: dict[str, int]
    sources: dict[str, int]
    doubtful: int
    documents: int
    words: int
    tables: int
    seconds: float
    size: int

    @property
    def pages(self) -> int:
        """Number of all pages."""
        return sum(self.sources.values())


@dataclass(frozen=True, slots=True)
class Summary:
    """The report of a collection.

    Attributes:
        files: Those that need attention most first, alike ones by name.
    """

    collection: str
    files: tuple[FileReport, ...]
    totals: Totals


def summarise(collection: str, readings: Sequence[Reading]) -> Summary:
    """Return the report of a collection from what was recorded of its files."""
    order = list(STATES)
    files = sorted(
        (_file(reading) for reading in readings),
        key=lambda file: (order.index(file.state), file.reading.name),
    )
    return Summary(collection, tuple(files), _totals(files))


def _file(reading: Reading) -> FileReport:
    blank = [page for page in reading.pages if not page.words]
    recognised = [page for page in reading.pages if page.source == "ocr"]
    doubtful = [page for page in reading.pages if page.doubt]
    notes = [
        *([reading.reason] if reading.reason else []),
        *_notes(reading, blank, "without text"),
        *_notes(reading, recognised, "by OCR", _confidence(recognised)),
        *(note for doubt in _doubts(doubtful) for note in _doubt_notes(reading, doubtful, doubt)),
    ]
    return FileReport(reading, _state(reading, blank, recognised, doubtful), tuple(notes))


def _state(
    reading: Reading,
    blank: Sequence[PageReading],
    recognised: Sequence[PageReading],
    doubtful: Sequence[PageReading],
) -> State:
    if reading.status != "read":
        return reading.status
    if blank:
        return "no text"
    if recognised:
        return "OCR"
    return "doubtful" if doubtful or reading.reason else "good"


def _doubts(pages: Sequence[PageReading]) -> list[str]:
    return list(dict.fromkeys(page.doubt for page in pages))


def _doubt_notes(reading: Reading, pages: Sequence[PageReading], doubt: str) -> list[str]:
    return _notes(reading, [page for page in pages if page.doubt == doubt], "doubtful", doubt)


def _notes(reading: Reading, pages: Sequence[PageReading], what: str, more: str = "") -> list[str]:
    """Return a note on some of a file's pages, such as ``2 of 9 pages (3, 5) without text``."""
    if not pages:
        return []
    return [f"{_which(reading, pages)} {what}{': ' + more if more else ''}"]


def _which(reading: Reading, pages: Sequence[PageReading]) -> str:
    if len(reading.pages) == 1:
        return "the only page"
    if len(pages) == len(reading.pages):
        return f"all {len(pages)} pages"
    numbers = spans(page.number for page in pages)
    if len(numbers) > _MOST_SPANS:
        numbers = numbers[:_MOST_SPANS].rpartition(", ")[0] + ", ..."
    return f"{len(pages)} of {len(reading.pages)} pages ({numbers})"


def _confidence(pages: Sequence[PageReading]) -> str:
    known = [page.confidence for page in pages if page.confidence is not None]
    return f"confidence {sum(known) / len(known):.2f}" if known else ""


def _totals(files: Sequence[FileReport]) -> Totals:
    readings = [file.reading for file in files]
    pages = [page for reading in readings for page in reading.pages]
    states = Counter(file.state for file in files)
    languages = Counter(reading.language for reading in readings if reading.status == "read")
    return Totals(
        files=len(files),
        states={state: states[state] for state in STATES if states[state]},
        languages=dict(languages.most_common()),
        sources=dict(Counter(page.source for page in pages).most_common()),
        doubtful=sum(bool(page.doubt) for page in pages),
        documents=sum(reading.documents for reading in readings),
        words=sum(reading.words for reading in readings),
        tables=sum(reading.tables for reading in readings),
        seconds=round(sum(reading.seconds for reading in readings), 3),
        size=sum(reading.size for reading in readings),
    )
