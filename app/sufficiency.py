"""Whether the evidence answers the question at all, judged before any model is asked.

The closest sentence and the closest passage, by meaning, are joined by a logistic model. What share
of the question's words the evidence holds is left out: it helps where questions repeat the words
of the documents, and declines those that put it in other words. The model says nothing about
documents unlike those it was fitted on; a collection can be given a threshold of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from citewell.app.answer_values import AbstentionReason
from citewell.app.evidence import Scored, concerns
from citewell.app.features import Question

THRESHOLD = 0.25
"""Least probability at which a question is answered: on the questions it was fitted on, one
answerable question in twenty is then declined (``bench/fit_evidence.py``)."""

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
        similarity: Greatest cosine of question and sentence.
        passage: Greatest cosine of question and passage.
        known: Share of the question's content words that stand anywhere in the collection.
    """

    similarity: float
    passage: float
    known: float


def signals(question: Question, evidence: Sequence[Scored]) -> Signals:
    """Read the signals off the scored sentences, best first; there must be at least one."""
    known = [weight < _UNSEEN for weight in question.weights.values()]
    return Signals(
        similarity=max(item.features.similarity for item in evidence),
        passage=max(item.features.passage for item in evidence),
        known=sum(known) / max(1, len(known)),
    )


COEFFICIENTS = Signals(similarity=3.27, passage=5.11, known=0.0)
"""Of the logistic model, fitted by ``bench/fit_evidence.py``. ``known`` only names the reason."""

INTERCEPT = -4.91


def probability(found: Signals) -> float:
    """Return the probability that the evidence answers the question."""
    pairs = zip(astuple(COEFFICIENTS), astuple(found), strict=True)
    logit = INTERCEPT + sum(weight * value for weight, value in pairs)
    return 1 / (1 + math.exp(-logit))


def reason_to_decline(
    question: Question, evidence: Sequence[Scored], threshold: float = THRESHOLD
) -> AbstentionReason | None:
    """Return why the question cannot be answered from the evidence, or None if it can.

    Evidence, best first, that speaks of nothing the question names is off its topic; on SQuAD 2.0
    that alone declines 12 % of the unanswerable questions and 2 % of the answerable ones.
    """
    if not evidence:
        return "no_match"
    if not concerns(question, evidence[0].candidate.passage):
        return "off_topic"
    found = signals(question, evidence)
    if probability(found) >= threshold:
        return None
    if found.known < _KNOWN:
        return "no_match"
    return "off_topic" if found.passage < _OFF_TOPIC else "weak_match"
