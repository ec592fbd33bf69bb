"""What answering returns: evidence, citations, sentences, answers, and the events on the way.

Offsets count characters from 0; a span is ``[start, end)``.
"""

from dataclasses import dataclass
from typing import Literal

from citewell.retrieval.layout import Mark
from citewell.retrieval.values import Passage

CitationState = Literal["verified", "corrected", "unverified"]
AnswerMode = Literal["generated", "extractive", "abstained"]
AbstentionReason = Literal["no_match", "weak_match", "off_topic", "not_supported", "ambiguous"]

REASONS: dict[AbstentionReason, str] = {
    "no_match": "Most words of the question stand nowhere in the documents. Is it spelt right?",
    "off_topic": "The documents are about something else.",
    "weak_match": "The documents touch on this, but no passage answers it.",
    "not_supported": "No sentence of the draft is supported by the documents.",
    "ambiguous": "The question can be read in several ways, and the documents answer each.",
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
        header: The header of the table whose row it is; else blank.
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
    header: str = ""


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
        boxes: Where the quote stands on its pages, a box a line; empty outside of PDFs.
        place: Sheet and range of cells, such as ``Costs!A2:H15``; blank outside of workbooks.
        header: The header of the table that the quote is a row of; else blank.
    """

    marker: int
    document: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    state: CitationState
    boxes: tuple[Mark, ...] = ()
    place: str = ""
    header: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of the answer: ``answer.text[start:end] == text``.

    Attributes:
        supported: False only where the user asked to see what failed its check, flagged.
        reason: Why it is not supported, in words; else blank.
    """

    text: str
    start: int
    end: int
    supported: bool
    citations: tuple[Citation, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence of the draft that is not shown, and why, in words."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an underspecified question, with the words of the documents that offer it.

    Attributes:
        question: The question, made specific.
        citation: What answers it.
    """

    question: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Sent:
    """What the language model was given to read.

    Attributes:
        shown: The evidence, as numbered in the prompt.
        cut: Evidence that was found and left out, for it was too much.
        tokens: Of the evidence shown, as the model counts them.
        budget: Most tokens of evidence there was room for.
    """

    shown: tuple[Evidence, ...]
    cut: tuple[Evidence, ...]
    tokens: int
    budget: int


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
        standalone: The question that was searched, where it was not the one asked; else None.
        confidence: Probability that the documents answer the question, as judged from the
            evidence; None when none was found.
        readings: The ways to read the question, when ``ambiguous``.
        left_out: Sentences of the draft that failed their check and are not shown.
        sent: What the model was given; None when it was not asked.
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
    standalone: str | None = None
    confidence: float | None = None
    readings: tuple[Reading, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    sent: Sent | None = None

    @property
    def abstained(self) -> bool:
        """Whether it is an abstention."""
        return self.mode == "abstained"


@dataclass(frozen=True, slots=True)
class Searched:
    """The passages are there; the answer is still to come.

    Attributes:
        standalone: The question that was searched, where it was not the one asked.
    """

    sources: tuple[Passage, ...]
    standalone: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One more sentence of the answer is there, checked; spans and markers are final."""

    sentence: AnswerSentence


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is complete. Always the last event."""

    answer: Answer


Event = Searched | Said | Answered
