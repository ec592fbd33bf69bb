"""The stages of a search: words and meaning each find candidates; a reranker may read the best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.fusion import Hits, Ranked
from citewell.retrieval.reranking import Reranker
from citewell.retrieval.store import Keys, Scope, Store, StoredChunk
from citewell.retrieval.values import embedding_text
from citewell.retrieval.vector_index import VectorIndex

CANDIDATES = 100
"""Chunks each part of the search contributes; more when more than a quarter is asked for."""

RERANKED = 20
"""Chunks that a cross-encoder reads; three times as many as are asked for when that is more."""

MOST_QUESTION_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Request:
    """What a search is asked for.

    Attributes:
        collection: Where to search.
        question: In plain words.
        scope: Which chunks it may see.
        limit: The most candidates of each part.
    """

    collection: str
    question: str
    scope: Scope
    limit: int = CANDIDATES


def lexical(store: Store, request: Request) -> Hits:
    """Return ``(chunk key, BM25)`` for the words of a question, best first."""
    question = request.question[:MOST_QUESTION_CHARS]
    return store.search_text(request.collection, [question], request.limit, request.scope)


def dense(index: VectorIndex, embedder: Embedder, request: Request, allowed: Keys | None) -> Hits:
    """Return ``(chunk key, cosine)`` for the meaning of a question, best first."""
    vector = embedder.embed_question(request.question[:MOST_QUESTION_CHARS])
    return index.search(vector, request.limit, allowed)


def rerank(
    reranker: Reranker,
    question: str,
    ranked: Sequence[Ranked],
    fetch: Callable[[Sequence[int]], Sequence[StoredChunk]],
    k: int,
) -> list[Ranked]:
    """Return the best of ``ranked`` in the order of a model that read them with the question.

    Raises:
        ConfigError: If it gives no finite score for each of them.
    """
    best = {item.key: item for item in ranked[: max(RERANKED, 3 * k)]}
    chunks = fetch(list(best))
    texts = [embedding_text(stored.title, stored.chunk) for stored in chunks]
    if not texts:
        return []
    scores = np.asarray(reranker.rerank(question[:MOST_QUESTION_CHARS], texts))
    if scores.shape != (len(texts),) or not np.isfinite(scores).all():
        raise ConfigError(
            f"The reranker {reranker.name!r} gave no finite number for each of {len(texts)} "
            "passages. Choose another with the setting rerank, or none."
        )
    read = [
        _reranked(best[stored.key], float(score))
        for stored, score in zip(chunks, scores, strict=True)
    ]
    return sorted(read, key=lambda item: (-item.score, item.key))


def _reranked(item: Ranked, score: float) -> Ranked:
    return replace(item, score=score, scores=replace(item.scores, reranked=score))
