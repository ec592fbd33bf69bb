"""Question sets: JSON lines with the accepted answers and where they stand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what a right answer is measured by.

    Attributes:
        answers: Accepted short answers; empty when the corpus does not answer it.
        documents: Names of the documents that answer it; any one of them will do.
        passages: The text in them that does.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    documents: frozenset[str]
    passages: tuple[str, ...]
    answerable: bool


def read_questions(path: Path, limit: int | None = None) -> list[GoldQuestion]:
    """Return the questions of a file, in its order; with a limit, evenly spread over it.

    Raises:
        SystemExit: If there is no such file or a row lacks a field; the message says which.
    """
    found = [_question(row, f"{path}, row {number}") for number, row in read_rows(path)]
    if limit is None or limit >= len(found):
        return found
    return [found[i * len(found) // limit] for i in range(limit)]


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a file of JSON lines, counted from 1."""
    if not path.is_file():
        raise SystemExit(f"There is no file {path}. Give the path of a questions.jsonl.")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, json.loads(line)


def _question(row: dict[str, Any], where: str) -> GoldQuestion:
    """Return a row as a question; the fitting set names one document and one passage."""
    try:
        alone = [row["document"]] if "document" in row and row["answerable"] else []
        passage = [row["passage"]] if "passage" in row and row["answerable"] else []
        return GoldQuestion(
            id=str(row["id"]),
            text=row["question"],
            answers=tuple(row["answers"]),
            documents=frozenset(row.get("gold_doc_ids", alone)),
            passages=tuple(row.get("gold_passages", passage)),
            answerable=bool(row["answerable"]),
        )
    except KeyError as error:
        raise SystemExit(f"{where}: the field {error} is missing.") from error
