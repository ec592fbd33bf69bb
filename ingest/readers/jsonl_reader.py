"""Read JSONL corpora: each line is one document, ``{"id": ..., "title": ..., "text": ...}``."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from citewell.ingest.readers.cleaning import clean_line, clean_text
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.properties import stated
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.ingest.readers.titles import choose_title
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

ROWS_LEFT_OUT = "rows_left_out"
"""What the first document's metadata calls the rows that gave no document, with their reasons."""

READER_NOTE = "reader_note"
"""What the metadata calls a remark of the reader on how it read the file."""

LONGEST_ID = 255
"""Characters of an id that names a document, as of a file; a row with a longer one has none."""

MOST_NAMED = 5
"""Rows left out that are named one by one; the others are counted."""

_KNOWN = {"id", "_id", "title", "text"}


class NotDocuments(ReadError):
    """A file in a format that is read, but that holds something other than documents."""


class Row(NamedTuple):
    """A row, or why it cannot be read, and where it stands, such as ``line 7``."""

    place: str
    value: Any
    problem: str = ""


@dataclass(slots=True)
class _Corpus:
    """The documents so far by name, and the reasons for which rows were left out."""

    documents: dict[str, Document] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    questions: bool = False


def read_jsonl(path: Path, name: str) -> list[Document]:
    """Return a document for each row, named by the row's id, or by its line where it has none.

    Rows without text, and lines that are no JSON, are left out; the metadata of the first
    document says so.

    Raises:
        ReadError: If no row gives a document.
        NotDocuments: If the rows are questions.
    """
    return read_rows(_rows(decode(path.read_bytes())), name)


def read_rows(rows: Iterable[Row], name: str) -> list[Document]:
    """Return a document for each row, as `read_jsonl` does.

    Raises:
        ReadError: If no row gives a document.
        NotDocuments: If the rows are questions.
    """
    corpus = _Corpus()
    for row in rows:
        try:
            _take(corpus, row, name)
        except _LeftOut as error:
            corpus.left_out.append(f"{row.place} {error}")
    first, *others = corpus.documents.values() or [None]
    if first is None and corpus.questions:
        raise NotDocuments("a question set, not documents")
    if first is None:
        raise ReadError(_in_words(corpus.left_out) or NO_TEXT)
    if corpus.left_out:
        count = len(corpus.left_out) + len(corpus.documents)
        said = f"{len(corpus.left_out)} of {count} rows: {_in_words(corpus.left_out)}"
        first = replace(first, metadata=first.metadata | {ROWS_LEFT_OUT: said})
    return [first, *filter(None, others)]


class _LeftOut(Exception):
    """Why a row gives no document."""


def _rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield Row(f"line {number}", json.loads(line))
        except ValueError as error:
            yield Row(f"line {number}", None, f"is not JSON: {error}")
        except RecursionError:
            yield Row(f"line {number}", None, "is nested too deeply")


def _in_words(left_out: list[str]) -> str:
    named = "; ".join(left_out[:MOST_NAMED])
    more = len(left_out) - MOST_NAMED
    return f"{named}; and {more} more" if more > 0 else named


def _take(corpus: _Corpus, row: Row, name: str) -> None:
    """Add a row's document, under a name of its own.

    Raises:
        _LeftOut: If it gives none.
    """
    if row.problem:
        raise _LeftOut(row.problem)
    if not isinstance(row.value, dict):
        raise _LeftOut('is no object like {"id": ..., "text": ...}')
    if "question" in row.value and "text" not in row.value:
        corpus.questions = True
        raise _LeftOut("is a question")
    document = _document(row, name)
    known = corpus.documents.get(document.name)
    if known and known.text == document.text:
        raise _LeftOut(f"repeats the row of id {document.name!r}")
    if known:
        document = replace(document, name=f"{document.name} ({row.place})")
    corpus.documents[document.name] = document


def _document(row: Row, file: str) -> Document:
    identity = row.value.get("id", row.value.get("_id"))
    name = clean_line(str(identity)) if isinstance(identity, str | int) else ""
    text, title = row.value.get("text"), row.value.get("title")
    if not isinstance(text, str) or not (text := clean_text(text)).strip():
        raise _LeftOut(f'has no "text" (id {name!r})' if name else 'has no "text"')
    if not 0 < len(name) <= LONGEST_ID:
        name = f"{PurePosixPath(file).name} {row.place}"
    nested = row.value.get("metadata")
    told = nested if isinstance(nested, dict) else {}
    facts = stated((key, value) for key, value in (told | row.value).items() if key not in _KNOWN)
    given = title if isinstance(title, str) else None
    return Document(name=name, title=choose_title(name, given), text=text, metadata=facts)
