"""Means over questions and over sets, and their differences, with intervals of the bootstrap.

Questions are drawn again within their set, and the same ones for every system: differences are
paired. Intervals are percentiles (Efron, 1979).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from citewell.app.tuning.intervals import RESAMPLES, Estimate

Floats = NDArray[np.float64]
Scores = Mapping[str, Mapping[str, Sequence[float]]]
"""Of one measure: by set, by system, one for each question, in the same order for all systems."""

BATCH = 100
"""Resamples worked out at a time, which keeps memory low."""


class Means:
    """The mean scores of each system on each set.

    Args:
        families: The family of each set: the sets of one weigh as much as one set of another.
    """

    def __init__(self, scores: Scores, families: Mapping[str, str], seed: int = 0) -> None:
        self.sets = list(scores)
        self.systems = list(next(iter(scores.values())))
        self.counts = {name: len(next(iter(of.values()))) for name, of in scores.items()}
        sizes = Counter(families[name] for name in self.sets)
        self._weights = np.array([1 / sizes[families[name]] for name in self.sets]) / len(sizes)
        generator = np.random.default_rng(seed)
        values, drawn = [], []
        for name in self.sets:
            table = np.array([scores[name][system] for system in self.systems])
            values.append(table.mean(axis=1))
            drawn.append(_resampled(table, generator))
        self._values = np.stack(values)
        self._drawn = np.stack(drawn, axis=1)

    def of(self, name: str, system: str) -> Estimate:
        """Return the mean of a system on a set."""
        row, column = self.sets.index(name), self.systems.index(system)
        return self._estimate(lambda means: means[..., row, column], self.counts[name])

    def overall(self, system: str) -> Estimate:
        """Return the mean of a system over the sets."""
        column = self.systems.index(system)
        return self._estimate(lambda means: self._over_sets(means)[..., column])

    def lead(self, name: str, system: str, other: str) -> Estimate:
        """Return by how much a system is above another on a set."""
        row = self.sets.index(name)
        one, two = self.systems.index(system), self.systems.index(other)
        return self._estimate(
            lambda means: means[..., row, one] - means[..., row, two], self.counts[name]
        )

    def overall_lead(self, system: str, others: Mapping[str, str]) -> Estimate:
        """Return by how much a system is above others over the sets; ``others`` has one a set."""
        column = self.systems.index(system)
        rows = np.arange(len(self.sets))
        columns = np.array([self.systems.index(others[name]) for name in self.sets])
        return self._estimate(
            lambda means: (means[..., :, column] - means[..., rows, columns]) @ self._weights
        )

    def best(self, name: str, among: Sequence[str]) -> str:
        """Return the system with the greatest mean on a set; of equal ones the first."""
        row = self.sets.index(name)
        return max(among, key=lambda system: self._values[row, self.systems.index(system)])

    def best_overall(self, among: Sequence[str]) -> str:
        """Return the system with the greatest mean over the sets."""
        means = self._over_sets(self._values)
        return max(among, key=lambda system: means[self.systems.index(system)])

    def _over_sets(self, means: Floats) -> Floats:
        return np.tensordot(means, self._weights, axes=(-2, 0))

    def _estimate(self, of: Callable[[Floats], Floats], count: int | None = None) -> Estimate:
        low, high = np.percentile(of(self._drawn), (2.5, 97.5))
        asked = sum(self.counts.values()) if count is None else count
        return Estimate(float(of(self._values)), float(low), float(high), asked)


def _resampled(table: Floats, generator: np.random.Generator) -> Floats:
    """Return the means of resampled questions, of shape ``(resamples, systems)``."""
    systems, questions = table.shape
    means = np.empty((RESAMPLES, systems))
    for begin in range(0, RESAMPLES, BATCH):
        rows = min(BATCH, RESAMPLES - begin)
        picks = generator.integers(0, questions, (rows, questions))
        means[begin : begin + rows] = table[:, picks].mean(axis=2).T
    return means
