"""What is compared: each system answers from the same collection, with the same model."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from bench.answer_peers import System, langchain_citations, llamaindex_citations
from bench.baseline import BestSentences, ClosedBook, NaiveChain
from bench.metered import Metered
from bench.questions import GoldQuestion
from bench.replies import Cited, Reply, Sentence, documents_of
from citewell.app.answer_values import Answer, Answered, Said
from citewell.app.answering import Answerer
from citewell.app.entailment import open_entailment
from citewell.app.followups import Turn
from citewell.app.reading.reader import Reader, open_reader
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings

OURS = ("Citewell", "Citewell, no model")
"""What changes with Citewell; the replies of all others are kept."""

CLOSED_BOOK = "closed book"


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection that systems answer from; ``model`` is None where none is to be measured."""

    retriever: Retriever
    model: Metered | None
    settings: Settings


def _citewell(opened: Opened) -> System:
    return _answering(opened, _given(opened))


def _without_model(opened: Opened) -> System:
    return _answering(opened, None)


@cache
def _reader() -> Reader:
    """Return the reader, loaded once for all collections."""
    return open_reader()


def _answering(opened: Opened, model: Metered | None) -> System:
    chosen = opened.settings
    answerer = Answerer(
        opened.retriever,
        model,
        chosen,
        reader=_reader() if chosen.reader == "bundled" else None,
        entailment=open_entailment(chosen.nli) if chosen.nli else None,
    )

    def reply(question: GoldQuestion) -> Reply:
        begun = time.perf_counter()
        first = None
        history = [Turn(asked, said) for asked, said in question.history]
        for event in answerer.stream(question.text, history):
            if isinstance(event, Said) and first is None:
                first = time.perf_counter() - begun
            if isinstance(event, Answered):
                seconds = time.perf_counter() - begun
                return _reply(event.answer, first, seconds, model.taken() if model else (0, 0))
        raise AssertionError("An answer ends with the event Answered.")

    return reply


def _reply(answer: Answer, first: float | None, seconds: float, tokens: tuple[int, int]) -> Reply:
    return Reply(
        mode=answer.mode,
        sentences=tuple(
            Sentence(
                sentence.text,
                tuple(
                    Cited(c.document, c.start, c.end, c.quote, c.state != "unverified")
                    for c in sentence.citations
                ),
            )
            for sentence in answer.sentences
        ),
        found=documents_of(answer.sources),
        seconds=seconds,
        first=first,
        by_model=answer.reason == "not_supported",
        reason=answer.reason or "",
        confidence=answer.confidence,
        asked_back=len(answer.readings) > 1,
        tokens=tokens,
    )


def _given(opened: Opened) -> Metered:
    if opened.model is None:
        raise SystemExit("This system needs a language model; --llm is 'none'.")
    return opened.model


def _naive(opened: Opened) -> System:
    return NaiveChain(opened.retriever, _given(opened), opened.settings).reply


def _langchain(opened: Opened) -> System:
    return langchain_citations(opened.retriever, _given(opened), opened.settings)


def _llamaindex(opened: Opened) -> System:
    return llamaindex_citations(opened.retriever, _given(opened), opened.settings)


def _closed_book(opened: Opened) -> System:
    return ClosedBook(_given(opened), opened.settings).reply


def _sentences(count: int) -> Callable[[Opened], System]:
    return lambda opened: BestSentences(opened.retriever, opened.settings).of(count)


WITH_MODEL: Mapping[str, Callable[[Opened], System]] = {
    "Citewell": _citewell,
    "naive chain": _naive,
    "LangChain": _langchain,
    "LlamaIndex": _llamaindex,
    CLOSED_BOOK: _closed_book,
}
WITHOUT_MODEL: Mapping[str, Callable[[Opened], System]] = {
    "Citewell, no model": _without_model,
    "best sentence": _sentences(1),
    "best two": _sentences(2),
    "best three": _sentences(3),
}
SYSTEMS = {**WITH_MODEL, **WITHOUT_MODEL}
"""Each is opened once for a collection. One that is not installed raises ImportError."""
