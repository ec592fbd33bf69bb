"""Which chunks recent searches were allowed to see."""

from collections import OrderedDict
from threading import Lock

from citewell.retrieval.store import Keys, Scope, Store

MOST_SCOPES = 32
"""Scopes that are remembered; the one asked for least recently is forgotten."""


class AllowedChunks:
    """Remembers the chunks of each scope until the collection changes.

    What is remembered for one scope is never used for another. Any number of threads may ask.
    """

    def __init__(self, store: Store, collection: str) -> None:
        self._store = store
        self._collection = collection
        self._lock = Lock()
        self._generation: int | None = None
        self._known: OrderedDict[Scope, Keys | None] = OrderedDict()

    def of(self, scope: Scope) -> Keys | None:
        """Return the rising keys of the chunks in a scope; None for all of the collection."""
        # The number is read first: what changes meanwhile is asked for again next time.
        generation = self._store.generation(self._collection)
        with self._lock:
            if generation != self._generation:
                self._known.clear()
                self._generation = generation
            if scope in self._known:
                self._known.move_to_end(scope)
                return self._known[scope]
        allowed = self._store.allowed(self._collection, scope)
        with self._lock:
            if generation == self._generation:
                self._known[scope] = allowed
                if len(self._known) > MOST_SCOPES:
                    self._known.popitem(last=False)
        return allowed
