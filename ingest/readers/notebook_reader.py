"""Read Jupyter notebooks: cells in order, with the text that they printed.

Source: https://nbformat.readthedocs.io/en/latest/format_description.html; version 3 is read too.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from citewell.ingest.readers.cleaning import clean_code, clean_text
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.markdown_reader import find_headings
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading

LONGEST_OUTPUT = 2000
"""Characters of an output that are kept; tables of data and logs are seldom asked about."""

MOST_LEVELS = 6
"""Levels of headings that Markdown has."""

CELL_BREAK = "\n\n"

_DATA_URI = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]{40,}")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Json = dict[str, Any]


def read_notebook(path: Path, name: str) -> list[Document]:
    """Return the notebook as one document, with the headings of its Markdown.

    Raises:
        ReadError: If it is no notebook, or holds no text.
    """
    texts: list[str] = []
    headings: list[Heading] = []
    start = 0
    for kind, text in _pieces(path):
        if not text.strip():
            continue
        if kind == "markdown":
            found = find_headings(text)
            headings += [Heading(each.level, each.title, start + each.start) for each in found]
        texts.append(text)
        start += len(text) + len(CELL_BREAK)
    if not texts:
        raise ReadError(NO_TEXT)
    title = choose_title(name, main_heading(headings))
    return [Document(name, title, CELL_BREAK.join(texts), headings=tuple(headings))]


def _pieces(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each cell and each output, with the kind of cell; outputs are ``output``."""
    try:
        notebook = json.loads(decode(path.read_bytes()))
        for cell in _cells(notebook):
            kind, source = _field(cell, "cell_type"), cell.get("source", cell.get("input"))
            if kind == "markdown":
                yield kind, clean_text(_DATA_URI.sub("", _joined(source))).strip("\n")
            elif kind == "heading":
                level = min(int(cell.get("level", 1)), MOST_LEVELS)
                yield "markdown", clean_text(f"{'#' * level} {_joined(source)}")
            else:
                yield kind, clean_code(_joined(source)).strip("\n")
            for output in cell.get("outputs", []):
                yield "output", _shortened(clean_text(_COLOURS.sub("", _output(output))))
    except RecursionError as error:
        raise ReadError("is nested too deeply") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ReadError(
            f"no notebook that can be read ({error}): open and save it again"
        ) from error


def _cells(notebook: Json) -> list[Json]:
    if "cells" in notebook:
        return list(notebook["cells"])
    return [cell for sheet in notebook["worksheets"] for cell in sheet["cells"]]


def _field(values: Json, key: str) -> str:
    return str(values.get(key, ""))


def _joined(source: object) -> str:
    """Return text that a notebook keeps as a string or as a list of lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _output(output: Json) -> str:
    """Return the text of an output; blank for pictures and the like."""
    if _field(output, "output_type") in ("error", "pyerr"):
        return f"{_field(output, 'ename')}: {_field(output, 'evalue')}"
    data = output.get("data", {})
    for text in (output.get("text"), data.get("text/plain"), data.get("text/markdown")):
        if text:
            return _joined(text)
    return ""


def _shortened(text: str) -> str:
    text = text.strip("\n")
    return text if len(text) <= LONGEST_OUTPUT else f"{text[:LONGEST_OUTPUT].rstrip()} […]"
