"""Examples of the job: a question with numbered evidence, and what a good model writes."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from citewell.app.answer_values import Evidence
from citewell.app.llms.protocol import Message
from citewell.app.prompting import build
from citewell.retrieval.errors import ConfigError

Split = Literal["train", "validation", "test"]

Kind = Literal[
    "answer",
    "sentence",
    "several",
    "table",
    "conflict",
    "injected",
    "absent",
    "unanswerable",
]
"""``absent``: what answers was taken out of the evidence. ``unanswerable``: the documents do not
say it. Both are to be declined."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its evidence and the answer to learn.

    Attributes:
        split: All examples of a document are in one.
        source: Of the question, such as the name of its set.
        document: That the question belongs to.
        question: One that can be understood by itself.
        evidence: As it is shown, in this order, numbered from 1.
        target: What a good model writes: sentences with markers, or the words that decline.
        rejected: What it must not write, the most tempting first.
        answers: Accepted answers; empty where it is to be declined.
    """

    id: str
    split: Split
    kind: Kind
    source: str
    document: str
    question: str
    evidence: tuple[Evidence, ...]
    target: str
    rejected: tuple[str, ...]
    answers: tuple[str, ...]


_EXAMPLE = TypeAdapter(Example)


def messages(example: Example) -> list[Message]:
    """Return the prompt, as answering builds it for a model that was taught."""
    return build("taught", example.question, example.evidence)


def read_examples(path: Path) -> Iterator[Example]:
    """Yield the examples of a JSON Lines file.

    Raises:
        ConfigError: If it cannot be read, or a line is no example.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _read(line, path, number)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The examples in {path} cannot be read: {error}. Make some with: citewell tune data"
        ) from error


def write_examples(path: Path, examples: Iterable[Example]) -> None:
    """Write examples as JSON Lines, in the order given."""
    with path.open("w", encoding="utf-8") as file:
        for example in examples:
            row = _EXAMPLE.dump_python(example, mode="json")
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _read(line: str, path: Path, number: int) -> Example:
    try:
        return _EXAMPLE.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise ConfigError(
            f"Line {number} of {path} is no example: {where}: {first['msg']}. "
            "Make examples with: citewell tune data"
        ) from error
