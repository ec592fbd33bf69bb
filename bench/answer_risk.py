"""What declining buys: how many wrong answers are held back for how many right ones."""

from collections.abc import Sequence

import numpy as np

from bench.replies import Judged
from citewell.app.tuning import intervals
from citewell.app.tuning.intervals import Estimate

FALSE = 0.15
"""Share of the answerable questions that may be declined."""


def confidence_of(judged: Judged) -> float:
    """Return how sure a system is; of one that does not say, whether it answered."""
    given = judged.reply.confidence
    return float(not judged.reply.declined) if given is None else given


def may_be_declined(judged: Judged) -> bool:
    """Tell whether a question counts here; one that is to be asked back does not."""
    return judged.question.kind != "underspecified"


def declined_at(judged: Sequence[Judged], allowed: float = FALSE, seed: int = 0) -> Estimate:
    """Return the share of the unanswerable declined by the highest threshold that is allowed.

    It declines what is less sure than itself, and so at most the share ``allowed`` of the
    answerable ones.
    """
    counted = [each for each in judged if may_be_declined(each)]
    sure = [confidence_of(each) for each in counted if each.question.answerable]
    unsure = [confidence_of(each) for each in counted if not each.question.answerable]
    return intervals.declined_at(sure, unsure, allowed, seed)


def risks(judged: Sequence[Judged]) -> list[float]:
    """Return the share of wrong answers among the first, the first two and so on, surest first.

    A reply that declined counts as a wrong answer where its turn comes; of several as sure as
    each other each has the mean of them.
    """
    counted = [each for each in judged if may_be_declined(each)]
    if not counted:
        return []
    sure = np.array([confidence_of(each) for each in counted])
    wrong = np.array([not each.right for each in counted], dtype=np.float64)
    for value in np.unique(sure):
        wrong[sure == value] = wrong[sure == value].mean()
    ordered = wrong[np.argsort(-sure, kind="stable")]
    return list((np.cumsum(ordered) / np.arange(1, len(ordered) + 1)).tolist())


def area(judged: Sequence[Judged], seed: int = 0) -> Estimate:
    """Return the area under the curve of risk and coverage (Geifman and El-Yaniv, 2017)."""
    curve = risks(judged)
    if not curve:
        return Estimate(np.nan, np.nan, np.nan, 0)
    generator = np.random.default_rng(seed)
    counted = [each for each in judged if may_be_declined(each)]
    drawn = [
        float(
            np.mean(risks([counted[i] for i in generator.integers(0, len(counted), len(counted))]))
        )
        for _ in range(200)
    ]
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Estimate(float(np.mean(curve)), float(low), float(high), len(curve))
