"""Chunks by their words: BM25 over what a caller may see, worked out from the word index.

FTS5 could rank by itself, but counts words over all it holds, and reads every chunk with a common
word at each question. Here the chunks of a word are read once, kept as arrays until the collection
changes, and cut to what the caller may see before anything is counted: the rest has no influence.
"""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.analysis import question_words
from citewell.retrieval.filters import Filter
from citewell.retrieval.recent import Recent
from citewell.retrieval.sqlite_filters import condition
from citewell.retrieval.sqlite_marks import open_to
from citewell.retrieval.store import Keys
from citewell.retrieval.words import STOP_WORDS

# Of BM25 (Robertson and Zaragoza 2009), as most search engines set them.
_SATURATION = 1.2
_LENGTH = 0.75

_WEIGHTS = np.array([3.0, 1.5, 1.0], np.float32)
"""What a word counts in the title, in headings and in the text of a chunk."""

MOST_WORDS = 64
"""A question has a dozen words; a pasted page should not cost a lookup for each of its own."""

KEPT_POSTINGS = 4_000_000
"""Pairs of a word and a chunk that are kept in memory, 8 bytes each."""

_WORD_COSTS = 100
"""What a word takes beside its pairs, in as many of these: also one that stands nowhere."""

_KEPT_CALLERS = 1_000
_KEPT_VIEWS = 32

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Postings:
    """The chunks of a word: their places among the rising keys, and how much it stands in each."""

    places: NDArray[np.int32]
    weights: NDArray[np.float32]

    def size(self) -> int:
        """Return how much of what may be kept this is."""
        return len(self.places) + _WORD_COSTS


@dataclass(frozen=True, slots=True)
class _View:
    """What a caller may see: how many chunks, of what mean length, in which languages.

    Attributes:
        seen: Of each chunk, whether it is seen; None for all.
        keys: Of those that are seen, rising; None for all.
    """

    chunks: int
    length: float
    languages: tuple[str, ...]
    seen: Mask | None
    keys: Keys | None


class Words:
    """The words of a collection at one generation. Any number of threads may use one object."""

    def __init__(self, connection: sqlite3.Connection, collection: int) -> None:
        self._collection = collection
        parts = connection.execute(
            "SELECT coalesce(partition, 0), language, group_concat(key),"
            " group_concat(CAST(terms AS INTEGER)) FROM documents"
            " CROSS JOIN chunks ON chunks.document = documents.id WHERE documents.collection = ?"
            " GROUP BY partition, language",
            (collection,),
        ).fetchall()
        self._languages = {(partition, language) for partition, language, *_ in parts}
        keys = [_numbers(keys) for _, _, keys, _ in parts]
        order = np.argsort(np.concatenate([np.empty(0, np.int64), *keys]))
        self.keys: Keys = np.concatenate([np.empty(0, np.int64), *keys])[order]
        lengths = [_numbers(terms) for *_, terms in parts]
        self._lengths = np.concatenate([np.empty(0, np.int64), *lengths])[order]
        partitions = [np.full(len(part), row[0]) for part, row in zip(keys, parts, strict=True)]
        self._partitions = np.concatenate([np.empty(0, np.int64), *partitions])[order]
        self._open: Recent[frozenset[str], frozenset[int]] = Recent(_KEPT_CALLERS)
        self._views: Recent[frozenset[int], _View] = Recent(_KEPT_VIEWS)
        self._allowed: Recent[tuple[frozenset[int], Filter], Keys] = Recent(_KEPT_VIEWS)
        self._postings: Recent[tuple[str, ...], _Postings] = Recent(KEPT_POSTINGS, _Postings.size)

    def open_to(self, connection: sqlite3.Connection, labels: frozenset[str]) -> frozenset[int]:
        """Return the partitions whose documents a caller with some labels may see."""
        return self._open.get(labels, lambda: open_to(connection, self._collection, labels))

    def search(
        self,
        connection: sqlite3.Connection,
        words: Sequence[str],
        limit: int,
        partitions: frozenset[int],
        where: Filter | None,
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, BM25)`` of the best chunks of some partitions, ties by key."""
        view = self._view(partitions)
        scores = np.zeros(len(self.keys))
        plain = " ".join(words)
        asked = [word for word in plain.split() if word.lower() not in STOP_WORDS]
        for word in question_words(" ".join(asked) or plain, view.languages)[:MOST_WORDS]:
            found = self._seen(connection, word, view)
            count = len(found.places)
            rarity = np.log(1 + (view.chunks - count + 0.5) / (count + 0.5))
            length = self._lengths[found.places] / view.length
            most = found.weights + _SATURATION * (1 - _LENGTH + _LENGTH * length)
            scores[found.places] += rarity * (_SATURATION + 1) * found.weights / most
        if where is not None:
            kept = np.zeros(len(scores), np.bool_)
            kept[np.searchsorted(self.keys, self._filtered(connection, partitions, where))] = True
            scores[~kept] = 0.0
        return self._best(scores, limit)

    def counts(
        self, connection: sqlite3.Connection, words: Sequence[str], partitions: frozenset[int]
    ) -> dict[str, int]:
        """Return in how many chunks of some partitions each word stands."""
        view = self._view(partitions)
        return {word: self._count(connection, word, view) for word in words}

    def visible(self, partitions: frozenset[int]) -> int:
        """Return the number of chunks in some partitions."""
        return self._view(partitions).chunks

    def allowed(
        self, connection: sqlite3.Connection, partitions: frozenset[int], where: Filter | None
    ) -> Keys | None:
        """Return the rising keys of what a filter keeps of some partitions; None for all."""
        if where is not None:
            return self._filtered(connection, partitions, where)
        return self._view(partitions).keys

    def _view(self, partitions: frozenset[int]) -> _View:
        return self._views.get(partitions, lambda: self._new_view(partitions))

    def _new_view(self, partitions: frozenset[int]) -> _View:
        seen = np.isin(self._partitions, list(partitions))
        chunks = int(seen.sum())
        languages = {language for held, language in self._languages if held in partitions}
        return _View(
            chunks,
            float(self._lengths[seen].mean()) or 1.0 if chunks else 1.0,
            tuple(sorted(languages)),
            None if chunks == len(seen) else seen,
            None if chunks == len(seen) else self.keys[seen],
        )

    def _count(self, connection: sqlite3.Connection, word: str, view: _View) -> int:
        """Count the chunks with all parts of a word, such as those of ``state-of-the-art``."""
        parts = question_words(word, view.languages)[:MOST_WORDS]
        if not parts:
            return 0
        places = self._seen(connection, parts[0], view).places
        for part in parts[1:]:
            places = np.intersect1d(places, self._seen(connection, part, view).places, True)
        return len(places)

    def _seen(
        self, connection: sqlite3.Connection, word: tuple[str, ...], view: _View
    ) -> _Postings:
        found = self._postings.get(word, lambda: self._read(connection, word))
        if view.seen is None:
            return found
        inside = view.seen[found.places]
        return _Postings(found.places[inside], found.weights[inside])

    def _read(self, connection: sqlite3.Connection, word: tuple[str, ...]) -> _Postings:
        """Return the chunks that hold a word in any of some forms."""
        whole = np.zeros(0, np.int64)
        for form in word:
            row = connection.execute(
                f"SELECT group_concat(doc * 3 + CASE col WHEN 'title' THEN 0 WHEN 'headings'"
                f" THEN 1 ELSE 2 END) FROM words_{self._collection} WHERE term = ?",
                (form,),
            ).fetchone()
            whole = np.concatenate([whole, _numbers(row[0])]) if row[0] else whole
        if len(word) > 1:
            whole.sort()
        keys, columns = np.divmod(whole, 3)
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        weights = np.add.reduceat(_WEIGHTS[columns], first) if len(first) else _WEIGHTS[:0]
        places, there = self._places(keys[first])
        return _Postings(places[there].astype(np.int32), weights[there])

    def _places(self, keys: Keys) -> tuple[NDArray[np.intp], Mask]:
        """Return where keys stand, and which of them do: a damaged index names others."""
        places = np.searchsorted(self.keys, keys)
        at = np.minimum(places, len(self.keys) - 1)
        return at, self.keys[at] == keys if len(self.keys) else np.zeros(len(keys), np.bool_)

    def _filtered(
        self, connection: sqlite3.Connection, partitions: frozenset[int], where: Filter
    ) -> Keys:
        return self._allowed.get(
            (partitions, where), lambda: _kept_by(connection, self._collection, partitions, where)
        )

    def _best(self, scores: NDArray[np.float64], limit: int) -> list[tuple[int, float]]:
        found = np.flatnonzero(scores)
        if len(found) > limit > 0:
            least = np.partition(scores[found], len(found) - limit)[len(found) - limit]
            found = found[scores[found] >= least]
        order = np.lexsort((found, -scores[found]))[: max(limit, 0)]
        best = found[order]
        return list(zip(self.keys[best].tolist(), scores[best].tolist(), strict=True))


def _kept_by(
    connection: sqlite3.Connection, collection: int, partitions: Collection[int], where: Filter
) -> Keys:
    """Return the rising keys of the chunks of some partitions that a filter keeps."""
    kept, values = condition(where)
    places = ", ".join(map(str, sorted(partitions)))
    row = connection.execute(
        "SELECT group_concat(key) FROM documents JOIN chunks ON chunks.document = documents.id"
        f" WHERE documents.collection = ? AND partition IN ({places}) AND {kept}",
        (collection, *values),
    ).fetchone()
    return np.sort(_numbers(row[0] or ""))


def _numbers(text: str) -> NDArray[np.int64]:
    """Read whole numbers with commas between, which is how SQLite hands over many at once."""
    return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)
