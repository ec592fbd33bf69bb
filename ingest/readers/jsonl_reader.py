"""Read JSONL corpora: each line is one document, ``{"id": ..., "title": ..., "text": ...}``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from citewell.ingest.readers.cleaning import clean_line, clean_text
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.ingest.readers.titles import choose_title
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

_KNOWN = {"id", "title", "text"}


class NotDocuments(ReadError):
    """A file in a format that is read, but that holds something other than documents."""


def read_jsonl(path: Path, name: str) -> list[Document]:
    """Return a document for each row, named by the row's id; ``name`` is not used.

    One broken row fails the whole file: half a corpus would answer as if it were all of it.

    Raises:
        NotDocuments: If the rows are questions.
    """
    documents: dict[str, Document] = {}
    for number, row in _rows(decode(path.read_bytes())):
        document = _document(number, row)
        if document.name in documents:
            raise ReadError(f"line {number}: the id {document.name!r} has been used before")
        documents[document.name] = document
    if not documents:
        raise ReadError(NO_TEXT)
    return list(documents.values())


def _rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ReadError(f"line {number} is not JSON: {error}") from error
        except RecursionError as error:
            raise ReadError(f"line {number} is nested too deeply") from error
        if not isinstance(row, dict):
            raise ReadError(f'line {number} is no object like {{"id": ..., "text": ...}}')
        if "question" in row and "text" not in row:
            raise NotDocuments("a question set, not documents")
        yield number, row


def _document(number: int, row: dict[str, Any]) -> Document:
    identity, text, title = row.get("id"), row.get("text"), row.get("title")
    name = clean_line(str(identity)) if isinstance(identity, str | int) else ""
    if not name:
        raise ReadError(f'line {number} has no "id"; each row needs one of its own')
    if not isinstance(text, str) or not (text := clean_text(text)).strip():
        raise ReadError(f'line {number} has no "text" (id {name!r})')
    if not isinstance(title, str | None):
        raise ReadError(f'line {number}: "title" is no text but {title!r}')
    facts = {
        key: clean_line(str(value))
        for key, value in row.items()
        if key not in _KNOWN and isinstance(value, str | int | float)
    }
    return Document(name=name, title=choose_title(name, title), text=text, metadata=facts)
