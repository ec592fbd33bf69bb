"""How good a ranking is, from 0 to 1, by judgements of what should be in it.

The measures are those of trec_eval, which is how BEIR and most papers report them: gains are
linear, and discounted by the logarithm of the rank (Järvelin and Kekäläinen, ACM TOIS 2002).
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

Gold = Mapping[Any, float]
"""What should be found, such as names of documents, with its gain, which is above 0."""


def ndcg(gold: Gold, ranked: Sequence[Hashable], cutoff: int = 10) -> float:
    """Return the discounted gain of the first ``cutoff``, as a share of the most possible."""
    found = _discounted(gold.get(each, 0.0) for each in ranked[:cutoff])
    return found / _discounted(sorted(gold.values(), reverse=True)[:cutoff])


def recall(gold: Gold, ranked: Sequence[Hashable], cutoff: int = 5) -> float:
    """Return the share of the gold that is among the first ``cutoff``, whatever the gains."""
    return len(gold.keys() & set(ranked[:cutoff])) / len(gold)


def reciprocal_rank(gold: Gold, ranked: Sequence[Hashable], cutoff: int = 10) -> float:
    """Return one over the rank of the first gold; 0 if there is none up to ``cutoff``."""
    return next((1 / rank for rank, each in enumerate(ranked[:cutoff], 1) if each in gold), 0.0)


def hit(gold: Gold, ranked: Sequence[Hashable]) -> float:
    """Return 1 if any gold is there, else 0."""
    return float(any(each in gold for each in ranked))


def _discounted(gains: Iterable[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
