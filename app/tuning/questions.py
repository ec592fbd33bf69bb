"""Question files to teach from: JSON lines with accepted answers and where they stand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from citewell.app.batch import well_formed
from citewell.retrieval.errors import ConfigError

CORPUS = "corpus.jsonl"
"""Name of a file of documents beside a question file."""


@dataclass(frozen=True, slots=True)
class TaughtQuestion:
    """A question of which it is known what answers it.

    Attributes:
        answers: Accepted answers; empty where the documents do not answer it.
        documents: Names of the documents that answer it; of one that is not answered, of the
            document it was asked about, if that is known.
        passages: The text in them that does; where there is none, the whole documents.
        source: Of the question, such as the name of its set.
        tempting: Wrong answers that look right.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    answerable: bool
    documents: tuple[str, ...]
    passages: tuple[str, ...]
    source: str
    tempting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The questions of a file and the documents that they are asked of.

    Attributes:
        carried: Documents in the rows themselves, each as id, title and text; empty where the
            file stands in or beside a folder of documents.
    """

    path: Path
    questions: tuple[TaughtQuestion, ...]
    carried: tuple[Mapping[str, str], ...]

    @property
    def corpus(self) -> tuple[Path, ...]:
        """Paths of the documents beside the questions; empty where the rows carry them."""
        if self.carried:
            return ()
        beside = self.path.parent / CORPUS
        return (beside,) if beside.is_file() else (self.path.parent,)


def read_question_file(path: Path) -> QuestionFile:
    """Read a question file.

    Raises:
        ConfigError: If it cannot be read or a row cannot be used; the message says which.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The questions in {path} cannot be read: {error}. Give files of JSON lines."
        ) from error
    rows = list(_rows(lines, path))
    if not rows:
        raise ConfigError(f"{path} holds no questions. Give a file of JSON lines.")
    carried = {str(row["document"]): row for row in rows if _carries(row)}
    return QuestionFile(
        path,
        tuple(_question(row, f"{path}, line {number}") for number, row in enumerate(rows, 1)),
        tuple(_document(name, row) for name, row in carried.items()),
    )


def question_of(row: Mapping[str, object], where: str, source: str) -> TaughtQuestion:
    """Return a row as a question.

    Raises:
        ConfigError: If a field is missing or of another kind.
    """
    text = row.get("question")
    if not isinstance(text, str) or not text.strip():
        raise ConfigError(f'{where}: no "question" with words in it.')
    answers = _texts(row, "answers", where)
    answerable = row.get("answerable", bool(answers))
    if not isinstance(answerable, bool):
        raise ConfigError(f'{where}: "answerable" is {answerable!r}. Say true or false.')
    one = tuple(str(row[name]) for name in ("document",) if row.get(name))
    passage = (str(row["passage"]),) if row.get("passage") and answerable else ()
    return TaughtQuestion(
        id=str(row.get("id", where)),
        text=" ".join(well_formed(text).split()),
        answers=answers if answerable else (),
        answerable=answerable,
        documents=_texts(row, "gold_doc_ids", where) or one,
        passages=_texts(row, "gold_passages", where) or passage,
        source=str(row.get("source") or source),
        tempting=_texts(row, "plausible_answers", where),
    )


def _question(row: Mapping[str, object], where: str) -> TaughtQuestion:
    path = Path(where.rpartition(", line ")[0])
    return question_of(row, where, path.parent.name or path.stem)


def _rows(lines: list[str], path: Path) -> Iterator[dict[str, object]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{path}, line {number}: no JSON ({error}).") from error
        if not isinstance(row, dict):
            raise ConfigError(f"{path}, line {number}: {line[:40]!r} is no JSON object.")
        yield row


def _carries(row: Mapping[str, object]) -> bool:
    return bool(row.get("document")) and bool(row.get("passage"))


def _document(name: str, row: Mapping[str, object]) -> dict[str, str]:
    return {"id": name, "title": str(row.get("title") or name), "text": str(row["passage"])}


def _texts(row: Mapping[str, object], field: str, where: str) -> tuple[str, ...]:
    found = row.get(field) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ConfigError(f'{where}: "{field}" is {found!r}. Give a list of texts.')
    return tuple(each for each in found if each.strip())
