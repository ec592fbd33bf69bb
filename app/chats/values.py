"""What is kept of a conversation: its questions, their answers, and what people said of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from citewell.app.answer_values import Answer, AnswerSentence

Choices = Mapping[str, JsonValue]
"""Names and values of settings that differ from those of the process."""

Rating = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as a list shows it.

    Attributes:
        collection: Name of the collection it asks; it may be gone by now.
        person: Whose it is; blank where nobody signs in.
        created: When it began, in UTC like all times here.
        changed: When it was last asked or answered something.
        choices: The settings that hold for it alone.
        turns: How many questions it holds.
    """

    id: str
    title: str
    collection: str
    person: str
    created: datetime
    changed: datetime
    choices: Choices
    turns: int


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and what came of it. Without answer and error it was stopped.

    Attributes:
        id: Of its own among the turns of all conversations.
        asked: When it was asked.
        error: Why there is no answer, in words for the user.
        sentences: Those of the answer, or as far as it came.
        standalone: The question that was searched, where it was not the one asked.
    """

    id: str
    question: str
    asked: datetime
    answer: Answer | None = None
    error: str | None = None
    sentences: tuple[AnswerSentence, ...] = ()
    standalone: str | None = None


@dataclass(frozen=True, slots=True)
class RightPassage:
    """The words that answer a question, as a person pointed them out: a span of a document."""

    document: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an answer.

    Attributes:
        wrong: Markers of the citations that do not support their sentence.
        right: The passage that should have been cited.
    """

    rating: Rating | None = None
    comment: str = ""
    wrong: tuple[int, ...] = ()
    right: RightPassage | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn that a person said something of, and when."""

    conversation: Conversation
    turn: KeptTurn
    feedback: Feedback
    given: datetime
