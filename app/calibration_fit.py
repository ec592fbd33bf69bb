"""Fit a probability and a threshold to questions of which it is known whether they are answered.

Both kinds of questions weigh the same, however many there are of either: a probability of 0.5 says
that an answer is as likely as none where both are asked as often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citewell.app.sufficiency import Calibration

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

BINS = 10
"""Of the probabilities, for the calibration error."""

_PRIOR = 8.0
"""How many questions' worth of trust the model as it was fitted has."""

_LEAST_SLOPE = 0.1
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Measured:
    """Log-odds of the shipped model for each question, and whether the documents answer it."""

    log_odds: Array
    answerable: Flags

    @property
    def weights(self) -> Array:
        """Of each question; they add up to the number of questions, half of it for each kind."""
        kinds = (self.answerable, ~self.answerable)
        found: Array = sum(0.5 * len(kind) * kind / max(1, kind.sum()) for kind in kinds)
        return found


@dataclass(frozen=True, slots=True)
class Figures:
    """How well questions are told apart. All shares lie between 0 and 1.

    Attributes:
        declined: Share of the unanswerable questions that is declined.
        falsely: Share of the answerable questions that is declined.
        area: Probability that an answerable question scores above another (area under the ROC).
        error: Expected calibration error, in `BINS` bins (Naeini et al., 2015).
    """

    declined: float
    falsely: float
    area: float
    error: float


@dataclass(frozen=True, slots=True)
class Point:
    """Of the risk-coverage curve (El-Yaniv and Wiener, 2010): at some threshold.

    Attributes:
        coverage: Share of all questions that is answered.
        risk: Share of the answered ones that the documents do not answer.
    """

    coverage: float
    risk: float


def fit(measured: Measured, share: float) -> Calibration:
    """Fit slope, offset and threshold (Platt, 1999), held near the shipped model by a prior.

    Args:
        measured: With at least one question of each kind.
        share: Of the answerable questions, at most, that the threshold declines.
    """
    slope, offset = _platt(measured)
    found = Calibration(slope, offset)
    values = probabilities(measured.log_odds, found)
    return Calibration(slope, offset, threshold_at(values[measured.answerable], share))


def threshold_at(answerable: Array, share: float) -> float:
    """Return the greatest threshold that declines at most this share of the probabilities."""
    return float(np.sort(answerable)[min(int(share * len(answerable)), len(answerable) - 1)])


def probabilities(log_odds: Array, calibration: Calibration) -> Array:
    """Return the calibrated probabilities."""
    logits = np.clip(calibration.slope * log_odds + calibration.offset, -700, 700)
    found: Array = 1 / (1 + np.exp(-logits))
    return found


def crossed(measured: Measured, share: float, folds: int, seed: int) -> tuple[Array, Flags]:
    """Return of each question its probability and whether it is declined, as fitted to others.

    What is fitted to a question says nothing of how it does on the next.
    """
    places = np.random.default_rng(seed).permutation(len(measured.log_odds)) % folds
    values, declined = np.zeros(len(places)), np.zeros(len(places), dtype=bool)
    for fold in range(folds):
        out = places == fold
        known = Measured(measured.log_odds[~out], measured.answerable[~out])
        if known.answerable.all() or not known.answerable.any():
            known = measured
        found = fit(known, share)
        values[out] = probabilities(measured.log_odds[out], found)
        declined[out] = values[out] < (found.threshold or 0.0)
    return values, declined


def figures(measured: Measured, values: Array, declined: Flags) -> Figures:
    """Return how well these probabilities and decisions do."""
    asked = measured.answerable
    return Figures(
        declined=float(declined[~asked].mean()),
        falsely=float(declined[asked].mean()),
        area=area(values, asked),
        error=calibration_error(values, asked, measured.weights),
    )


def area(values: Array, answerable: Flags) -> float:
    """Return the probability that an answerable question has the greater value; ties count half."""
    above = values[answerable][:, None] - values[~answerable][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def calibration_error(values: Array, answerable: Flags, weights: Array) -> float:
    """Return the mean distance of probability and share of answerable questions, over the bins."""
    places = np.minimum((values * BINS).astype(int), BINS - 1)
    gaps = (weights * (values - answerable))[:, None] * (places[:, None] == np.arange(BINS))
    return float(np.abs(gaps.sum(axis=0)).sum() / weights.sum())


def curve(values: Array, answerable: Flags) -> list[Point]:
    """Return the risk at each coverage, from the surest question on."""
    order = np.argsort(-values, kind="stable")
    counts = np.arange(1, len(order) + 1)
    risks = np.cumsum(~answerable[order]) / counts
    return [
        Point(float(count / len(order)), float(risk))
        for count, risk in zip(counts, risks, strict=True)
    ]


def area_under(points: Sequence[Point]) -> float:
    """Return the mean risk over all coverages."""
    return float(np.mean([each.risk for each in points]))


def _platt(measured: Measured) -> tuple[float, float]:
    """Return slope and offset, by Newton's method; the loss is convex."""
    table = np.column_stack([measured.log_odds, np.ones(len(measured.log_odds))])
    weights, wanted = measured.weights, measured.answerable.astype(float)
    start = np.array([1.0, 0.0])
    found = start.copy()
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(table @ found, -700, 700)))
        slope = table.T @ (weights * (chance - wanted)) + _PRIOR * (found - start)
        bend = table.T @ ((weights * chance * (1 - chance))[:, None] * table) + _PRIOR * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found = found - np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-9:
            break
    return max(_LEAST_SLOPE, float(found[0])), float(found[1])
