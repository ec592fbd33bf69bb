"""Question sets: JSON lines with the accepted answers and where they stand."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Rule = Literal["contains", "groups", "verdict", "amount", "long"]
"""When a text is right: it holds an accepted answer; one of every group; it begins with the
verdict (yes, no, maybe); it holds the amount, up to rounding and unit; or, for answers of several
sentences, there is no such rule and it is held against the reference word by word."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what a right answer is measured by.

    Attributes:
        answers: Accepted short answers; empty when the corpus does not answer it.
        documents: Names of the documents that answer it; any one of them will do.
        passages: The text in them that does; where there is none the whole documents.
        pages: Names of documents and pages, from 1, that answer it, where a set names pages.
        references: Answers to compare with word by word; the accepted ones where empty.
        groups: Of each group one answer must be there.
        kind: As the set calls it, such as ``underspecified``.
        history: Earlier turns, each what was asked and what was said.
        fake: What a document that was tampered with says instead.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    documents: frozenset[str]
    passages: tuple[str, ...]
    answerable: bool
    rule: Rule = "contains"
    pages: frozenset[tuple[str, int]] = frozenset()
    references: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    history: tuple[tuple[str, str], ...] = ()
    fake: tuple[str, ...] = ()


def read_questions(path: Path, limit: int | None = None) -> list[GoldQuestion]:
    """Return the questions of a file, in its order; with a limit, evenly spread over it.

    Raises:
        SystemExit: If there is no such file or a row lacks a field; the message says which.
    """
    found = [question_of(row, f"{path}, row {number}") for number, row in read_rows(path)]
    return spread(found, limit)


def spread(found: Sequence[GoldQuestion], limit: int | None) -> list[GoldQuestion]:
    """Return so many questions, evenly spread; all of them without a limit."""
    if limit is None or limit >= len(found):
        return list(found)
    return [found[i * len(found) // limit] for i in range(limit)]


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a file of JSON lines, counted from 1."""
    if not path.is_file():
        raise SystemExit(f"There is no file {path}. Give the path of a questions.jsonl.")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, json.loads(line)


def question_of(row: dict[str, Any], where: str) -> GoldQuestion:
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
            kind=row.get("kind") or "",
        )
    except KeyError as error:
        raise SystemExit(f"{where}: the field {error} is missing.") from error
