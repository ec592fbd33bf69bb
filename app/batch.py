"""Files of questions: one JSON object a line, with ``question`` and, if wanted, ``id``.

A follow-up may carry ``history``: a list of ``{"question": ..., "answer": ...}``, oldest first.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from citewell.app.followups import Turn
from citewell.app.output import Id
from citewell.retrieval.errors import ConfigError

PARTIAL = 5
"""Exit status when some rows of a batch failed."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file: a question, or what is wrong with the line.

    Attributes:
        id: The row's ``id``; its line number from 1 when it has none.
        question: Never blank, unless ``error`` is set.
        history: The turns before it, oldest first.
        error: Why the line cannot be asked.
    """

    id: Id
    question: str = ""
    error: str = ""
    history: tuple[Turn, ...] = ()


def questions(question: str, input_file: str | None) -> Iterator[Row]:
    """Yield the one question, or those of a file."""
    if input_file is None:
        yield Row(None, well_formed(question))
    else:
        yield from read_questions(input_file)


def read_questions(source: str) -> Iterator[Row]:
    """Yield the rows of a file, or of standard input for ``-``, in order. Blank lines are none.

    Raises:
        ConfigError: If the file cannot be read.
    """
    name = "standard input" if source == "-" else source
    try:
        with TextIOWrapper(_open(source), encoding="utf-8-sig", errors="replace") as lines:
            yield from _rows(lines, name)
    except OSError as error:
        raise ConfigError(f"--input {source} cannot be read: {error.strerror}") from error


def _open(source: str) -> BinaryIO:
    return sys.stdin.buffer if source == "-" else Path(source).open("rb")


def well_formed(text: str) -> str:
    """Return text that UTF-8 can hold: halves of surrogate pairs are joined or replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rows(lines: Iterable[str], source: str) -> Iterator[Row]:
    for number, text in enumerate(lines, 1):
        if text.strip():
            yield _row(number, text, f"{source}, line {number}")


def _row(number: int, text: str, place: str) -> Row:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Row(number, error=f"{place}: no JSON ({error})")
    if not isinstance(row, dict):
        return Row(number, error=f'{place}: no object such as {{"question": "..."}}')
    given = row.get("id")
    id_: Id = given if isinstance(given, str | int) and not isinstance(given, bool) else number
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        return Row(id_, error=f'{place}: no "question" with words in it')
    try:
        return Row(id_, well_formed(question), history=_history(row.get("history", [])))
    except ValueError as error:
        return Row(id_, error=f"{place}: {error}")


def _history(turns: object) -> tuple[Turn, ...]:
    """Return the turns of a row. Raises ValueError, in words for the user, if they are none."""
    if not isinstance(turns, list):
        raise ValueError('"history" is no list of {"question": ..., "answer": ...}')
    return tuple(_turn(turn) for turn in turns)


def _turn(turn: object) -> Turn:
    if isinstance(turn, dict):
        question, answer = turn.get("question"), turn.get("answer", "")
        if isinstance(question, str) and question.strip() and isinstance(answer, str):
            return Turn(well_formed(question), well_formed(answer))
    raise ValueError('a turn of "history" is no {"question": ..., "answer": ...} with words in it')
