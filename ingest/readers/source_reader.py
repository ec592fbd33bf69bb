"""Read source code as it stands, with a heading for each class and function."""

import ast
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from citewell.ingest.readers.cleaning import clean_code
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.jsonl_reader import NotDocuments
from citewell.ingest.readers.source_definitions import (
    Definition,
    definition_headings,
    find_definitions,
)
from citewell.ingest.readers.source_languages import LANGUAGES, Language
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.retrieval.values import Document

MOST_PARSED = 2_000_000
"""Characters of Python that are parsed; more of it was written by a program."""

_PYTHON = LANGUAGES[".py"]


def read_source(path: Path, name: str) -> list[Document]:
    """Return the file as one document, titled by its file name.

    Raises:
        ReadError: If it is not text.
        NotDocuments: If it is blank, as many a file of a program is.
    """
    text = clean_code(decode(path.read_bytes()))
    if not text.strip():
        raise NotDocuments(NO_TEXT)
    title = PurePosixPath(name).name
    language = LANGUAGES.get(path.suffix.lower(), Language())
    headings = definition_headings(text, _definitions(text, language), title)
    return [Document(name=name, title=title, text=text, headings=headings)]


def _definitions(text: str, language: Language) -> list[Definition]:
    if language is _PYTHON and len(text) <= MOST_PARSED:
        try:
            with warnings.catch_warnings():  # such as of escapes that mean nothing
                warnings.simplefilter("ignore")
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return find_definitions(text, language)
        return list(_python_definitions(tree.body, _Lines(text), 1))
    return find_definitions(text, language)


class _Lines:
    """Where the lines of a text begin. Lines count from 1, as Python's parser does."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._starts[-1] = len(text)

    def start(self, number: int) -> int:
        """Return the offset of a line."""
        return self._starts[number - 1]

    def end(self, number: int) -> int:
        """Return the offset after a line and its break."""
        return self._starts[number]

    def first_above(self, number: int) -> int:
        """Return the first of the lines of comments that stand directly above a line."""
        while number > 1 and self._lines[number - 2].lstrip().startswith("#"):
            number -= 1
        return number


def _python_definitions(
    body: Sequence[ast.stmt], lines: _Lines, level: int
) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            kind = "class" if isinstance(node, ast.ClassDef) else "def"
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            start = lines.start(lines.first_above(first))
            end = lines.end(node.end_lineno or node.lineno)
            yield Definition(f"{kind} {node.name}", level, start, end)
            if kind == "class":
                yield from _python_definitions(node.body, lines, level + 1)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from _python_definitions(_branches(node), lines, level)


def _branches(node: ast.If | ast.Try | ast.With) -> list[ast.stmt]:
    """Return the statements of a condition or the like, in the order of their lines."""
    branches = list(node.body)
    for handler in getattr(node, "handlers", []):
        branches += handler.body
    return [*branches, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
