"""What answers are measured by. Every share lies between 0 and 1."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from citewell.app.quotes import locate
from citewell.retrieval.words import words

RESAMPLES = 2_000
"""Of the bootstrap."""

Span = tuple[int, int]
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


def mean_over(groups: Sequence[Sequence[float]], seed: int = 0) -> Estimate:
    """Return the mean of the means of several groups; values are drawn again within each."""
    given = [np.asarray(values, dtype=np.float64) for values in groups if values]
    if not given:
        return Estimate(math.nan, math.nan, math.nan, 0)
    generator = np.random.default_rng(seed)
    picks = [generator.integers(0, len(data), (RESAMPLES, len(data))) for data in given]
    drawn = np.mean([mean(data[rows]) for data, rows in zip(given, picks, strict=True)], axis=0)
    low, high = np.percentile(drawn, (2.5, 97.5))
    value = float(np.mean([mean(data) for data in given]))
    return Estimate(value, float(low), float(high), sum(map(len, given)))


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Tell whether a text holds an accepted answer as whole words, case and marks aside.

    The articles are left out on both sides, as in the evaluation of SQuAD (Rajpurkar et al.,
    2016).
    """
    said = _plain(text)
    return any(wanted.strip() and wanted in said for wanted in map(_plain, answers))


def _plain(text: str) -> str:
    kept = [word for word in words(text) if word not in {"a", "an", "the"}]
    return f" {' '.join(kept)} "


def gold_spans(passages: Sequence[str], text: str) -> list[Span]:
    """Return where gold passages stand in a document's text.

    The bars between the cells of a table count as white space on both sides: a PDF has none.
    """
    plain = text.replace("|", " ")
    found = (locate(passage.replace("|", " "), plain) for passage in passages)
    return [span for span in found if span]


def overlaps(span: Span, others: Sequence[Span]) -> bool:
    """Tell whether a span shares a character with one of the others."""
    return any(span[0] < end and start < span[1] for start, end in others)


def area_under_curve(scores: ArrayLike, positive: ArrayLike) -> float:
    """Return the probability that a positive case scores above another; a tie counts half."""
    values, is_positive = np.asarray(scores, float), np.asarray(positive, bool)
    above = values[is_positive][:, None] - values[~is_positive][None, :]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))
