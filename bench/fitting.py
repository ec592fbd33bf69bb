"""Two small fits of a softmax over each question's units, and a logistic model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped, unused-ignore]
from scipy.special import (  # type: ignore[import-untyped, unused-ignore]
    expit,
    logsumexp,
    softmax,
)

Array = NDArray[np.float64]


def fit_listwise(
    lists: Sequence[tuple[Array, NDArray[np.bool_]]],
    penalty: float = 1e-3,
    before: Array | None = None,
) -> Array:
    """Return weights under which the wanted rows of each list are most probable.

    The probability of a row is the softmax of its weighted sum over its list (the listwise loss
    of Cao et al., ICML 2007). Lists without a wanted row, or of nothing else, teach nothing.

    Args:
        lists: Of each question the rows, shape ``(sentences, features)``, and which are wanted.
        penalty: Of the sum of the squared differences from the weights before.
        before: What the weights were; by default 0.
    """
    useful = [(rows, wanted) for rows, wanted in lists if wanted.any() and not wanted.all()]
    if not useful:
        raise SystemExit("No question has both a sentence that answers it and one that does not.")

    begun = np.zeros(useful[0][0].shape[1]) if before is None else before

    def loss(weights: Array) -> tuple[float, Array]:
        total, slope = 0.0, np.zeros_like(weights)
        for rows, wanted in useful:
            scores = rows @ weights
            total += float(logsumexp(scores) - logsumexp(scores[wanted]))
            slope += softmax(scores) @ rows - softmax(scores[wanted]) @ rows[wanted]
        moved = weights - begun
        cost = total / len(useful) + penalty * float(moved @ moved)
        return cost, slope / len(useful) + 2 * penalty * moved

    found = minimize(loss, begun, jac=True, method="L-BFGS-B")
    weights: Array = found.x
    return weights


def fit_null(lists: Sequence[tuple[Array, NDArray[np.bool_]]]) -> tuple[float, float]:
    """Return by what to multiply scores, and the score of no unit holding what is wanted.

    With both, a softmax over a list and that option gives the likeliest probabilities.

    Args:
        lists: Of each question the scores, shape ``(units,)``, and which are wanted, maybe none.
    """

    def loss(found: Array) -> float:
        scale, null = found
        total = 0.0
        for scores, wanted in lists:
            held = scale * scores[wanted] if wanted.any() else np.array([null])
            total += float(logsumexp(np.append(scale * scores, null)) - logsumexp(held))
        return total / len(lists)

    scale, null = minimize(loss, np.array([1.0, 4.0]), method="Nelder-Mead").x
    return float(scale), float(null)


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model: ``probability = 1 / (1 + exp(-(rows @ coefficients + intercept)))``."""

    coefficients: Array
    intercept: float

    def probability(self, rows: Array) -> Array:
        """Return the probability of each row, shape ``(len(rows),)``."""
        found: Array = expit(rows @ self.coefficients + self.intercept)
        return found
