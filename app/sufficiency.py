"""Whether the evidence answers the question at all, judged before and after a model is asked.

Scores alone do not tell: a passage can speak of just what is asked for and yet not say it. So
several signals are joined by a logistic model whose coefficients may not be negative: with all
else equal, a greater signal never makes an answer less probable.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from citewell.app.answer_values import AbstentionReason
from citewell.app.evidence import Scored
from citewell.app.features import Question
from citewell.app.signals import Signals, read_signals, was_read

MODEL_VERSION = 1
"""Raised with the coefficients: a calibration made with others says nothing of these."""

_OFF_TOPIC = 0.3
"""Similarity of the best passage below which the documents are about something else."""

_KNOWN = 0.5
"""Share of the question's content that some chunk must hold for it to match at all, and that no
unit near the top may hold if the documents are about something else: cosines alone say so of
languages that the embedding model does not read."""

NO_EVIDENCE = -12.0
"""Log-odds of an answer where there is no evidence."""

_STEEP = 4.0
"""Log-odds at which a reader's word is worth half of all that it can be worth."""


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model of the signals.

    Attributes:
        weights: Of each signal, at least 0.
        intercept: Log-odds where all signals are 0.
        threshold: Least probability at which a question is answered: on the questions that the
            model was fitted to, one answerable question in twenty is then declined.
    """

    weights: Signals
    intercept: float
    threshold: float

    def log_odds(self, found: Signals) -> float:
        """Return the log-odds that the evidence answers the question."""
        pairs = zip(self.weights.values(), scaled(found).values(), strict=True)
        return self.intercept + sum(weight * value for weight, value in pairs)


BY_WORDS = Model(
    Signals(
        similarity=0.95,
        passage=5.55,
        lead=4.79,
        ahead=0.0,
        coverage=1.21,
        names=0.37,
        numbers=0.86,
        agreed=0.27,
        known=0.0,
    ),
    intercept=-6.73,
    threshold=0.29,
)
"""Where no reader has read the evidence. Fitted by ``bench/fit_sufficiency.py``. What share
of the question is known only names the reason."""

BY_READING = Model(
    Signals(
        similarity=0.69,
        passage=4.05,
        lead=3.49,
        ahead=0.0,
        coverage=0.88,
        names=0.27,
        numbers=0.63,
        agreed=0.2,
        known=0.0,
        answers=1.65,
    ),
    intercept=-4.82,
    threshold=0.277,
)
"""Where a reader has."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a collection's own questions say of the model's log-odds.

    The probability is ``1 / (1 + exp(-(slope * log_odds + offset)))`` (Platt, 1999).

    Attributes:
        slope: Above 0, so that the order of questions stays.
        threshold: Least probability at which a question is answered; None for that of the model.
    """

    slope: float = 1.0
    offset: float = 0.0
    threshold: float | None = None


AS_FITTED = Calibration()
"""For a collection that was not calibrated."""


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """A judgement.

    Attributes:
        probability: That the evidence answers the question; 0 without evidence.
        threshold: Least probability at which the question is answered.
        reason: Why it is declined; None when it is not.
        signals: What the judgement rests on; None without evidence.
    """

    probability: float
    threshold: float
    reason: AbstentionReason | None
    signals: Signals | None = None

    @property
    def suffices(self) -> bool:
        """Whether the question is to be answered."""
        return self.reason is None


def judge(
    question: Question, scored: Sequence[Scored], calibration: Calibration | None = None
) -> Sufficiency:
    """Judge, before any model is asked, whether the evidence answers a question.

    Args:
        scored: As `gather` returns it, best first; may be empty.
        calibration: Of the collection; None for the model as it was fitted.
    """
    chosen = calibration or AS_FITTED
    model = _model_for(scored)
    least = model.threshold if chosen.threshold is None else chosen.threshold
    if not scored:
        return Sufficiency(0.0, least, "no_match")
    found = read_signals(question, scored)
    value = probability(chosen.slope * model.log_odds(found) + chosen.offset)
    return Sufficiency(value, least, None if value >= least else _reason(found), found)


def judge_log_odds(question: Question, scored: Sequence[Scored]) -> float:
    """Return the log-odds that a calibration starts from; far below 0 without evidence."""
    if not scored:
        return NO_EVIDENCE
    return _model_for(scored).log_odds(read_signals(question, scored))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a model's draft.

    Attributes:
        refused: The model said that the evidence does not tell.
        drafted: Sentences that it wrote.
        supported: Of those, the ones that the evidence supports.
        on_best: Whether one of these rests on the best of the evidence.
    """

    refused: bool = False
    drafted: int = 0
    supported: int = 0
    on_best: bool = False


@dataclass(frozen=True, slots=True)
class Fitness:
    """What a model's drafts tell of the evidence, as log-odds that it does not answer.

    Attributes:
        refusal: Of a refusal; 0 for a model that refuses what it could answer as often.
        unsupported: Of a draft with no sentence that the evidence supports.
        elsewhere: Of a draft that rests on other evidence than the best.
    """

    refusal: float
    unsupported: float
    elsewhere: float


UNTESTED = Fitness(refusal=1.0, unsupported=0.5, elsewhere=0.0)
"""For a model that has not been tested: its refusal is a hint."""

NO_HINT = Fitness(refusal=0.0, unsupported=0.0, elsewhere=0.0)
"""For the bundled model. As it comes it refuses whether or not the evidence answers. Taught, it
refuses 4.2 times as often where it does not, but only of questions like those it was taught with:
of those about the demonstration's documents its draft came to nothing for 0.58 that they answer,
and for 0.40 of the others."""


def judge_after(judged: Sufficiency, outcome: Outcome, fitness: Fitness = UNTESTED) -> Sufficiency:
    """Judge once more with what became of the draft; it never makes an answer more probable."""
    if judged.signals is None:
        return judged
    against = _against(outcome, fitness)
    if against <= 0:
        return judged
    value = probability(_log_odds(judged.probability) - against)
    reason = judged.reason or (None if value >= judged.threshold else "not_supported")
    return replace(judged, probability=value, reason=reason)


def probability(log_odds: float) -> float:
    """Return the probability of log-odds; far out it is 0 or 1."""
    bounded = min(max(log_odds, -700.0), 700.0)
    return 1 / (1 + math.exp(-bounded))


def scaled(found: Signals) -> Signals:
    """Return the signals as the model weighs them: log-odds run from -1 to 1, ever slower."""
    return replace(found, answers=found.answers / (_STEEP + abs(found.answers)))


def _model_for(scored: Sequence[Scored]) -> Model:
    return BY_READING if was_read(scored) else BY_WORDS


def _reason(found: Signals) -> AbstentionReason:
    if found.known < _KNOWN:
        return "no_match"
    apart = found.passage < _OFF_TOPIC and found.coverage < _KNOWN
    return "off_topic" if apart else "weak_match"


def _against(outcome: Outcome, fitness: Fitness) -> float:
    if outcome.refused:
        return fitness.refusal
    if _is_unsupported(outcome):
        return fitness.unsupported
    return fitness.elsewhere if _is_elsewhere(outcome) else 0.0


def _is_unsupported(outcome: Outcome) -> bool:
    return not outcome.refused and outcome.drafted > 0 and outcome.supported == 0


def _is_elsewhere(outcome: Outcome) -> bool:
    return not outcome.refused and outcome.supported > 0 and not outcome.on_best


def _log_odds(value: float) -> float:
    inside = min(max(value, 1e-12), 1 - 1e-12)
    return math.log(inside / (1 - inside))
