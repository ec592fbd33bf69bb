"""What is known of a document beside its text, in the form that filters compare."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

from citewell.retrieval.filter_values import FIELDS, TAG_KEYS, as_key, bare_key, number_of
from citewell.retrieval.values import Document

LONGEST_FACT = 256
"""Characters of a value that are compared; text this long or longer is no name and no tag."""

MOST_KEYS = 100
"""Keys of a document's metadata that can be asked for: a row of a table may have thousands."""

MOST_PARTS = 100
"""Parts of one value that can be asked for one by one."""

_DATE_KEYS = (
    *("date", "created", "published", "publication_date", "published_date", "creation_date"),
    *("creationdate", "created_at", "published_at"),
    *("modified", "updated", "last_modified", "last_modified_date"),
)
"""What may say when a document was written, best first."""

_AUTHOR_KEYS = ("author", "authors", "creator", "from")

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?:[T ]\d{1,2}:.*)?", re.ASCII)
_PDF = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?.*", re.ASCII)
_DAY_FIRST = re.compile(r"(?:[a-z]{3,9},? )?(\d{1,2})\.? ([a-z]{3,9})\.?,? (\d{4})(?: \d.*)?", re.I)
_MONTH_FIRST = re.compile(r"(?:[a-z]{3,9},? )?([a-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.I)
_ADDRESS = re.compile(r"(?<=\S)\s*<[^<>]*>")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A key of a document with one of its values.

    Attributes:
        key: The name of a field, or a key of the metadata as `as_key` writes it.
        text: The value as `plain` writes it; a date as ISO 8601 does: 2024, 2024-03 or 2024-03-15.
        number: The value if it is a number, and the year of a date; None for other text.
    """

    key: str
    text: str
    number: float | None = None


def facts_of(document: Document, path: Path, file: str = "") -> list[Fact]:
    """Return what filters on a document compare, each value once.

    These are ``document``, ``title``, ``type``, each ``folder`` above it, ``date`` and ``year`` of
    when it was written, ``author`` and ``tag`` from its metadata, ``modified`` from its file, and
    all keys of its metadata; a key named like a field comes as ``metadata.<key>``. A value with
    semicolons is also each of its parts.

    Args:
        document: A document as it is stored.
        path: The file it came from; it need not be there.
        file: What the file is called in the collection, if not like the document: a row of a
            corpus is in the folders of its file too.
    """
    found = dict.fromkeys((*_of_name(document, path, file), *_of_metadata(document.metadata)))
    kept: dict[tuple[str, str], Fact] = {}
    for fact in found:
        if fact.text:
            kept.setdefault((fact.key, fact.text), fact)
    if not any(fact.key == "modified" for fact in kept.values()) and (day := _modified(path)):
        kept["modified", day.isoformat()] = Fact("modified", day.isoformat(), day.year)
    return list(kept.values())


def plain(text: str) -> str:
    """Return text as it is compared: without regard to case, spacing or how accents are coded."""
    folded = unicodedata.normalize("NFC", text[: 4 * LONGEST_FACT]).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())[:LONGEST_FACT]


def iso_date(text: str) -> str:
    """Return a year, month or day as ISO 8601 writes it; blank for text that is no date.

    Times are left out. Read are ISO 8601, dates of PDF (``D:20240315``, ISO 32000-1 section
    7.9.4), of mail (RFC 5322 section 3.3), and English ones with the month in letters.
    """
    text = " ".join(text.split())
    if re.fullmatch(r"[12]\d{3}", text, re.ASCII):
        return text
    if found := _ISO.fullmatch(text) or _PDF.fullmatch(text):
        return _written(found[1], found[2], found[3])
    if found := _DAY_FIRST.fullmatch(text):
        return _written(found[3], _month(found[2]), found[1])
    if found := _MONTH_FIRST.fullmatch(text):
        return _written(found[3], _month(found[1]), found[2])
    return ""


def _written(year: str, month: str | None, day: str | None) -> str:
    try:
        whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return ""
    return whole[: 10 if day else 7 if month else 4]


def _month(name: str) -> str:
    short = name[:3].lower()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else "0"


def _of_name(document: Document, path: Path, file: str) -> Iterator[Fact]:
    yield Fact("document", plain(document.name))
    yield Fact("title", plain(document.title))
    extension = path.suffix.removeprefix(".")
    yield Fact("type", plain(extension))
    for folder in (*PurePosixPath(document.name).parents, *PurePosixPath(file).parents):
        yield Fact("folder", "" if str(folder) == "." else plain(str(folder)))


def _of_metadata(metadata: dict[str, str]) -> Iterator[Fact]:
    known = {as_key(key): value for key, value in metadata.items()}
    for key in list(known)[:MOST_KEYS]:
        bare = bare_key(key)
        name = f"metadata.{bare}" if bare in FIELDS else bare[:LONGEST_FACT]
        yield from (_fact(name, part) for part in _parts(known[key], ";"))
    for key in TAG_KEYS:
        yield from (Fact("tag", plain(part)) for part in _parts(known.get(key, ""), ",;")[1:])
    authors = next((known[key] for key in _AUTHOR_KEYS if known.get(key)), "")
    yield from (Fact("author", plain(_ADDRESS.sub("", part))) for part in _parts(authors, ";"))
    yield from _of_date(known)


def _of_date(known: dict[str, str]) -> Iterator[Fact]:
    dates = (iso_date(known[key]) for key in _DATE_KEYS if key in known)
    written = next(filter(None, dates), "")
    if written:
        yield Fact("date", written, int(written[:4]))
    year = number_of(known.get("year", "").strip())
    if year is None and written:
        year = int(written[:4])
    if year is not None:
        yield Fact("year", plain(str(year)), year)


def _fact(key: str, value: str) -> Fact:
    if day := iso_date(value):
        return Fact(key, day, int(day[:4]))
    return Fact(key, plain(value), number_of(value.strip()))


def _parts(value: str, separators: str) -> list[str]:
    """Return a value, then each of its parts if it has several; of one, the value once more."""
    parts = [part.strip() for part in re.split(f"[{separators}]", value, maxsplit=MOST_PARTS)]
    return [value, *parts]


def _modified(path: Path) -> date | None:
    """Return the day on which a file was last written to, in UTC; None if it is not there."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except (OSError, ValueError, OverflowError):
        return None
