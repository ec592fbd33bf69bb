"""Two ranked lists of chunks become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.values import Scores, SearchMode

WORDS_WEIGHT = 0.5
"""Weight of the words beside that of the meaning. See bench/README.md for what was tried."""

Hits = Sequence[tuple[int, float]]
"""Chunk keys with their scores, best first."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk's key with what it is ordered by and how it came by that."""

    key: int
    score: float
    scores: Scores


def fuse(mode: SearchMode, lexical: Hits, dense: Hits, limit: int) -> list[Ranked]:
    """Join two ranked lists into one, best first; a tie goes to the chunk stored first.

    In hybrid mode the score is a convex combination of the two, each put in standard deviations
    from its mean over the candidates (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for
    Hybrid Retrieval", ACM TOIS 2023). A chunk that one list left out has there the score of its
    last, or 0 where no more than ``limit`` chunks had any.

    Args:
        mode: Which of the lists count.
        lexical: Chunks with their BM25, best first.
        dense: Chunks with their cosine, best first.
        limit: How many each list was asked for.
    """
    by_word, by_meaning = dict(lexical), dict(dense)
    joined = _joined(by_word, by_meaning, limit) if mode == "hybrid" else {}
    order: Mapping[int, float] = {"lexical": by_word, "dense": by_meaning, "hybrid": joined}[mode]
    places = {"lexical": _places(lexical), "dense": _places(dense)}
    best_first = sorted(order.items(), key=lambda item: (-item[1], item[0]))
    return [
        Ranked(
            key,
            score,
            Scores(
                lexical=by_word.get(key),
                dense=by_meaning.get(key),
                fused=joined.get(key),
                lexical_rank=places["lexical"].get(key),
                dense_rank=places["dense"].get(key),
                fused_rank=place if joined else None,
            ),
        )
        for place, (key, score) in enumerate(best_first, 1)
    ]


def _places(hits: Hits) -> dict[int, int]:
    return {key: place for place, (key, _) in enumerate(hits, 1)}


def _joined(
    by_word: Mapping[int, float], by_meaning: Mapping[int, float], limit: int
) -> dict[int, float]:
    # In order: how numbers are added up shows in the last digits, and keys tell of other chunks.
    keys = sorted(by_word.keys() | by_meaning.keys())
    no_word = min(by_word.values()) if len(by_word) >= limit else 0.0
    no_meaning = min(by_meaning.values(), default=0.0)
    words = _standard([by_word.get(key, no_word) for key in keys])
    meaning = _standard([by_meaning.get(key, no_meaning) for key in keys])
    scores = WORDS_WEIGHT * words + (1 - WORDS_WEIGHT) * meaning
    return dict(zip(keys, scores.tolist(), strict=True))


def _standard(scores: Sequence[float]) -> NDArray[np.float64]:
    """Return scores in standard deviations from their mean; all 0 where they are the same."""
    found = np.array(scores, dtype=np.float64)
    if not found.size:
        return found
    standard: NDArray[np.float64] = (found - found.mean()) / (found.std() or 1.0)
    return standard
