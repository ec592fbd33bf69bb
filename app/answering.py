"""From a question to a checked answer: passages, evidence, draft, citations."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from types import TracebackType
from typing import Self

from citewell.app.answer_run import Run
from citewell.app.answer_values import (
    Answer,
    Answered,
    AnswerSentence,
    Event,
    LeftOut,
    Said,
    Searched,
    Sent,
)
from citewell.app.budget import Budget, Chosen, choose
from citewell.app.calibration import calibration_in_force
from citewell.app.checking import Checks, Refused, Tie, tie
from citewell.app.composing import Composer, plain
from citewell.app.directness import says_focus, taught_gives_way, untaught_gives_way
from citewell.app.drafting import DraftSentence, draft_sentences, is_refusal
from citewell.app.entailment import Entailment, open_entailment
from citewell.app.evidence import Scored, gather, understand
from citewell.app.extracts import Extract, count_words, extract
from citewell.app.features import Question
from citewell.app.followups import Turn, standalone
from citewell.app.links import safe_text
from citewell.app.llms.factory import generation_settings, open_model
from citewell.app.llms.protocol import LanguageModel, is_small, was_taught
from citewell.app.prompting import build, check_prompts, technique_for
from citewell.app.reading.reader import Reader, open_reader
from citewell.app.readings import readings
from citewell.app.sufficiency import NO_HINT, UNTESTED, Fitness, judge
from citewell.retrieval.errors import ModelError, ModelUnreachable, NotConfigured
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings

QUOTED = "The answer is quoted from the documents."
GONE = "its source has changed since the search"
PLAINER = "the documents' own words answer more directly"

LEAST_ROOM = 8
"""Words below which a quote beside a draft, or a draft beside a quote, says too little."""

SPARE = 64
"""Tokens kept free for what a chat template adds to a prompt."""


class Answerer:
    """Answers questions from one collection. Keeps the models loaded between questions."""

    def __init__(
        self,
        retriever: Retriever,
        model: LanguageModel | None,
        settings: Settings,
        *,
        reader: Reader | None = None,
        entailment: Entailment | None = None,
    ) -> None:
        """Make one; closing it closes the retriever and the model.

        Args:
            model: Writes the drafts; without one, answers quote.
            reader: Reads passages together with the question; ranking and judging the evidence
                rest on it where there is one.
            entailment: Must agree with each sentence of a draft, where there is one.
        """
        self._retriever = retriever
        self._model = model
        self._settings = settings
        self._reader = reader
        self._checks = Checks(retriever, entailment)

    @property
    def retriever(self) -> Retriever:
        """The retriever it asks."""
        return self._retriever

    @property
    def reader(self) -> Reader | None:
        """The reader it asks, if any."""
        return self._reader

    @property
    def place(self) -> str:
        """Where questions and evidence go, in words."""
        return self._model.place if self._model else "this machine"

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        """Yield the passages, then each sentence as it passes its check, then the answer.

        Args:
            question: In plain words.
            history: The turns before it, oldest first. They say what it is about; they are
                never evidence.

        Raises:
            ValueError: If the question is blank.
            CitewellError: If the store cannot be searched. A model that fails raises nothing:
                the answer is then extractive and says so.
        """
        chosen = self._settings
        asked = standalone(question, history, self._model, chosen) if history else None
        run = Run(question, asked.question if asked else question, Composer(self._retriever))
        run.found = self._retriever.search(run.searched, chosen.k, chosen.mode, where=chosen.where)
        run.search_ms = run.elapsed()
        run.notices.extend(run.found.notices)
        yield Searched(run.found.passages, run.standalone)
        for sentence in self._sentences(run):
            yield Said(sentence)
        yield Answered(run.finished(self._model.name if self._model else None))

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return the whole answer at once. Takes and raises what `stream` does."""
        *_, last = self.stream(question, history)
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

    def _sentences(self, run: Run) -> Iterator[AnswerSentence]:
        """Yield the sentences of the answer; where it is declined, `run` says why."""
        asked = understand(run.searched, self._retriever)
        scored = gather(asked, run.found.passages, self._retriever, self._reader)
        run.judged = judge(asked, scored, calibration_in_force(self._retriever, self._settings))
        run.reason = run.judged.reason
        if run.reason is None:
            run.offer(readings(asked, scored, run.found.passages))
        if run.reason is not None:
            return
        run.extracts = extract(asked, scored, self._settings.answer_words)
        if self._is_fit:
            yield from self._generated(run, asked, scored)
            if run.reason is None:
                yield from self._quoted(run, asked, scored)
        else:  # what is sure to stand need not wait for it
            yield from self._quoted(run, asked, scored)
            yield from self._generated(run, asked, scored)
        if not run.supported and any(sentence.supported for sentence in run.said):
            run.notices.append(QUOTED)

    def _generated(
        self, run: Run, asked: Question, scored: Sequence[Scored]
    ) -> Iterator[AnswerSentence]:
        """Yield the sentences of the model's draft that the evidence supports."""
        if self._model is None or (not self._is_fit and self._spare(run) < LEAST_ROOM):
            return
        chosen = choose(scored, asked, self._budget(self._model, run.searched))
        run.sent = Sent(chosen.shown, chosen.cut, chosen.tokens, chosen.budget)
        try:
            with closing(self._draft(run, self._model, chosen)) as draft:
                yield from self._checked(run, draft, chosen.scored, scored)
        except ModelUnreachable as error:
            run.fault = "unreachable"
            run.notices.append(str(error))
        except (ModelError, NotConfigured) as error:
            run.fault = "failed"
            run.notices.append(str(error))
        failed = sum(each.reason != PLAINER for each in run.left_out)
        if failed and self._is_fit:  # what another model drafts is no loss to the answer
            run.notices.append(_left_out(failed))
        run.judge_draft(self._fitness)

    def _checked(
        self,
        run: Run,
        draft: Iterator[DraftSentence],
        shown: Sequence[Scored],
        scored: Sequence[Scored],
    ) -> Iterator[AnswerSentence]:
        """Yield each sentence of a draft that passes its check, as it passes."""
        others = [item for item in scored if item not in shown]
        seen: set[str] = set()
        for sentence in draft:
            if sentence.text in seen:
                return  # a model that repeats itself has nothing more to say
            seen.add(sentence.text)
            if is_refusal(sentence) and not run.supported:
                run.refused = True
                return
            tied = tie(sentence, run.searched, shown, others, self._checks)
            if tied and self._gives_way(run, sentence.text):
                tied = Refused(PLAINER)
            added = run.composer.add(sentence.text, tied) if tied else None
            run.note(tied, added, best=scored[0])
            if added is None:
                added = self._unsupported(run, sentence.text, tied)
            if added is not None:
                yield added

    def _unsupported(self, run: Run, text: str, tied: Tie | Refused) -> AnswerSentence | None:
        """Flag a sentence that failed its check where the user wants to see it; else drop it."""
        reason = GONE if isinstance(tied, Tie) else tied.reason
        if self._settings.unsupported == "flag" and reason != PLAINER:
            return run.composer.flag(text, reason)
        run.left_out.append(LeftOut(safe_text(text, ()), reason))
        return None

    def _draft(self, run: Run, model: LanguageModel, chosen: Chosen) -> Generator[DraftSentence]:
        technique = technique_for(model, self._settings)
        messages = build(technique, run.searched, chosen.shown, self._settings.prompts)
        with closing(model.stream(messages, generation_settings(self._settings))) as pieces:
            thinks = technique == "chain-of-thought"
            yield from draft_sentences(run.timed(pieces), thinks=thinks)

    def _budget(self, model: LanguageModel, question: str) -> Budget:
        """Return how much evidence the model has room for, beside the prompt and its answer."""
        most = self._settings.evidence_tokens
        if model.context_tokens is not None:
            technique = technique_for(model, self._settings)
            bare = build(technique, question, (), self._settings.prompts)
            taken = model.count_tokens("\n".join(message.content for message in bare))
            room = model.context_tokens - taken - generation_settings(self._settings).max_tokens
            most = max(0, min(most, room - SPARE))
        return Budget(self._settings.evidence, most, model.count_tokens)

    def _quoted(
        self, run: Run, asked: Question, scored: Sequence[Scored]
    ) -> Iterator[AnswerSentence]:
        """Yield the words that most likely answer, as far as the draft has not said them."""
        drafted = [sentence for sentence in run.said if sentence.supported]
        extracts: Sequence[Extract] = run.extracts
        if drafted and self._is_fit:
            room = self._settings.answer_words - _words_of(drafted)
            wanted = self._settings.quote_evidence and room >= LEAST_ROOM
            extracts = extract(asked, scored, room) if wanted else ()
        for each in extracts:
            if drafted and self._is_fit and _told(each, drafted, run.composer):
                return
            added = run.composer.quote(each)
            if added is not None:
                yield added

    def _gives_way(self, run: Run, text: str) -> bool:
        """Tell whether what would be quoted answers better than a sentence of the draft."""
        if not is_small(self._model):
            return False
        if self._is_fit:
            return taught_gives_way(text, run.searched, run.extracts)
        return untaught_gives_way(text, run.extracts, self._spare(run))

    def _spare(self, run: Run) -> int:
        """Return how many words the answer has left."""
        return self._settings.answer_words - _words_of(run.said)

    @property
    def _is_fit(self) -> bool:
        """Whether the model may speak in place of the documents' own words."""
        return was_taught(self._model) or not is_small(self._model)

    @property
    def _fitness(self) -> Fitness:
        return NO_HINT if is_small(self._model) else UNTESTED


def _told(extract: Extract, drafted: Sequence[AnswerSentence], composer: Composer) -> bool:
    """Tell whether a draft says what an extract has to say: all of it, or what likely answers."""
    said = " ".join(sentence.text for sentence in drafted)
    if plain(extract.text).casefold() in said.casefold():
        return True
    if extract.scored.focus is None:
        return composer.cites(extract.scored)
    return says_focus(said, extract)


def _words_of(sentences: Sequence[AnswerSentence]) -> int:
    return sum(count_words(sentence.text) for sentence in sentences)


def _left_out(count: int) -> str:
    what = "A sentence of the draft was" if count == 1 else f"{count} sentences of the draft were"
    return f"{what} left out: no evidence supports what it says."


def open_answerer(settings: Settings) -> Answerer:
    """Open the collection and the models that settings name.

    Raises:
        NotConfigured: If there is no such collection, or a server's address is not set.
        ConfigError: If a model's name has no known form, or a prompt file is not valid.
    """
    model = open_model(settings.llm, settings)
    return answerer_with(open_retriever(settings=settings), model, settings)


def answerer_with(
    retriever: Retriever,
    model: LanguageModel | None,
    settings: Settings,
    reader: Reader | None = None,
) -> Answerer:
    """Return an answerer with the reader, the prompts and the checks that settings name.

    Args:
        reader: One that is open already, to be used if settings want a reader.

    Raises:
        ConfigError: If a model's name has no known form, or a prompt file is not valid.
    """
    if settings.prompts is not None:
        check_prompts(settings.prompts)
    return Answerer(
        retriever,
        model,
        settings,
        reader=None if settings.reader == "none" else reader or open_reader(),
        entailment=open_entailment(settings.nli) if settings.nli else None,
    )
