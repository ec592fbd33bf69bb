"""What a reader takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Span = tuple[int, int]
"""``[start, end)`` in the given text."""


@dataclass(frozen=True, slots=True)
class ReadablePassage:
    """A passage as a reader reads it.

    Attributes:
        context: Title and headings; may be blank.
        text: The passage.
        units: Its sentences and table rows.
    """

    context: str
    text: str
    units: Sequence[Span]


@dataclass(frozen=True, slots=True)
class UnitReading:
    """What a reader makes of a sentence or a table row.

    Attributes:
        score: Log-odds that it holds the answer.
        span: The words in it that most likely are the answer, as offsets in the passage; None
            when it has no words that the reader knows.
        span_score: Log-odds of these words against there being no answer in the passage.
    """

    score: float
    span: Span | None
    span_score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a passage.

    Attributes:
        answers: Log-odds that the passage answers the question.
        units: Of each unit of the passage, in its order.
    """

    answers: float
    units: tuple[UnitReading, ...]


class Reader(Protocol):
    """Reads a question together with passages."""

    def read(self, question: str, passages: Sequence[ReadablePassage]) -> list[Reading]:
        """Return the reading of each passage, in the order given."""
        ...


def open_reader() -> Reader:
    """Return the taught reader that comes with Citewell; nothing is loaded before it reads.

    Raises:
        NotConfigured: If the bundled embedding model, on which it stands, is not installed.
    """
    from citewell.app.reading.taught import TaughtReader
    from citewell.retrieval.embedding import best_precision, bundled_folder

    return TaughtReader(bundled_folder(), best_precision())
