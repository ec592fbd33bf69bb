"""Search by vector: what every index offers, and the one that compares with each vector."""

from collections.abc import Iterable
from dataclasses import dataclass
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

KEPT_SETS = 64
"""Sets of such chunks that are kept: each search looks through them all."""

_GATHERED = 128
"""Rows compared at a time where few of a matrix are: they stay in the processor's cache."""

_PICKED = 0.2
"""Share of a matrix up to which its rows are quicker picked than all compared."""

_LEAST_HELD = 0.75
"""Share of a part's vectors that are not gone, below which these are copied."""

_TIMES_LARGER = 8
"""How many times larger a part is than the next one: all vectors of 100,000 chunks are 150 MB, and
copying them at each change would take longer than searching them."""

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
        self._parts: list[_Part] = []
        self._few = _Kept(store, collection)

    def search(
        self, vector: Vectors, limit: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first, ties by key."""
        if allowed is not None and len(allowed) <= READ_ROWS:
            generation = self._store.generation(self._collection)
            if self._generation != generation:
                part = _Part(*self._few.vectors(allowed, generation))
                return part.nearest(vector, limit, None)
        found = [pair for part in self._current() for pair in part.nearest(vector, limit, allowed)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[: max(0, limit)]

    def _current(self) -> "list[_Part]":
        with self._lock:
            # The number is read first: what is committed meanwhile is read again next time.
            generation = self._store.generation(self._collection)
            if generation != self._generation:
                self._refresh()
                self._generation = generation
            return self._parts

    def _refresh(self) -> None:
        """Forget the chunks that are gone and read the new ones; keys are never used again.

        Most changes only add. All keys are read where the number of chunks says otherwise, which
        takes ten times as long.
        """
        name, parts = self._collection, self._parts
        last = max((int(part.keys[-1]) for part in parts), default=0)
        new = self._store.chunk_keys(name, last) if parts else None
        held = sum(part.held for part in parts) + len(new or ())
        if parts and held != self._store.collection(name).chunks:
            wanted = np.array(sorted(self._store.chunk_keys(name)), dtype=np.int64)
            parts = [part.within(wanted) for part in parts]
        found = _Part(*_read(self._store.vectors(name, new)))
        self._parts = _joined([part for part in (*parts, found) if len(part.keys)])


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of a collection's vectors, by rising key; nothing in it is ever changed.

    Attributes:
        rows: Those of chunks that are not gone; None for all.
    """

    keys: Keys
    vectors: Vectors
    rows: Rows | None = None

    @property
    def held(self) -> int:
        """Number of its chunks that are not gone."""
        return len(self.keys if self.rows is None else self.rows)

    def nearest(self, vector: Vectors, limit: int, allowed: Keys | None) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest of all or of some chunks, best first."""
        if allowed is None:
            return _nearest(self.keys, self.vectors, vector, limit, self.rows)
        rows = _places(self.keys, allowed)
        if self.rows is not None:
            rows = np.intersect1d(rows, self.rows, assume_unique=True)
        return _nearest(self.keys, self.vectors, vector, limit, rows)

    def within(self, wanted: Keys) -> "_Part":
        """Return the part without what is gone; most of it is not copied for a few."""
        held = np.isin(self.keys, wanted, assume_unique=True)
        if held.all():
            return _Part(self.keys, self.vectors)
        if held.mean() < _LEAST_HELD:
            return _Part(self.keys[held], self.vectors[held])
        return _Part(self.keys, self.vectors, np.flatnonzero(held))

    def joined(self, later: "_Part") -> "_Part":
        """Return the chunks of both that are not gone."""
        ours, theirs = (slice(None) if part.rows is None else part.rows for part in (self, later))
        return _Part(
            np.concatenate([self.keys[ours], later.keys[theirs]]),
            np.concatenate([self.vectors[ours], later.vectors[theirs]]),
        )


def _joined(parts: list[_Part]) -> list[_Part]:
    """Join small parts, so that they are few and what is large is seldom copied."""
    joined: list[_Part] = []
    for part in parts:
        joined.append(part)
        while len(joined) > 1 and _TIMES_LARGER * len(joined[-1].keys) > len(joined[-2].keys):
            later = joined.pop()
            joined.append(joined.pop().joined(later))
    return joined


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
            while len(self._sets) > KEPT_SETS or self._rows() > KEPT_ROWS:
                del self._sets[0]

    def _rows(self) -> int:
        return sum(len(asked) for asked, _, _ in self._sets)


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
