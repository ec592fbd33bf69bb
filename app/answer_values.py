"""What answering returns: evidence, citations, sentences, answers, and the events on the way.

Offsets count characters from 0; a span is ``[start, end)``.
"""

from dataclasses import dataclass
from typing import Literal

from citewell.retrieval.values import Passage

CitationState = Literal["verified", "corrected", "unverified"]
AnswerMode = Literal["generated", "extractive", "abstained"]
AbstentionReason = Literal["no_match", "weak_match", "off_topic", "not_supported"]

REASONS: dict[AbstentionReason, str] = {
    "no_match": "Most words of the question stand nowhere in the documents. Is it spelt right?",
    "off_topic": "The documents are about something else.",
    "weak_match": "The documents touch on this, but no passage answers it.",
    "not_supported": "No sentence of the draft is supported by the documents.",
}
"""Each reason for declining, in words for the user."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of the documents that may be shown to the model.

    Attributes:
        number: From 1, as the model sees it.
        document: Name of the document.
        title: Its title.
        start: Where it stands in the document's text.
        end: Where it ends.
        text: Exactly the document's text from ``start`` to ``end``.
        headings: Titles of the sections around it.
        rank: Of the passage it stands in.
        score: How much it bears on the question; only the order means something.
    """

    number: int
    document: str
    title: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Citation:
    """A marker in the answer and the place it stands for.

    Attributes:
        marker: The number shown in brackets, counted from 1 in the order first used.
        document: Name of the document.
        title: Its title.
        page: Page on which the quote starts, if the document has pages.
        start: Where the quote stands in the document's text.
        end: Where it ends.
        quote: Exactly the document's text from ``start`` to ``end``.
        state: ``verified``: the quote stands in the stored text and supports the sentence;
            ``corrected``: likewise, but the model had pointed elsewhere; ``unverified``: not so.
    """

    marker: int
    document: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    state: CitationState


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of the answer: ``answer.text[start:end] == text``."""

    text: str
    start: int
    end: int
    supported: bool
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds from the question: to the passages, the model's first word, and the end."""

    search: float
    first_token: float | None
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose every sentence was checked, or a typed abstention.

    Attributes:
        text: The sentences with their markers; empty for an abstention.
        mode: ``generated`` by the model; ``extractive``: sentences of the documents, as they
            stand there; ``abstained``.
        reason: Why it abstained; None otherwise.
        sentences: In order.
        sources: The passages that were found, best first; also for an abstention.
        model: Name of the model; None when none was asked for.
        notices: What the user should know, in plain sentences.
        fault: What kept the model from answering: its server could not be reached, or it failed.
    """

    question: str
    text: str
    mode: AnswerMode
    reason: AbstentionReason | None
    sentences: tuple[AnswerSentence, ...]
    sources: tuple[Passage, ...]
    model: str | None
    timings: Timings
    notices: tuple[str, ...] = ()
    fault: Literal["unreachable", "failed"] | None = None

    @property
    def abstained(self) -> bool:
        """Whether it is an abstention."""
        return self.mode == "abstained"


@dataclass(frozen=True, slots=True)
class Searched:
    """The passages are there; the answer is still to come."""

    sources: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One more sentence of the answer is there, checked; spans and markers are final."""

    sentence: AnswerSentence


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is complete. Always the last event."""

    answer: Answer


Event = Searched | Said | Answered
