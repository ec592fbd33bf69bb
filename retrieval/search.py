"""Hybrid search: words and vectors each rank the chunks, and the two ranks are joined."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.store import Store, StoredChunk
from citewell.retrieval.values import Passage, Scores, SearchMode
from citewell.retrieval.vector_index import VectorIndex
from citewell.retrieval.words import content_words, words

CANDIDATES = 100
"""Chunks each part of the search contributes."""

RRF_CONSTANT = 60
"""Of reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009), as published."""

NEAR_DUPLICATE = 0.9
"""Jaccard similarity of word sets from which one of two chunks is held back."""

FEWEST_WORDS = 8
"""Distinct words below which texts must be the same to count as repeats of each other."""

MOST_QUESTION_CHARS = 2_000
MOST_QUESTION_WORDS = 64


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk's key with its scores."""

    key: int
    score: float
    scores: Scores


def lexical(store: Store, collection: str, question: str) -> list[tuple[int, float]]:
    """Return ``(chunk key, BM25)`` for the words of a question, best first."""
    wanted = list(dict.fromkeys(content_words(question[:MOST_QUESTION_CHARS])))
    return store.search_text(collection, wanted[:MOST_QUESTION_WORDS], CANDIDATES)


def dense(index: VectorIndex, embedder: Embedder, question: str) -> list[tuple[int, float]]:
    """Return ``(chunk key, cosine)`` for the meaning of a question, best first."""
    vector = embedder.embed_question(question[:MOST_QUESTION_CHARS])
    return index.search(vector, CANDIDATES)


def fuse(
    mode: SearchMode,
    lexical_hits: Sequence[tuple[int, float]],
    dense_hits: Sequence[tuple[int, float]],
) -> list[Ranked]:
    """Join two ranked lists into one, best first; a tie goes to the chunk stored first."""
    by_word, by_meaning = dict(lexical_hits), dict(dense_hits)
    joined = _reciprocal_ranks(lexical_hits, dense_hits) if mode == "hybrid" else {}
    order: Mapping[int, float] = {"lexical": by_word, "dense": by_meaning, "hybrid": joined}[mode]
    ranked = [
        Ranked(key, score, Scores(by_word.get(key), by_meaning.get(key), joined.get(key)))
        for key, score in order.items()
    ]
    return sorted(ranked, key=lambda item: (-item.score, item.key))


def _reciprocal_ranks(*lists: Iterable[tuple[int, float]]) -> dict[int, float]:
    scores: dict[int, float] = {}
    for hits in lists:
        for rank, (key, _) in enumerate(hits, 1):
            scores[key] = scores.get(key, 0.0) + 1 / (RRF_CONSTANT + rank)
    return scores


def select(ranked: Sequence[Ranked], chunks: Sequence[StoredChunk], k: int) -> tuple[Passage, ...]:
    """Return the best ``k`` as passages, without repeats and not all from one document.

    Near-duplicates of a better chunk are left out. At most three fifths of ``k`` come from one
    document, unless the others do not fill the list.
    """
    by_key = {chunk.key: chunk for chunk in chunks}
    found = [(item, by_key[item.key]) for item in ranked if item.key in by_key]
    distinct = _without_repeats(found, k)
    chosen = sorted(_spread(distinct, k), key=lambda pair: (-pair[0].score, pair[0].key))
    return tuple(
        Passage(rank, stored.chunk, stored.title, item.score, item.scores)
        for rank, (item, stored) in enumerate(chosen, 1)
    )


def _without_repeats(
    found: Sequence[tuple[Ranked, StoredChunk]], k: int
) -> list[tuple[Ranked, StoredChunk]]:
    """Drop near-duplicates, looking no further than a list of ``k`` could need."""
    kept: list[tuple[Ranked, StoredChunk]] = []
    seen: list[frozenset[str]] = []
    for item, stored in found:
        bag = frozenset(words(stored.chunk.text))
        if len(bag) < FEWEST_WORDS:
            bag = frozenset([" ".join(stored.chunk.text.split())])
        if any(_jaccard(bag, other) >= NEAR_DUPLICATE for other in seen):
            continue
        kept.append((item, stored))
        seen.append(bag)
        if len(kept) >= 4 * k:
            break
    return kept


def _spread(
    distinct: Sequence[tuple[Ranked, StoredChunk]], k: int
) -> list[tuple[Ranked, StoredChunk]]:
    most = max(2, math.ceil(0.6 * k))
    taken: dict[str, int] = {}
    first: list[tuple[Ranked, StoredChunk]] = []
    spare: list[tuple[Ranked, StoredChunk]] = []
    for pair in distinct:
        document = pair[1].chunk.document
        taken[document] = taken.get(document, 0) + 1
        (first if taken[document] <= most else spare).append(pair)
    return (first + spare)[:k] if len(first) < k else first[:k]


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 1.0
