"""Search by vector: what every index offers, and the one that compares with each vector."""

from collections.abc import Iterable
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.store import Keys, Store, Vectors

Rows = NDArray[np.intp]

READ_ROWS = 50_000
"""Chunks up to which those that a search allows are read from the store: 75 MB. For more, all
vectors are loaded, which are then at hand for every such search."""

KEPT_ROWS = 100_000
"""Chunks in all whose vectors are kept because a search allowed only these: 150 MB."""

_GATHERED = 128
"""Rows compared at a time where few of a matrix are: they stay in the processor's cache."""

_PICKED = 0.2
"""Share of a matrix up to which its rows are quicker picked than all compared."""

_DIGITS = 1e-5
"""Far more than two ways to add up a cosine differ by."""


class VectorIndex(Protocol):
    """Finds the chunks whose vectors are nearest to one. Any number of threads may search."""

    def search(
        self, vector: Vectors, limit: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first.

        Args:
            vector: Shape ``(dimension,)``, of length 1.
            limit: The most to return; fewer come back if the collection holds fewer.
            allowed: Rising keys of the chunks to search in; others have no influence on what
                comes back. None for all of the collection.
        """
        ...


class ExactIndex:
    """Compares with every vector of a collection: exact, and quick up to some 100,000 chunks.

    Vectors are read at the first search and kept in memory, 1.5 kB a chunk with 384 dimensions.
    When the collection has changed, the next search reads what is new. Where a search allows
    few chunks, only their vectors are read, and kept for the next search that allows the same.
    """

    def __init__(self, store: Store, collection: str) -> None:
        self._store = store
        self._collection = collection
        self._lock = Lock()
        self._generation: int | None = None
        self._keys: Keys = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, 0), dtype=np.float32)
        self._few = _Kept(store, collection)

    def search(
        self, vector: Vectors, limit: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first, ties by key."""
        if allowed is None:
            return _nearest(*self._current(), vector, limit)
        generation = self._store.generation(self._collection)
        if len(allowed) <= READ_ROWS and self._generation != generation:
            return _nearest(*self._few.vectors(allowed, generation), vector, limit)
        keys, vectors = self._current()
        return _nearest(keys, vectors, vector, limit, _places(keys, allowed))

    def _current(self) -> tuple[Keys, Vectors]:
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
        keys, vectors = _read(self._store.vectors(self._collection, asked))
        kept = np.isin(self._keys, wanted, assume_unique=True)
        if len(keys):
            if kept.any():
                keys = np.concatenate([self._keys[kept], keys])
                vectors = np.concatenate([self._vectors[kept], vectors])
            self._keys, self._vectors = keys, vectors
        elif not kept.all():
            self._keys, self._vectors = self._keys[kept], self._vectors[kept]


class _Kept:
    """The vectors of the chunks that recent searches allowed, the newest last."""

    def __init__(self, store: Store, collection: str) -> None:
        self._store = store
        self._collection = collection
        self._lock = Lock()
        self._reading = Lock()
        self._generation: int | None = None
        self._sets: list[tuple[Keys, Keys, Vectors]] = []

    def vectors(self, allowed: Keys, generation: int) -> tuple[Keys, Vectors]:
        """Return the keys and vectors of those allowed that the collection holds."""
        found = self._find(allowed, generation)
        if found is None:
            # One at a time: what others wait for is as a rule the set that is being read.
            with self._reading:
                found = self._find(allowed, generation)
                if found is None:
                    found = _read(self._store.vectors(self._collection, allowed.tolist()))
                    self._keep(allowed, *found, generation)
        return found

    def _find(self, allowed: Keys, generation: int) -> tuple[Keys, Vectors] | None:
        with self._lock:
            if generation != self._generation:
                return None
            for place, (asked, keys, vectors) in enumerate(self._sets):
                if np.array_equal(asked, allowed):
                    self._sets.append(self._sets.pop(place))
                    return keys, vectors
        return None

    def _keep(self, allowed: Keys, keys: Keys, vectors: Vectors, generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                self._generation, self._sets = generation, []
            self._sets.append((allowed.copy(), keys, vectors))
            while sum(len(asked) for asked, _, _ in self._sets) > KEPT_ROWS:
                del self._sets[0]


def _read(found: Iterable[tuple[int, Vectors]]) -> tuple[Keys, Vectors]:
    """Return keys and vectors as arrays; without any, the vectors have no dimension."""
    pairs = list(found)
    keys = np.array([key for key, _ in pairs], dtype=np.int64)
    return keys, np.stack([vector for _, vector in pairs]) if pairs else np.empty((0, 0), "f4")


def _places(keys: Keys, wanted: Keys) -> Rows:
    """Return where the wanted keys stand in rising ones; those that do not are left out."""
    places = np.searchsorted(keys, wanted)
    there = places < len(keys)
    there[there] = keys[places[there]] == wanted[there]
    return places[there]


def _nearest(
    keys: Keys, vectors: Vectors, vector: Vectors, limit: int, rows: Rows | None = None
) -> list[tuple[int, float]]:
    """Return ``(key, cosine)`` of the best rows, of all or of some, ties by key.

    How a product is added up may depend on where its row stands, and with it the last digits,
    so those of the best are computed once more, each for itself.
    """
    near = np.arange(len(keys)) if rows is None else rows
    limit = min(limit, len(near))
    if limit < 1:
        return []
    cosines = _cosines(vectors, vector, rows)
    worst = np.partition(cosines, -limit)[-limit]
    near = near[cosines >= worst - _DIGITS]
    exact = _one_by_one(vectors, vector, near)
    best = np.lexsort((keys[near], -exact))[:limit]
    return [(int(keys[near[place]]), float(exact[place])) for place in best]


def _cosines(vectors: Vectors, vector: Vectors, rows: Rows | None) -> Vectors:
    """Return the cosines of all or some rows. Reading all is quicker than picking many."""
    if rows is None:
        return _products(vectors, vector)
    if len(rows) > _PICKED * len(vectors):
        return _products(vectors, vector)[rows]
    found = np.empty(len(rows), np.float32)
    picked = np.empty((_GATHERED, vectors.shape[1]), np.float32)
    for start in range(0, len(rows), _GATHERED):
        part = rows[start : start + _GATHERED]
        np.take(vectors, part, axis=0, out=picked[: len(part)], mode="clip")
        found[start : start + _GATHERED] = _products(picked[: len(part)], vector)
    return found


def _products(vectors: Vectors, vector: Vectors) -> Vectors:
    """Return each row times the vector.

    As fast as memory is read, on one core: twice as fast as ``@``, which also has threads wait
    for each other when several searches run.
    """
    found: Vectors = np.einsum("ij,j->i", vectors, vector)
    return found


def _one_by_one(vectors: Vectors, vector: Vectors, rows: Rows) -> Vectors:
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _GATHERED):
        products = vectors[rows[start : start + _GATHERED]] * vector.astype(np.float64)
        found[start : start + _GATHERED] = products.sum(axis=1)
    return found
