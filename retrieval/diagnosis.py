"""Why a search did not return a document: where it was lost, and what would have found it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

import numpy as np

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.filters import AllOf, Compare, Filter, show_filter
from citewell.retrieval.fusion import Hits, Ranked
from citewell.retrieval.search import MOST_QUESTION_CHARS, Request, dense, lexical
from citewell.retrieval.selection import Selection
from citewell.retrieval.store import Keys, Scope, Store, StoredChunk
from citewell.retrieval.values import Chunk, SearchMode
from citewell.retrieval.vector_index import VectorIndex
from citewell.retrieval.words import STOP_WORDS, content_words, words

Stage = Literal["found", "empty", "filter", "candidates", "reranker", "rank", "repeat", "document"]
"""Where a document was lost: it has no text; the filter leaves none of it; no part of the search
put it among its candidates; the reranker was not given it; others ranked higher; it repeats a
better passage; or its better passages had given enough of it."""

MOST_PASSAGES = 100
MOST_WORDS = 3
"""Words that are proposed to be added to a question."""

_WORDS_TRIED = 40
_WORDS_ASKED = 64


@dataclass(frozen=True, slots=True)
class Trace:
    """What each stage of a search gave.

    Attributes:
        request: What was asked for.
        k: How many passages.
        mode: Which parts searched.
        fused: The candidates of all parts, best first.
        ranked: The same, or those that the reranker read in its order.
        selection: The passages, and what was held back for them.
        notices: What the user should know.
    """

    request: Request
    k: int
    mode: SearchMode
    fused: Sequence[Ranked]
    ranked: Sequence[Ranked]
    selection: Selection
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What became of a document in a search.

    Attributes:
        document: Its name.
        stage: Where it was lost, or ``found``.
        reason: The same in a sentence.
        chunk: The one of its chunks that came furthest; None when there is none to search.
        searched: Number of chunks that were searched.
        lexical_rank: The place of that chunk among all of them by words; None without a word of
            the question.
        dense_rank: Likewise by meaning; None where no embedding model searched.
        rank: Its place among the passages or, before they were chosen, among the candidates.
        missing: Words of the question that stand nowhere in the document.
        remedies: What would have found it, each tried.
    """

    document: str
    stage: Stage
    reason: str
    chunk: Chunk | None = None
    searched: int = 0
    lexical_rank: int | None = None
    dense_rank: int | None = None
    rank: int | None = None
    missing: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()


class Tracing(Protocol):
    """Searches again, otherwise than before."""

    def __call__(self, question: str, k: int, mode: SearchMode) -> Trace: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a diagnosis looks into."""

    store: Store
    index: VectorIndex
    embedder: Embedder


def diagnose(parts: Parts, trace: Trace, document: str, again: Tracing) -> Diagnosis:
    """Tell what became of a document, which the caller may see, in a search.

    Args:
        parts: What was searched.
        trace: The search.
        document: The name of the document.
        again: Does the same search with another question, number of passages or mode.
    """
    request = trace.request
    chunks = parts.store.document_chunks(request.collection, document)
    if not chunks:
        return Diagnosis(document, "empty", "It holds no text that could be searched.")
    keys = _searched(parts.store, request)
    seen = set(keys.tolist())
    mine = {stored.key: stored for stored in chunks if stored.key in seen}
    if not mine:
        reason = f"The filter leaves it out: {_failing(parts.store, request, document)}."
        return Diagnosis(document, "filter", reason, searched=len(keys))
    by_word, by_meaning = _all_places(parts, trace, keys, mine)
    best = _furthest(trace, mine, by_word, by_meaning)
    stage, rank, reason = _lost(parts.store, trace, best, mine[best].chunk)
    diagnosis = Diagnosis(
        document,
        stage,
        reason,
        chunk=mine[best].chunk,
        searched=len(keys),
        lexical_rank=by_word.get(best),
        dense_rank=by_meaning.get(best),
        rank=rank,
        missing=tuple(_missing(parts.store, request, document)),
    )
    if stage == "found":
        return diagnosis
    return replace(diagnosis, remedies=tuple(_remedies(parts.store, trace, diagnosis, again)))


def _failing(store: Store, request: Request, document: str) -> str:
    """Say which parts of a filter hold nowhere in a document."""
    where = request.scope.where
    parts = where.parts if isinstance(where, AllOf) else (where,)
    failing = [
        show_filter(part)
        for part in parts
        if part is not None and not _holds(store, request, document, part)
    ]
    if failing:
        return f"nowhere in it holds {' or '.join(failing)}"
    return "each part of it holds somewhere in the document, but nowhere all"


def _holds(store: Store, request: Request, document: str, part: Filter) -> bool:
    where = AllOf((Compare("document", "=", document), part))
    allowed = store.allowed(request.collection, Scope(request.scope.labels, where))
    return allowed is None or len(allowed) > 0


def _searched(store: Store, request: Request) -> Keys:
    # All are asked for first: of what comes meanwhile, not all may be allowed.
    keys = np.array(sorted(store.chunk_keys(request.collection)), dtype=np.int64)
    allowed = store.allowed(request.collection, request.scope)
    return keys if allowed is None else allowed


def _all_places(
    parts: Parts, trace: Trace, keys: Keys, mine: Mapping[int, StoredChunk]
) -> tuple[dict[int, int], dict[int, int]]:
    """Return the places of some chunks among all by words and by meaning."""
    deep = replace(trace.request, limit=max(1, len(keys)))
    try:
        by_meaning = dense(parts.index, parts.embedder, deep, keys)
    except NotConfigured:
        by_meaning = []
    return _places(lexical(parts.store, deep), mine), _places(by_meaning, mine)


def _places(hits: Hits, mine: Mapping[int, StoredChunk]) -> dict[int, int]:
    return {key: place for place, (key, _) in enumerate(hits, 1) if key in mine}


def _furthest(
    trace: Trace,
    mine: Mapping[int, StoredChunk],
    by_word: Mapping[int, int],
    by_meaning: Mapping[int, int],
) -> int:
    """Return the key of the chunk that came furthest."""
    keys = {stored.chunk.id: key for key, stored in mine.items()}
    for passage in trace.selection.passages:
        if passage.chunk.id in keys:
            return keys[passage.chunk.id]
    for item in (*trace.ranked, *trace.fused):
        if item.key in mine:
            return item.key
    nowhere = len(by_word) + len(by_meaning) + 10**9
    return min(mine, key=lambda key: min(by_word.get(key, nowhere), by_meaning.get(key, nowhere)))


def _lost(store: Store, trace: Trace, key: int, chunk: Chunk) -> tuple[Stage, int | None, str]:
    """Return where a chunk was lost, its rank there and a sentence about it."""
    for passage in trace.selection.passages:
        if passage.chunk.id == chunk.id:
            return "found", passage.rank, f"It was found: passage {passage.rank}."
    place = next((rank for rank, item in enumerate(trace.ranked, 1) if item.key == key), None)
    held = trace.selection.held.get(key)
    if held is not None and held.reason == "repeat":
        other = _name(store, trace, held.of)
        return "repeat", place, f"It says the same as a better passage, of {other}."
    if held is not None:
        return "document", place, "Its better passages gave way to those of other documents."
    if place is not None:
        higher = "1 other" if place == 2 else f"{place - 1} others"
        asked = "1 was" if trace.k == 1 else f"{trace.k} were"
        return "rank", place, f"{higher} ranked higher, and {asked} asked for."
    before = next((rank for rank, item in enumerate(trace.fused, 1) if item.key == key), None)
    if before is not None:
        read = len(trace.ranked)
        return "reranker", before, f"The reranker reads the best {read}; its place was {before}."
    if trace.mode == "lexical" and len(trace.fused) < trace.request.limit:
        return "candidates", None, "It holds none of the words of the question."
    return "candidates", None, f"No part of the search had it among its best {trace.request.limit}."


def _name(store: Store, trace: Trace, key: int) -> str:
    found = store.chunks(trace.request.collection, [key])
    return found[0].chunk.document if found else "another document"


def _missing(store: Store, request: Request, document: str) -> Iterator[str]:
    """Yield the words of the question that stand nowhere in a document."""
    only = Compare("document", "=", document)
    where = only if request.scope.where is None else AllOf((only, request.scope.where))
    scope = Scope(request.scope.labels, where)
    asked = dict.fromkeys(content_words(request.question[:MOST_QUESTION_CHARS]))
    for word in list(asked)[:_WORDS_ASKED]:
        if not store.search_text(request.collection, [word], 1, scope):
            yield word


def _remedies(store: Store, trace: Trace, lost: Diagnosis, again: Tracing) -> Iterator[str]:
    """Yield what would have found the document."""
    question = trace.request.question
    if lost.stage == "repeat":
        return
    more = _enough(trace, lost.document, again)
    if more is not None:
        yield f"-k {more}"
    for mode in get_args(SearchMode):
        if mode != trace.mode and _finds(again(question, trace.k, mode), lost.document):
            yield f"--mode {mode}"
    assert lost.chunk is not None
    added: list[str] = []
    for word in _telling(store, trace.request, lost.chunk)[:MOST_WORDS]:
        added.append(word)
        if _finds(again(f"{question} {' '.join(added)}", trace.k, trace.mode), lost.document):
            yield f"with {' '.join(added)} in the question"
            return


def _enough(trace: Trace, document: str, again: Tracing) -> int | None:
    """Return how many passages must be asked for until a document is among them."""
    k = trace.k
    while k < MOST_PASSAGES:
        k = min(2 * k, MOST_PASSAGES)
        found = again(trace.request.question, k, trace.mode)
        ranks = [
            passage.rank
            for passage in found.selection.passages
            if passage.chunk.document == document
        ]
        if ranks:
            exact = again(trace.request.question, ranks[0], trace.mode)
            return ranks[0] if _finds(exact, document) else k
    return None


def _finds(trace: Trace, document: str) -> bool:
    return any(passage.chunk.document == document for passage in trace.selection.passages)


def _telling(store: Store, request: Request, chunk: Chunk) -> list[str]:
    """Return the words of a chunk that tell it from others, the rarest first."""
    asked = set(words(request.question))
    held = dict.fromkeys(
        word
        for word in words(chunk.text)
        if word not in STOP_WORDS | asked and word.isalpha() and len(word) > 2
    )
    counts = store.word_counts(request.collection, list(held)[:_WORDS_TRIED], request.scope)
    return sorted(counts, key=lambda word: (counts[word], word))
