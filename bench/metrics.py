"""What answers are measured by. Every share lies between 0 and 1."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from citewell.app.quotes import locate
from citewell.app.tuning.intervals import RESAMPLES, Estimate, mean

Span = tuple[int, int]


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
