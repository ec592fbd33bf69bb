"""A question and as much of its answer as there is, growing as the events come in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import uuid4

from citewell.app import followups
from citewell.app.answer_values import Answer, Answered, AnswerSentence, Said, Searched
from citewell.app.chats.values import KeptTurn
from citewell.app.page.engine import ChatEngine
from citewell.app.page.source_cards import Lookup, SourceCard, passage_cards, source_cards
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Passage

LOADING = "Loading the models, once …"
SEARCHING = "Searching …"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it.

    Attributes:
        id: Of its own among all turns.
        asked: When, in UTC.
        sentences: The sentences so far.
        cards: The sources so far, by marker; what was found where the answer is declined.
        answer: The whole answer; None until it is complete.
        error: Why there is no answer, in words for the user.
        progress: What is going on; empty when the turn is over.
        standalone: The question that was searched, where it was not the one asked.
    """

    question: str
    sentences: tuple[AnswerSentence, ...] = ()
    cards: tuple[SourceCard, ...] = ()
    answer: Answer | None = None
    error: str | None = None
    progress: str = ""
    standalone: str | None = None
    id: str = field(default_factory=lambda: uuid4().hex)
    asked: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def stopped(self) -> bool:
        """Whether it ended with neither an answer nor an error."""
        return self.answer is None and self.error is None


def kept(turn: Turn) -> KeptTurn:
    """Return what is kept of a turn; its cards are made anew from the documents."""
    return KeptTurn(
        id=turn.id,
        question=turn.question,
        asked=turn.asked,
        answer=turn.answer,
        error=turn.error,
        sentences=turn.sentences,
        standalone=turn.standalone,
    )


def shown(engine: ChatEngine, collection: str, turn: KeptTurn) -> Turn:
    """Return a turn that was kept, with its sources as the documents stand now."""
    lookup = Lookup(engine, collection)
    return Turn(
        turn.question,
        turn.sentences,
        _cards(turn.sentences, turn.answer, lookup),
        turn.answer,
        turn.error,
        standalone=turn.standalone,
        id=turn.id,
        asked=turn.asked,
    )


def past(turns: Sequence[KeptTurn]) -> list[followups.Turn]:
    """Return the turns that have an answer as a follow-up needs them, oldest first."""
    return [followups.Turn(turn.question, turn.answer.text) for turn in turns if turn.answer]


def follow(
    engine: ChatEngine, collection: str, turn: Turn, before: Sequence[KeptTurn], settings: Settings
) -> Iterator[Turn]:
    """Ask, and yield the turn at each step. The last one is complete, or says what went wrong.

    Args:
        engine: Answers.
        collection: Name of the one that is asked.
        turn: The question.
        before: The turns before it, oldest first.
        settings: What to answer with.
    """
    lookup = Lookup(engine, collection)
    found: Sequence[Passage] = ()
    turn = replace(turn, progress=SEARCHING if engine.ready(collection) else LOADING)
    yield turn
    try:
        for event in engine.ask(collection, turn.question, past(before), settings):
            match event:
                case Searched(sources, standalone):
                    found = sources
                    turn = replace(turn, progress=_reading(len(sources)), standalone=standalone)
                case Said(sentence):
                    said = (*turn.sentences, sentence)
                    cards = source_cards(said, lookup, found)
                    turn = replace(turn, sentences=said, cards=cards)
                case Answered(answer):
                    cards = _cards(answer.sentences, answer, lookup)
                    turn = replace(turn, sentences=answer.sentences, cards=cards, answer=answer)
                    turn = replace(turn, progress="")
            yield turn
    except CitewellError as error:
        yield replace(turn, error=str(error), progress="")


def _reading(passages: int) -> str:
    return f"Reading {passages} passage{'' if passages == 1 else 's'} …"


def _cards(
    sentences: Sequence[AnswerSentence], answer: Answer | None, lookup: Lookup
) -> tuple[SourceCard, ...]:
    """Return the sources of a turn that is over."""
    found = answer.sources if answer else ()
    if answer is not None and answer.abstained:
        return passage_cards(found, lookup)
    return source_cards(sentences, lookup, found)
