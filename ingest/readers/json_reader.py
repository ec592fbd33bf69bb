"""Read JSON: each value on a line of its own, with the path of keys that leads to it."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.cleaning import clean_code
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.jsonl_reader import READER_NOTE, Row, read_jsonl, read_rows
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.ingest.readers.titles import choose_title, readable_name
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

LONGEST_PATH = 120
"""Characters of a path that are shown, its end: values may lie a thousand keys deep."""

LONGEST_LIST = 200
"""Characters up to which a list of plain values stands on one line."""

MOST_LINES = 1_000_000

Json = Any


def read_json(path: Path, name: str) -> list[Document]:
    """Return the file as one document; a list of rows with a text each as one for each row.

    Numbers stand as they are written. What is not JSON after all is read as lines of JSON, else
    as plain text, which its metadata says.

    Raises:
        ReadError: If it is not text, is blank, or is nested too deeply.
    """
    text = decode(path.read_bytes())
    if not text.strip():
        raise ReadError(NO_TEXT)
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except RecursionError as error:
        raise ReadError("is nested too deeply") from error
    except ValueError as error:
        return _read_other(path, name, text, str(error))
    if _is_rows(value):
        rows = (Row(f"row {number}", row) for number, row in enumerate(value, start=1))
        return read_rows(rows, name)
    joined = join_blocks(_blocks(value))
    given = value.get("title") if isinstance(value, dict) else None
    title = choose_title(name, given if isinstance(given, str) else None)
    return [Document(name=name, title=title, text=joined.text, headings=joined.headings)]


def _read_other(path: Path, name: str, text: str, problem: str) -> list[Document]:
    """Read what is named .json and is not: JSON Lines, or JSON with comments and such."""
    try:
        return read_jsonl(path, name)
    except ReadError:
        note = f"read as plain text: not JSON ({problem})"
        kept = clean_code(text)
        return [Document(name, readable_name(name), kept, metadata={READER_NOTE: note})]


def _is_rows(value: Json) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(row, dict) for row in value)
        and any(isinstance(row.get("text"), str) and ("id" in row or "_id" in row) for row in value)
    )


def _blocks(value: Json) -> Iterator[Block]:
    """Yield a block for each element of a list; of an object, a section for each key.

    What goes on one line stands before the sections, as it belongs to none of them.
    """
    if isinstance(value, list):
        for element in value:
            yield Block(_text(element, ""))
        return
    if not isinstance(value, dict):
        yield Block(_shown(value))
        return
    sections = {key for key, below in value.items() if _one_line(below) is None}
    yield Block("\n".join(_text(value[key], key) for key in value if key not in sections))
    for key in value:
        if key in sections:
            yield Block(key, 1)
            below = value[key]
            for element in below if isinstance(below, list) else [below]:
                yield Block(_text(element, key))


def _text(value: Json, path: str) -> str:
    """Return the lines of a value in order. Depth does not matter: nothing here recurses on it."""
    lines: list[str] = []
    waiting = [(path, value)]
    while waiting:
        at, each = waiting.pop()
        if len(lines) > MOST_LINES:
            raise ReadError(f"holds more than {MOST_LINES} values")
        line = _one_line(each)
        if line is not None:
            lines.append(f"{at}: {line}" if at else line)
        elif isinstance(each, dict):
            waiting += reversed([(_below(at, key), inner) for key, inner in each.items()])
        else:
            numbered = enumerate(each, start=1)
            waiting += reversed([(_below(at, f"{number}"), inner) for number, inner in numbered])
    return "\n".join(lines)


def _below(path: str, key: str) -> str:
    longer = f"{path}.{key}" if path else key
    return longer if len(longer) <= LONGEST_PATH else f"…{longer[-LONGEST_PATH:]}"


def _one_line(value: Json) -> str | None:
    """Return a value that goes on one line; None for others."""
    if not isinstance(value, dict | list):
        return _shown(value)
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict) or any(isinstance(each, dict | list) for each in value):
        return None
    shown = [_shown(each) for each in value]
    length = sum(map(len, chain(shown))) + 2 * len(shown)
    short = length <= LONGEST_LIST and not any("\n" in each for each in shown)
    return ", ".join(shown) if short else None


def _shown(value: Json) -> str:
    """Return a plain value as JSON writes it, a string without its quotes."""
    return value if isinstance(value, str) else json.dumps(value)
