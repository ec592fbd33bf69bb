"""Search by vector: what every index offers, and the one that compares with each vector."""

from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.store import Store, Vectors


class VectorIndex(Protocol):
    """Finds the chunks whose vectors are nearest to one. Any number of threads may search."""

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first.

        Args:
            vector: Shape ``(dimension,)``, of length 1.
            limit: The most to return; fewer come back if the collection holds fewer.
        """
        ...


class ExactIndex:
    """Compares with every vector of a collection: exact, and quick up to some 100,000 chunks.

    Vectors are read at the first search and kept in memory, 1.5 kB a chunk with 384 dimensions.
    When the collection has changed, the next search reads what is new.
    """

    def __init__(self, store: Store, collection: str) -> None:
        self._store = store
        self._collection = collection
        self._lock = Lock()
        self._generation: int | None = None
        self._keys: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, 0), dtype=np.float32)

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first, ties by key."""
        keys, vectors = self._current()
        limit = min(limit, len(keys))
        if limit < 1:
            return []
        cosines = vectors @ vector
        worst = np.partition(cosines, -limit)[-limit]
        near = np.flatnonzero(cosines >= worst)
        best = near[np.lexsort((keys[near], -cosines[near]))][:limit]
        return [(int(keys[row]), float(cosines[row])) for row in best]

    def _current(self) -> tuple[NDArray[np.int64], Vectors]:
        with self._lock:
            # The number is read first: what is committed meanwhile is read again next time.
            generation = self._store.generation(self._collection)
            if generation != self._generation:
                self._refresh()
                self._generation = generation
            return self._keys, self._vectors

    def _refresh(self) -> None:
        """Forget the chunks that are gone and read the new ones; keys are never used again."""
        wanted = np.array(sorted(self._store.chunk_keys(self._collection)), dtype=np.int64)
        new = np.setdiff1d(wanted, self._keys, assume_unique=True)
        asked = new.tolist() if len(self._keys) else None
        found = list(self._store.vectors(self._collection, asked))
        kept = np.isin(self._keys, wanted, assume_unique=True)
        if found:
            keys = np.array([key for key, _ in found], dtype=np.int64)
            vectors = np.stack([vector for _, vector in found])
            if kept.any():
                keys = np.concatenate([self._keys[kept], keys])
                vectors = np.concatenate([self._vectors[kept], vectors])
            self._keys, self._vectors = keys, vectors
        elif not kept.all():
            self._keys, self._vectors = self._keys[kept], self._vectors[kept]
