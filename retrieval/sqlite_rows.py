"""How values are written into the rows of citewell.db and read out of them."""

import json
import os
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import TypeVar

import numpy as np

from citewell.retrieval.reading import PageReading, Reading, ReadingStatus
from citewell.retrieval.store import StoredChunk, Vectors
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Collection,
    Document,
    Fingerprint,
    Heading,
    Page,
    Table,
)

Row = TypeVar("Row")
Value = TypeVar("Value")

CHUNK_COLUMNS = (
    "key, documents.name, span_start, span_end, chunks.text, page_start, page_end,"
    " chunks.headings, header, place, chunks.title"
)
DOCUMENT_COLUMNS = "name, title, text, pages, headings, metadata, tables, language"


def _or_damaged(read: Callable[[Row], Value]) -> Callable[[Row], Value]:
    """Let a row that holds what was never written into it be told as damage to the file."""

    @wraps(read)
    def checked(row: Row) -> Value:
        try:
            return read(row)
        except (ValueError, TypeError, LookupError) as error:
            damage = sqlite3.DatabaseError(f"a row is garbled: {error}")
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage from error

    return checked


def as_json(value: object) -> str:
    """Write a value of strings, numbers, lists and mappings as JSON, always the same way."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def path_bytes(path: Path) -> bytes:
    """Return a path as bytes; a name that is not valid UTF-8 comes back as it was."""
    return os.fsencode(path)


def bytes_path(stored: bytes) -> Path:
    """Return the path that `path_bytes` stored."""
    return Path(os.fsdecode(stored))


@_or_damaged
def read_collection(row: tuple[str, str, str, int, int, int]) -> Collection:
    """Make a collection of (name, fingerprint, chunking, generation, documents, chunks)."""
    name, fingerprint, chunking, generation, documents, chunks = row
    return Collection(
        name=name,
        fingerprint=Fingerprint(**json.loads(fingerprint)),
        chunking=ChunkingSettings(**json.loads(chunking)),
        generation=generation,
        documents=documents,
        chunks=chunks,
    )


def document_row(document: Document) -> tuple[str, ...]:
    """Return the values of `DOCUMENT_COLUMNS`."""
    return (
        document.name,
        document.title,
        document.text,
        as_json(
            [
                (page.number, page.start, page.end, page.source, page.confidence)
                for page in document.pages
            ]
        ),
        as_json([(part.level, part.title, part.start) for part in document.headings]),
        as_json(document.metadata),
        as_json(
            [
                (table.start, table.end, table.header, table.sheet, table.columns, table.rows)
                for table in document.tables
            ]
        ),
        document.language,
    )


@_or_damaged
def read_document(row: tuple[str, str, str, str, str, str, str, str]) -> Document:
    """Make a document of `DOCUMENT_COLUMNS`."""
    name, title, text, pages, headings, metadata, tables, language = row
    _check_texts(name, title, text, language)
    return Document(
        name=name,
        title=title,
        text=text,
        pages=tuple(Page(*page) for page in json.loads(pages)),
        headings=tuple(Heading(*heading) for heading in json.loads(headings)),
        metadata=json.loads(metadata),
        tables=tuple(
            Table(start, end, header, sheet, columns, tuple(rows))
            for start, end, header, sheet, columns, rows in json.loads(tables)
        ),
        language=language,
    )


@_or_damaged
def read_chunk(
    row: tuple[int, str, int, int, str, int | None, int | None, str, str, str, str],
) -> StoredChunk:
    """Make a chunk of `CHUNK_COLUMNS`."""
    key, document, start, end, text, first, last, headings, header, place, title = row
    _check_texts(document, text, title)
    path = tuple(json.loads(headings))
    return StoredChunk(
        key, Chunk(document, start, end, text, first, last, path, header, place), title
    )


def _check_texts(*values: str) -> None:
    """SQLite gives numbers and bytes where a column's type is damaged."""
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"{value!r} stands where text should")


def reading_facts(reading: Reading) -> str:
    """Write what a reading tells, beside what has columns of its own."""
    facts = asdict(reading)
    for column in ("path", "name", "status"):
        del facts[column]
    return as_json(facts)


@_or_damaged
def read_reading(row: tuple[bytes, str, ReadingStatus, str]) -> Reading:
    """Make a reading of (path, name, status, facts)."""
    path, name, status, stored = row
    facts = json.loads(stored)
    pages = tuple(PageReading(**page) for page in facts.pop("pages"))
    return Reading(bytes_path(path), name, status, **facts, pages=pages)


@_or_damaged
def read_vector(stored: bytes) -> Vectors:
    """Return a stored vector; it cannot be written to."""
    return np.frombuffer(stored, dtype="<f4").astype(np.float32, copy=False)


@_or_damaged
def read_labels(stored: str) -> list[list[str]]:
    """Return what a partition asks: sets of labels, of each of which a caller must hold one."""
    asked = json.loads(stored)
    if not all(
        isinstance(each, list) and all(isinstance(one, str) for one in each) for each in asked
    ):
        raise ValueError(f"{stored} are no labels")
    return list(asked)
