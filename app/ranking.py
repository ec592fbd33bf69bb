"""The weights that rank the evidence, fitted by ``bench/fit_evidence.py``."""

from dataclasses import astuple

import numpy as np
from numpy.typing import NDArray

from citewell.app.features import Features

Array = NDArray[np.float64]

WEIGHTS = Features(
    coverage=2.9,
    around=4.4,
    similarity=2.6,
    rank=1.35,
    passage=3.7,
    kind=1.2,
    early=0.4,
    brief=-0.25,
)
"""A softmax over each question's units, with the probability of those that hold the answer as
large as can be (a listwise loss: Cao et al., 2007)."""

NULL = 0.0
"""Score of the option that no unit holds the answer."""


def scores(rows: Array) -> Array:
    """Return how much each unit of a question bears on it. Takes shape ``(units, features)``."""
    found: Array = rows @ np.array(astuple(WEIGHTS))
    return found


def probabilities(values: Array) -> Array:
    """Return the probability of each unit that it holds the answer, beside that none does."""
    options = np.append(values, NULL)
    raised = np.exp(options - options.max())
    found: Array = raised[:-1] / raised.sum()
    return found
