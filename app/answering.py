"""From a question to a checked answer: passages, evidence, draft, citations."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from citewell.app.answer_values import (
    AbstentionReason,
    Answer,
    Answered,
    AnswerMode,
    AnswerSentence,
    Event,
    Said,
    Searched,
    Timings,
)
from citewell.app.checking import tie
from citewell.app.composing import Composer
from citewell.app.drafting import DraftSentence, draft_sentences, is_refusal, prompt
from citewell.app.evidence import Scored, gather, numbered, understand
from citewell.app.llms.factory import generation_settings, open_model
from citewell.app.llms.protocol import LanguageModel
from citewell.app.sufficiency import THRESHOLD, reason_to_decline
from citewell.retrieval.errors import ModelError, ModelUnreachable, NotConfigured
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import SearchResult


@dataclass
class _Run:
    """One question on its way to an answer."""

    question: str
    composer: Composer
    begun: float = field(default_factory=time.perf_counter)
    found: SearchResult = field(default_factory=SearchResult)
    searched: float = 0.0
    first_token: float | None = None
    notices: list[str] = field(default_factory=list)
    fault: Literal["unreachable", "failed"] | None = None
    refused: bool = False

    def elapsed(self) -> float:
        """Return milliseconds since the question."""
        return (time.perf_counter() - self.begun) * 1000


class Answerer:
    """Answers questions from one collection. Keeps the models loaded between questions."""

    def __init__(
        self, retriever: Retriever, model: LanguageModel | None, settings: Settings
    ) -> None:
        self._retriever = retriever
        self._model = model
        self._settings = settings

    @property
    def retriever(self) -> Retriever:
        """The retriever it asks."""
        return self._retriever

    @property
    def place(self) -> str:
        """Where questions and evidence go, in words."""
        return self._model.place if self._model else "this machine"

    def stream(self, question: str) -> Iterator[Event]:
        """Yield the passages, then each sentence as it passes its check, then the answer.

        Raises:
            ValueError: If the question is blank.
            CitewellError: If the store cannot be searched. A model that fails raises nothing:
                the answer is then extractive and says so.
        """
        run = _Run(question, Composer(self._retriever))
        chosen = self._settings
        run.found = self._retriever.search(question, chosen.k, chosen.mode, where=chosen.where)
        run.searched = run.elapsed()
        run.notices.extend(run.found.notices)
        yield Searched(run.found.passages)
        asked = understand(question, self._retriever)
        scored = gather(asked, run.found.passages, self._retriever)
        least = THRESHOLD if chosen.threshold is None else chosen.threshold
        reason = reason_to_decline(asked, scored, least)
        if reason is not None:
            yield Answered(self._finish(run, "abstained", reason))
            return
        yield from self._generated(run, scored)
        if run.refused:
            yield Answered(self._finish(run, "abstained", "not_supported"))
            return
        mode: AnswerMode = "generated" if run.composer.sentences else "extractive"
        yield from self._quoted(run, scored)
        yield Answered(self._finish(run, mode if run.composer.sentences else "abstained", None))

    def answer(self, question: str) -> Answer:
        """Return the whole answer at once. Raises what `stream` raises."""
        *_, last = self.stream(question)
        assert isinstance(last, Answered)
        return last.answer

    def close(self) -> None:
        """Close the retriever and the model."""
        self._retriever.close()
        if self._model is not None:
            self._model.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _generated(self, run: _Run, scored: Sequence[Scored]) -> Iterator[Said]:
        """Yield the sentences of the model's draft that the evidence supports."""
        if self._model is None:
            return
        shown = scored[: self._settings.evidence]
        said: set[str] = set()
        dropped = 0
        try:
            with closing(self._draft(run, self._model, shown)) as draft:
                for sentence in draft:
                    if sentence.text in said:
                        break  # a model that repeats itself has nothing more to say
                    said.add(sentence.text)
                    if is_refusal(sentence) and not run.composer.sentences:
                        run.refused = True
                        return
                    added = _checked(run, sentence, shown, scored[len(shown) :])
                    if added:
                        yield Said(added)
                    else:
                        dropped += 1
        except ModelUnreachable as error:
            run.fault = "unreachable"
            run.notices.append(str(error))
        except (ModelError, NotConfigured) as error:
            run.fault = "failed"
            run.notices.append(str(error))
        if dropped:
            run.notices.append(_left_out(dropped))

    def _draft(
        self, run: _Run, model: LanguageModel, shown: Sequence[Scored]
    ) -> Generator[DraftSentence]:
        messages = prompt(run.question, numbered(shown))
        with closing(model.stream(messages, generation_settings(self._settings))) as pieces:
            yield from draft_sentences(_timed(run, pieces))

    def _quoted(self, run: _Run, scored: Sequence[Scored]) -> Iterator[Said]:
        """Yield the evidence that most likely holds the answer, unless the draft rests on it."""
        if run.composer.sentences and not self._settings.quote_evidence:
            return
        whole = not run.composer.sentences
        for item in scored:
            if run.composer.cites(item):
                return
            added = run.composer.quote(item)
            if added:
                if whole:
                    run.notices.append("The answer is quoted from the documents, word for word.")
                yield Said(added)
                return

    def _finish(self, run: _Run, mode: AnswerMode, reason: AbstentionReason | None) -> Answer:
        if mode == "abstained" and reason is None:
            reason = "not_supported"
        return Answer(
            question=run.question,
            text=run.composer.text,
            mode=mode,
            reason=reason,
            sentences=tuple(run.composer.sentences),
            sources=run.found.passages,
            model=self._model.name if self._model else None,
            timings=Timings(run.searched, run.first_token, run.elapsed()),
            notices=tuple(run.notices),
            fault=run.fault,
        )


def _checked(
    run: _Run, sentence: DraftSentence, shown: Sequence[Scored], others: Sequence[Scored]
) -> AnswerSentence | None:
    """Add a sentence of the draft to the answer if evidence supports it."""
    tied = tie(sentence, run.question, shown, others)
    return run.composer.add(sentence.text, tied) if tied else None


def _timed(run: _Run, pieces: Iterator[str]) -> Iterator[str]:
    """Pass the pieces on, and note when the first one came."""
    for piece in pieces:
        if run.first_token is None:
            run.first_token = run.elapsed()
        yield piece


def _left_out(count: int) -> str:
    what = "A sentence of the draft was" if count == 1 else f"{count} sentences of the draft were"
    return f"{what} left out: no evidence supports what it says."


def open_answerer(settings: Settings) -> Answerer:
    """Open the collection and the language model that settings name.

    Raises:
        NotConfigured: If there is no such collection, or a server's address is not set.
        ConfigError: If the model's name has no known form.
    """
    model = open_model(settings.llm, settings)
    return Answerer(open_retriever(settings=settings), model, settings)
