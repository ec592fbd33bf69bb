"""How much of the gold text the first chunks of a ranking hold, and how little else.

Recall, precision and intersection over union as in Smith and Troynikov (2024), "Evaluating
Chunking Strategies for Retrieval", https://research.trychroma.com/evaluating-chunking. Like
their program they count characters; text that two chunks share counts twice against precision.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

FIRST = 5
"""Chunks that recall, precision, intersection over union and hit look at."""

BUDGET = 4_000
"""Characters that the recall of cutters with chunks of unlike size is compared at."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span of a document."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Each from 0 to 1.

    Attributes:
        recall: Share of the gold characters that the first chunks hold.
        precision: Share of the characters of the first chunks that are gold.
        iou: Gold characters held, over those of the first chunks and of the gold not held.
        hit: 1 when one of the first chunks holds a gold character.
        hit_1: 1 when the first one does.
        whole: 1 when one of the first chunks holds a whole gold span.
        recall_by_budget: Recall of the best `BUDGET` characters, the last chunk cut short.
    """

    recall: float
    precision: float
    iou: float
    hit: float
    hit_1: float
    whole: float
    recall_by_budget: float


def score(gold: Sequence[Place], ranked: Sequence[Place]) -> Scores:
    """Return the scores of a ranking, best chunk first. Gold spans do not overlap."""
    first = ranked[:FIRST]
    wanted = sum(place.end - place.start for place in gold)
    given = sum(place.end - place.start for place in first)
    held = _held(gold, first)
    return Scores(
        recall=held / wanted,
        precision=held / given,
        iou=held / (given + wanted - held),
        hit=float(held > 0),
        hit_1=float(_held(gold, ranked[:1]) > 0),
        whole=float(any(_holds(each, place) for each in first for place in gold)),
        recall_by_budget=_held(gold, _within(ranked, BUDGET)) / wanted,
    )


def _within(ranked: Iterable[Place], budget: int) -> list[Place]:
    taken = []
    for place in ranked:
        end = min(place.end, place.start + budget)
        taken.append(replace(place, end=end))
        budget -= end - place.start
        if not budget:
            break
    return taken


def _held(gold: Iterable[Place], places: Iterable[Place]) -> int:
    """Return how many characters of the gold spans stand in one of the places."""
    held = 0
    by_start = sorted(places, key=lambda place: place.start)
    for span in gold:
        reached = span.start
        for place in by_start:
            if place.document == span.document:
                begin, end = max(place.start, reached), min(place.end, span.end)
                held += max(0, end - begin)
                reached = max(reached, end)
    return held


def _holds(place: Place, gold: Place) -> bool:
    return place.document == gold.document and place.start <= gold.start and gold.end <= place.end
