"""Let the next ingest read files that have not changed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import Store


def read_again(settings: Settings, paths: Sequence[Path]) -> None:
    """Forget which content of some files was read; their documents stay until they are read.

    Files that the collection does not know are passed over.

    Raises:
        NotConfigured: If there is no such collection.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    if not paths:
        return
    with (
        open_store(settings.home) as store,
        writer_lock(settings.home, settings.lock_timeout),
    ):
        _forget_content(store, settings.collection, frozenset(paths))


def _forget_content(store: Store, collection: str, paths: frozenset[Path]) -> None:
    for path, file in store.files(collection).items():
        if path in paths:
            names = frozenset(store.digests(collection, path))
            store.replace_file(collection, replace(file, sha256=""), [], names)
    known = (each for each in store.readings(collection) if each.path in paths)
    store.put_readings(collection, [replace(each, sha256="") for each in known])
