"""One question on its way to an answer."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from citewell.app.answer_values import (
    AbstentionReason,
    Answer,
    AnswerMode,
    AnswerSentence,
    LeftOut,
    Reading,
    Sent,
    Timings,
)
from citewell.app.checking import Refused, Tie
from citewell.app.composing import Composer
from citewell.app.evidence import Scored
from citewell.app.extracts import Extract
from citewell.app.readings import ReadingOffer
from citewell.app.sufficiency import Fitness, Outcome, Sufficiency, judge_after
from citewell.retrieval.values import SearchResult


@dataclass
class Run:
    """What is known so far.

    Attributes:
        question: As asked.
        searched: The question that is searched and answered: one that stands alone.
        judged: Whether the evidence suffices; None before that is known.
        reason: Why the question is declined, once it is.
        extracts: What most likely answers, to be quoted.
        on_best: Whether a sentence of the draft rests on the best evidence.
        drafted: Sentences that the model wrote.
        supported: Of those, the ones that the evidence supports.
        refused: Whether the model said that the evidence does not tell.
    """

    question: str
    searched: str
    composer: Composer
    begun: float = field(default_factory=time.perf_counter)
    found: SearchResult = field(default_factory=SearchResult)
    judged: Sufficiency | None = None
    reason: AbstentionReason | None = None
    readings: tuple[Reading, ...] = ()
    extracts: Sequence[Extract] = ()
    left_out: list[LeftOut] = field(default_factory=list)
    sent: Sent | None = None
    drafted: int = 0
    supported: int = 0
    on_best: bool = False
    refused: bool = False
    notices: list[str] = field(default_factory=list)
    fault: Literal["unreachable", "failed"] | None = None
    search_ms: float = 0.0
    first_token_ms: float | None = None

    @property
    def standalone(self) -> str | None:
        """The question that is searched, where it is not the one asked."""
        return self.searched if self.searched != self.question else None

    @property
    def said(self) -> list[AnswerSentence]:
        """The sentences of the answer so far."""
        return self.composer.sentences

    def elapsed(self) -> float:
        """Return milliseconds since the question."""
        return (time.perf_counter() - self.begun) * 1000

    def timed(self, pieces: Iterator[str]) -> Iterator[str]:
        """Pass the pieces of a draft on, and note when the first one came."""
        for piece in pieces:
            if self.first_token_ms is None:
                self.first_token_ms = self.elapsed()
            yield piece

    def offer(self, offers: Sequence[ReadingOffer]) -> None:
        """Decline a question that can be read in several ways, with what answers each."""
        cited = ((offer.question, self.composer.cite(offer.evidence)) for offer in offers)
        found = tuple(Reading(question, citation) for question, citation in cited if citation)
        if len(found) > 1:
            self.reason, self.readings = "ambiguous", found

    def note(self, tied: Tie | Refused, added: AnswerSentence | None, best: Scored) -> None:
        """Note what became of a sentence of the draft."""
        self.drafted += 1
        if isinstance(tied, Tie) and added is not None:
            self.supported += 1
            self.on_best = self.on_best or best in tied.evidence

    def judge_draft(self, fitness: Fitness) -> None:
        """Judge once more with what became of the draft; what was said is not taken back."""
        if self.judged is None or self.fault is not None:
            return
        outcome = Outcome(self.refused, self.drafted, self.supported, self.on_best)
        self.judged = judge_after(self.judged, outcome, fitness)
        if not self.supported:
            self.reason = self.judged.reason

    def finished(self, model: str | None) -> Answer:
        """Return the answer; without any sentence that is supported it is an abstention."""
        mode: AnswerMode = "generated" if self.supported else "extractive"
        if not any(sentence.supported for sentence in self.said):
            mode, self.reason = "abstained", self.reason or "not_supported"
        return Answer(
            question=self.question,
            text=self.composer.text,
            mode=mode,
            reason=self.reason,
            sentences=tuple(self.said),
            sources=self.found.passages,
            model=model,
            timings=Timings(self.search_ms, self.first_token_ms, self.elapsed()),
            notices=tuple(self.notices),
            fault=self.fault,
            standalone=self.standalone,
            confidence=self.judged.probability if self.judged else None,
            readings=self.readings,
            left_out=tuple(self.left_out),
            sent=self.sent,
        )
