"""Which of the ranked chunks a search returns: no repeats, and not all from one document."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from citewell.retrieval.fusion import Ranked
from citewell.retrieval.store import StoredChunk
from citewell.retrieval.values import Passage
from citewell.retrieval.words import words

NEAR_DUPLICATE = 0.9
"""Jaccard similarity of word sets from which one of two chunks is held back."""

FEWEST_WORDS = 8
"""Distinct words below which texts must be the same to count as repeats of each other."""

DOCUMENT_SHARE = 0.6
"""Share of the passages that may come from one document before it gives way to others."""

NEARLY_AS_GOOD = 0.7
"""How good a passage must be, beside the one that gives way to it. Without such a bound, questions
about one long document lose more than others gain: see bench/README.md."""

LOOKED_AT = 4
"""Distinct chunks that are looked at for each that is returned."""

Fetch = Callable[[Sequence[int]], Sequence[StoredChunk]]
Found = tuple[Ranked, StoredChunk]

Reason = Literal["repeat", "document"]


@dataclass(frozen=True, slots=True)
class Held:
    """Why a chunk that ranked high enough was held back.

    Attributes:
        reason: It repeats a better chunk, or its document had given enough.
        of: Key of the chunk that it repeats, or of the last one that came in its stead.
    """

    reason: Reason
    of: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The passages of a search and the chunks that were held back for them, by key."""

    passages: tuple[Passage, ...]
    held: dict[int, Held] = field(default_factory=dict)


def select(ranked: Sequence[Ranked], fetch: Fetch, k: int) -> Selection:
    """Return the best ``k`` as passages.

    Near-duplicates of a better chunk are left out. When three fifths of ``k`` come from one
    document, its further chunks give way to those of others that are nearly as good, measured
    from the last of the ranked chunks.

    Args:
        ranked: Best first.
        fetch: Returns the chunks of some keys; those that are gone meanwhile are left out.
        k: The most to return.
    """
    held: dict[int, Held] = {}
    most = max(2, math.ceil(DOCUMENT_SHARE * k))
    taken: Counter[str] = Counter()
    first: list[Found] = []
    spare: list[Found] = []
    for found in _distinct(_stored(ranked, fetch, k), held):
        document = found[1].chunk.document
        taken[document] += 1
        (first if taken[document] <= most else spare).append(found)
        if len(first) == k or len(first) + len(spare) == LOOKED_AT * k:
            break
    chosen = _with_the_better(first, spare, k, ranked[-1].score if ranked else 0.0)
    if chosen:
        held |= {
            item.key: Held("document", chosen[-1][0].key)
            for item, _ in spare
            if all(item.key != other.key for other, _ in chosen)
        }
    passages = (
        Passage(rank, stored.chunk, stored.title, item.score, item.scores)
        for rank, (item, stored) in enumerate(chosen, 1)
    )
    return Selection(tuple(passages), held)


def _stored(ranked: Sequence[Ranked], fetch: Fetch, k: int) -> Iterator[Found]:
    """Yield what is ranked with its chunk, reading no more of them than are looked at."""
    rest = iter(ranked)
    while batch := list(islice(rest, max(16, 2 * k))):
        chunks = {chunk.key: chunk for chunk in fetch([item.key for item in batch])}
        yield from ((item, chunks[item.key]) for item in batch if item.key in chunks)


def _distinct(found: Iterator[Found], held: dict[int, Held]) -> Iterator[Found]:
    """Yield what repeats nothing better, and enter the rest into ``held``."""
    seen: list[tuple[frozenset[str], int]] = []
    for item, stored in found:
        bag = _bag(stored.chunk.text)
        same = next((key for other, key in seen if _is_repeat(bag, other)), None)
        if same is not None:
            held[item.key] = Held("repeat", same)
            continue
        seen.append((bag, item.key))
        yield item, stored


def _with_the_better(
    first: Sequence[Found], spare: Sequence[Found], k: int, lowest: float
) -> list[Found]:
    """Return ``first`` with spare chunks for what is missing or not nearly as good as they are."""
    chosen = list(first)
    for found in spare:
        if len(chosen) < k:
            chosen.append(found)
            continue
        worst = min(chosen, key=lambda other: other[0].score)
        if worst[0].score - lowest < NEARLY_AS_GOOD * (found[0].score - lowest):
            chosen.remove(worst)
            chosen.append(found)
    return sorted(chosen, key=lambda pair: (-pair[0].score, pair[0].key))


def _bag(text: str) -> frozenset[str]:
    bag = frozenset(words(text))
    return bag if len(bag) >= FEWEST_WORDS else frozenset([" ".join(text.split())])


def _is_repeat(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether the Jaccard similarity of two sets is that of near-duplicates."""
    fewer, more = sorted((len(one), len(other)))
    if fewer < NEAR_DUPLICATE * more:  # they cannot share enough, and to count is slower
        return False
    shared = len(one & other)
    return shared >= NEAR_DUPLICATE * (fewer + more - shared)
