"""Files of questions: one JSON object a line, with ``question`` and, if wanted, ``id``."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from citewell.app.output import Id
from citewell.retrieval.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: a question, or what is wrong with the line.

    Attributes:
        id: The row's ``id``; its line number from 1 when it has none.
        question: Never blank, unless ``error`` is set.
        error: Why the line cannot be asked.
    """

    id: Id
    question: str = ""
    error: str = ""


def read_questions(source: str) -> Iterator[Row]:
    """Yield the rows of a file, or of standard input for ``-``, in order.

    Raises:
        ConfigError: If the file cannot be opened.
    """
    if source == "-":
        yield from _rows(enumerate(sys.stdin, 1))
        return
    try:
        with Path(source).open(encoding="utf-8-sig", errors="replace") as lines:
            yield from _rows(enumerate(lines, 1))
    except OSError as error:
        raise ConfigError(f"--input {source} cannot be read: {error.strerror}") from error


def _rows(lines: Iterator[tuple[int, str]]) -> Iterator[Row]:
    for number, text in lines:
        if text.strip():
            yield _row(number, text)


def _row(number: int, text: str) -> Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Row(number, error=f"line {number} is no JSON: {error}")
    if not isinstance(row, dict):
        return Row(number, error=f'line {number} is no object such as {{"question": "..."}}')
    given = row.get("id")
    id_: Id = given if isinstance(given, str | int) and not isinstance(given, bool) else number
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        return Row(id_, error=f'line {number} holds no "question"')
    return Row(id_, question)
