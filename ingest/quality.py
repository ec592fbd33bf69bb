"""How well a file was read: words, tables and language, and where its text may be wrong.

A doubt is a hint for people and changes nothing that is stored. The bounds are set so that prose,
tables, program text and all writing systems pass, and broken fonts and scans do not.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from citewell.ingest.readers.jsonl_reader import READER_NOTE, ROWS_LEFT_OUT
from citewell.retrieval.languages import language_of
from citewell.retrieval.reading import PageReading
from citewell.retrieval.values import Document, Page

FEWEST_CHARS = 40
"""Characters other than blanks below which a text is too short to be doubted."""

SAMPLE = 20_000
"""Characters of a long text that are looked at in each of three places."""

LEAST_WRITING = 0.5
"""Least share of letters, marks and digits in a text."""

MOST_UNMAPPED = 0.02
"""Largest share of characters that stand for no character."""

GLUED_LETTERS = 40
"""Letters in a row that few words have."""

MOST_GLUED = 0.2
"""Largest share of a text's letters in such rows."""

MOST_APART = 0.3
"""Largest share of a text's letters in rows of single ones with a space between."""

MOST_MISREAD = 0.02
"""Largest share of words with a trace of UTF-8 read as something else."""

LEAST_CONFIDENCE = 0.6
"""Least confidence of recognised text."""

FEW_WORDS = 20
"""Words a page on average below which a large file is mostly pictures."""

LARGE_FILE, LARGE_PAGE = 100_000, 25_000
"""Bytes of a file, and of each page on top of them, from which it is large."""

# Scripts that set no spaces between words.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3400-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# Blocks in which vowel signs and tones are marks, which count as no letters elsewhere.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0eff\u1000-\u109f"
_IDEOGRAPH = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_BLANK = re.compile(r"\s+")
_LEADERS = re.compile(r"(?:([^\w\s])(?:\s?\1){2,}|_{3,})")
_WRITING = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_UNMAPPED = re.compile(r"[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]|\(cid:\d+\)")
_LETTERS = re.compile(rf"[^\W\d_{_UNSPACED}]+")
_APART = re.compile(rf"(?:(?<!\w)[^\W\d_{_UNSPACED}] ){{6,}}")
_MISREAD = re.compile("[ÃÂ][\u0080-\u00bf\u0152-\u0192\u2013-\u2122]|â€|ï»¿|[ÐÑ][\u0080-\u00bf]")
_COUNTED = re.compile(rf"[{_IDEOGRAPH}]|(?:[^\W{_IDEOGRAPH}]|[{_MARKS}])+(?:['’.,-]\w+)*")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What can be told of a file's documents from their texts.

    Attributes:
        words: Number of words; each Chinese or Japanese character counts as one.
        tables: Number of tables.
        language: ISO 639-1 code of the language most of it is in; blank if that is not clear.
        pages: Of all documents, in order; empty when none has pages.
        note: What the reader remarks, and why the text of documents without pages may be wrong;
            blank if nothing speaks for that.
    """

    words: int
    tables: int
    language: str
    pages: tuple[PageReading, ...]
    note: str = ""


def assess(documents: Sequence[Document], size: int = 0) -> Assessment:
    """Tell how well a file was read.

    Args:
        documents: All documents of the file.
        size: Of the file in bytes; 0 if that is not known.
    """
    pages = [page for document in documents for page in _page_readings(document)]
    if _is_mostly_pictures(pages, size):
        pages = [_with_few_words(page) for page in pages]
    unpaged = [document.text for document in documents if not document.pages]
    return Assessment(
        words=sum(count_words(text) for text in unpaged) + sum(page.words for page in pages),
        tables=sum(len(document.tables) for document in documents),
        language=language_of(document.text for document in documents),
        pages=tuple(pages),
        note="; ".join(filter(None, (*_told(documents), _note(unpaged)))),
    )


def count_words(text: str) -> int:
    """Return the number of words; each Chinese or Japanese character counts as one."""
    return sum(1 for _ in _COUNTED.finditer(text))


def doubt(text: str) -> str:
    """Say why a text may not be what its author wrote; blank if nothing speaks for that.

    Of a long text only its beginning, middle and end are looked at.
    """
    if len(text) > 3 * SAMPLE:
        middle = (len(text) - SAMPLE) // 2
        text = " ".join((text[:SAMPLE], text[middle : middle + SAMPLE], text[-SAMPLE:]))
    solid = _BLANK.sub("", _LEADERS.sub("", text))
    if len(solid) < FEWEST_CHARS:
        return ""
    return ", ".join(reason for reason, holds in _SIGNS.items() if holds(text, len(solid)))


def _page_readings(document: Document) -> Iterable[PageReading]:
    begins = [page.start for page in document.pages]
    tables = Counter(bisect_right(begins, table.start) - 1 for table in document.tables)
    for place, page in enumerate(document.pages):
        text = document.text[page.start : page.end]
        blank = not text.strip()
        yield PageReading(
            number=page.number,
            source="none" if blank and page.source == "text" else page.source,
            words=count_words(text),
            tables=tables[place],
            doubt=", ".join(filter(None, (_recognition_doubt(page), doubt(text)))),
            confidence=page.confidence,
        )


def _recognition_doubt(page: Page) -> str:
    low = page.confidence is not None and page.confidence < LEAST_CONFIDENCE
    return "low OCR confidence" if low else ""


def _is_mostly_pictures(pages: Sequence[PageReading], size: int) -> bool:
    few = sum(page.words for page in pages) < FEW_WORDS * len(pages)
    return bool(pages) and few and size >= LARGE_FILE + LARGE_PAGE * len(pages)


def _with_few_words(page: PageReading) -> PageReading:
    if page.source != "text" or page.words >= FEW_WORDS:
        return page
    return replace(page, doubt=", ".join(filter(None, (page.doubt, "few words for its size"))))


def _told(documents: Sequence[Document]) -> Iterable[str]:
    """Yield what the reader itself remarks, which stands in the first document's metadata."""
    facts = documents[0].metadata if documents else {}
    if rows := facts.get(ROWS_LEFT_OUT):
        yield f"left out {rows}"
    yield facts.get(READER_NOTE, "")


def _note(texts: Sequence[str]) -> str:
    """Return the doubts about some texts, with how many of them share one."""
    reasons = Counter(reason for text in texts if (reason := doubt(text)))
    if len(texts) == 1:
        return next(iter(reasons), "")
    return "; ".join(
        f"{reason} in {count} of {len(texts)} documents" for reason, count in reasons.items()
    )


def _is_little_writing(text: str, solid: int) -> bool:
    return _matched(_WRITING, _LEADERS.sub("", text)) < LEAST_WRITING * solid


def _has_unmapped(text: str, solid: int) -> bool:
    return sum(1 for _ in _UNMAPPED.finditer(text)) > MOST_UNMAPPED * solid


def _is_glued(text: str, solid: int) -> bool:
    runs = [len(run[0]) for run in _LETTERS.finditer(text)]
    return sum(run for run in runs if run >= GLUED_LETTERS) > MOST_GLUED * sum(runs)


def _is_set_apart(text: str, solid: int) -> bool:
    rows = sum((row.end() - row.start()) // 2 for row in _APART.finditer(text))
    return rows > MOST_APART * _matched(_LETTERS, text)


def _is_misread(text: str, solid: int) -> bool:
    return sum(1 for _ in _MISREAD.finditer(text)) > MOST_MISREAD * len(text.split())


def _matched(pattern: re.Pattern[str], text: str) -> int:
    return sum(match.end() - match.start() for match in pattern.finditer(text))


_SIGNS: dict[str, Callable[[str, int], bool]] = {
    "unmapped glyphs": _has_unmapped,
    "many characters that are not letters": _is_little_writing,
    "letters without spaces": _is_glued,
    "letters set apart": _is_set_apart,
    "read in another encoding than it was written in": _is_misread,
}
"""What speaks against a text, each told of it and the number of its characters but blanks."""
