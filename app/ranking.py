"""The weights that rank the evidence, fitted by ``bench/fit_evidence.py``.

The score of a unit is the weighted sum of its features. A softmax over the units of a question
and the option that none holds the answer gives their probabilities; the weights make the units
that do as probable as can be (a listwise loss: Cao et al., 2007).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from citewell.app.features import Features

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How units are ranked.

    Attributes:
        weights: Of each feature.
        null: Score of the option that no unit holds the answer.
    """

    weights: Features
    null: float

    def scores(self, found: Sequence[Features]) -> Array:
        """Return how much each unit bears on its question."""
        rows = np.array([each.values() for each in found])
        values: Array = rows @ np.array(astuple(self.weights))
        return values

    def probabilities(self, scores: Array) -> Array:
        """Return for each unit of a question the probability that it holds the answer."""
        options = np.append(scores, self.null)
        raised = np.exp(options - options.max())
        shares: Array = raised[:-1] / raised.sum()
        return shares


BY_WORDS = Ranking(
    Features(
        coverage=2.31,
        around=4.04,
        similarity=2.95,
        rank=2.35,
        passage=4.41,
        kind=1.47,
        early=-0.25,
        brief=0.47,
        tight=-0.46,
        order=0.87,
        long=0.62,
        new=-0.22,
        first=1.14,
        titled=0.23,
    ),
    null=8.31,
)
"""Where no reader reads."""

BY_READING = Ranking(
    Features(
        coverage=0.64,
        around=0.82,
        similarity=0.0,
        rank=2.4,
        passage=1.31,
        kind=0.61,
        early=0.0,
        brief=0.0,
        tight=0.53,
        order=0.82,
        reads=0.37,
        answers=0.02,
        spans=0.18,
        unread=-2.51,
    ),
    null=0.13,
)
"""Where a reader has read the best passages; the similarity of units then adds nothing."""
