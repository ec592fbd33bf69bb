"""Whether the evidence answers the question at all, judged before any model is asked.

Scores alone do not tell (others measured F1 0.38 with them), so several signals are joined by a
logistic model. It says nothing about documents unlike those it was fitted on; a collection can
be given a threshold of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from citewell.app.answer_values import AbstentionReason
from citewell.app.evidence import Scored
from citewell.app.features import Question
from citewell.retrieval.words import stems, words

THRESHOLD = 0.33
"""Least probability at which a question is answered: on the questions it was fitted on, one
answerable question in ten is then declined (``bench/fit_evidence.py``)."""

_OFF_TOPIC = 0.3
"""Similarity of the best passage below which the documents are about something else."""

_UNSEEN = 0.999
"""Rarity of a word that stands in no chunk."""

_KNOWN = 0.5
"""Share of the question's content that some chunk must hold for it to match at all."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the judgement rests on; each lies between 0 and 1.

    Attributes:
        around: Share of the question's content in the best sentence and its surroundings.
        similarity: Greatest cosine of question and sentence.
        passage: Greatest cosine of question and passage.
        rarest: 1 when the question's rarest word stands in the first passage, else 0.
        known: Share of the question's content words that stand anywhere in the collection.
    """

    around: float
    similarity: float
    passage: float
    rarest: float
    known: float


def signals(question: Question, evidence: Sequence[Scored]) -> Signals:
    """Read the signals off the scored sentences, best first; there must be at least one."""
    first = min((item.candidate.passage for item in evidence), key=lambda p: p.rank)
    rarest = max(question.weights, key=lambda stem: question.weights[stem], default="")
    known = [weight < _UNSEEN for weight in question.weights.values()]
    return Signals(
        around=evidence[0].features.around,
        similarity=max(item.features.similarity for item in evidence),
        passage=max(item.features.passage for item in evidence),
        rarest=float(rarest in stems(words(f"{first.text} {first.title}"))),
        known=sum(known) / max(1, len(known)),
    )


COEFFICIENTS = Signals(around=2.02, similarity=1.73, passage=3.9, rarest=0.49, known=0.0)
"""Of the logistic model, fitted by ``bench/fit_evidence.py``. ``known`` only names the reason."""

INTERCEPT = -4.86


def probability(found: Signals) -> float:
    """Return the probability that the evidence answers the question."""
    pairs = zip(astuple(COEFFICIENTS), astuple(found), strict=True)
    logit = INTERCEPT + sum(weight * value for weight, value in pairs)
    return 1 / (1 + math.exp(-logit))


def reason_to_decline(
    question: Question, evidence: Sequence[Scored], threshold: float = THRESHOLD
) -> AbstentionReason | None:
    """Return why the question cannot be answered from the evidence, or None if it can."""
    if not evidence:
        return "no_match"
    found = signals(question, evidence)
    if probability(found) >= threshold:
        return None
    if found.known < _KNOWN:
        return "no_match"
    return "off_topic" if found.passage < _OFF_TOPIC else "weak_match"
