"""Figures with their 95 % intervals."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
"""Of the bootstrap."""

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""Of the last axis, so that all resamples are worked out at once."""


def mean(values: Floats) -> Floats:
    """Return the mean."""
    return np.asarray(np.mean(values, axis=-1))


def percentile(share: float) -> Statistic:
    """Return the statistic below which this share of the values lies; 0.5 is the median."""
    return lambda values: np.asarray(np.percentile(values, 100 * share, axis=-1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value over so many cases, with its 95 % interval; all NaN when there are no cases."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        if not self.count:
            return "- (n = 0)"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}] (n = {self.count})"


def estimate(values: Sequence[float], statistic: Statistic = mean, seed: int = 0) -> Estimate:
    """Return a statistic with the interval of the percentile bootstrap (Efron, 1979)."""
    if not values:
        return Estimate(math.nan, math.nan, math.nan, 0)
    data = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(seed).integers(0, len(data), (RESAMPLES, len(data)))
    low, high = np.percentile(statistic(data[picks]), (2.5, 97.5))
    return Estimate(float(statistic(data)), float(low), float(high), len(data))


def declined_at(
    sure: Sequence[float], unsure: Sequence[float], allowed: float, seed: int = 0
) -> Estimate:
    """Return the share of the unanswerable declined by the highest threshold that is allowed.

    It declines what is less sure than itself, and so at most the share ``allowed`` of the
    answerable ones.

    Args:
        sure: How sure there is an answer, of each answerable question.
        unsure: Of each unanswerable one.
        allowed: Share of the answerable questions that may be declined.
        seed: Of the bootstrap.
    """
    if not len(sure) or not len(unsure):
        return Estimate(math.nan, math.nan, math.nan, 0)
    with_answer, without = np.asarray(sure, np.float64), np.asarray(unsure, np.float64)
    generator = np.random.default_rng(seed)
    one = with_answer[generator.integers(0, len(sure), (RESAMPLES, len(sure)))]
    other = without[generator.integers(0, len(unsure), (RESAMPLES, len(unsure)))]
    low, high = np.percentile(_declined(one, other, allowed), (2.5, 97.5))
    value = float(_declined(with_answer, without, allowed))
    return Estimate(value, float(low), float(high), len(unsure))


def _declined(sure: Floats, unsure: Floats, allowed: float) -> Floats:
    place = int(allowed * sure.shape[-1])
    threshold = np.sort(sure, axis=-1)[..., place : place + 1]
    return np.asarray(np.mean(unsure < threshold, axis=-1))
