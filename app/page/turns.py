"""A question and as much of its answer as there is, growing as the events come in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from citewell.app import followups
from citewell.app.answer_values import Answer, Answered, AnswerSentence, Said, Searched
from citewell.app.page.engine import ChatEngine
from citewell.app.page.excerpts import SourceCard, source_cards
from citewell.retrieval.errors import CitewellError

LOADING = "Loading the models, once …"
SEARCHING = "Searching …"


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what came of it.

    Attributes:
        sentences: The sentences so far.
        cards: The sources so far, by marker.
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

    @property
    def stopped(self) -> bool:
        """Whether it ended with neither an answer nor an error."""
        return self.answer is None and self.error is None


def past(turns: Sequence[Turn]) -> list[followups.Turn]:
    """Return the turns that have an answer as a follow-up needs them, oldest first."""
    return [followups.Turn(turn.question, turn.answer.text) for turn in turns if turn.answer]


def follow(
    engine: ChatEngine, collection: str, question: str, before: Sequence[Turn] = ()
) -> Iterator[Turn]:
    """Ask, and yield the turn at each step. The last one is complete, or says what went wrong.

    Args:
        before: The turns before it, oldest first.
    """
    turn = Turn(question, progress=SEARCHING if engine.ready(collection) else LOADING)
    yield turn
    try:
        for event in engine.ask(collection, question, past(before)):
            match event:
                case Searched(sources, standalone):
                    turn = replace(turn, progress=_reading(len(sources)), standalone=standalone)
                case Said(sentence):
                    turn = _with_sentences(engine, collection, turn, (*turn.sentences, sentence))
                case Answered(answer):
                    turn = _with_sentences(engine, collection, turn, answer.sentences)
                    turn = replace(turn, answer=answer, progress="")
            yield turn
    except CitewellError as error:
        yield replace(turn, error=str(error), progress="")


def _reading(passages: int) -> str:
    return f"Reading {passages} passage{'' if passages == 1 else 's'} …"


def _with_sentences(
    engine: ChatEngine, collection: str, turn: Turn, sentences: tuple[AnswerSentence, ...]
) -> Turn:
    if sentences == turn.sentences:
        return turn
    cards = source_cards(sentences, lambda name: engine.document(collection, name))
    return replace(turn, sentences=sentences, cards=cards)
