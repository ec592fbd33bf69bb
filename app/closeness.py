"""Whether the words of a sentence stand together in its source, and not just somewhere in it.

Words that are all there can still be put together into something the source does not say. Words
that are neighbours in the sentence must be near each other in the source: the idea of proximity
scoring (Tao and Zhai, SIGIR 2007) turned into a condition.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

WINDOW = 6
"""Content words within which two neighbours of the sentence must stand in the source."""

LEAST_CLOSENESS = 0.6
"""Share of the neighbours that must; a paraphrase turns some of them around."""

_LOOP = 8


def closeness(said: Sequence[str], held: Sequence[str]) -> float:
    """Return the share of neighbouring words of ``said`` that stand near each other in ``held``.

    Both are content words in order. Words that ``held`` lacks count for nothing: how many may be
    missing is another question. Without any pair to compare the share is 1.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(held):
        places[word].append(place)
    known = [word for word in said if word in places]
    pairs = {(one, other) for one, other in pairwise(known) if one != other}
    if not pairs:
        return 1.0
    return sum(_near(places[one], places[other]) for one, other in pairs) / len(pairs)


def _near(some: Sequence[int], others: Sequence[int]) -> bool:
    return any(abs(one - other) <= WINDOW for one in some for other in others)


def loops(said: Sequence[str]) -> bool:
    """Tell whether a sentence says the same words over and over, as a model gone astray does."""
    return len(said) >= _LOOP and len(set(said)) <= len(said) / 2
