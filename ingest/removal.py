"""Take files out of a collection. The files on disk stay as they are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from citewell.ingest.plan import is_there
from citewell.ingest.selecting import full_path, matching, no_match
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import DocumentSummary, Store


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that the store knows.

    Attributes:
        documents: Names of its documents; none if it could not be read.
        chunks: Number of chunks of them.
        on_disk: Whether it is still where it was read.
    """

    path: Path
    documents: tuple[str, ...]
    chunks: int
    on_disk: bool


def held_files(store: Store, collection: str) -> list[HeldFile]:
    """Return all files of a collection by path, also those that could not be read.

    Raises:
        NotConfigured: If there is no such collection.
    """
    held = _by_file(store.documents(collection))
    paths = held.keys() | store.files(collection).keys()
    paths |= {reading.path for reading in store.readings(collection)}
    return [_file(path, held[path]) for path in sorted(paths)]


def chosen_files(store: Store, collection: str, wanted: Sequence[str]) -> list[HeldFile]:
    """Return the files that someone means, by path. See `citewell.ingest.selecting.matching`.

    A file is meant as a whole when one of its documents is. Files that could not be read are
    meant by their path, by that of a folder above them, or by their name.

    Raises:
        NotConfigured: If one of ``wanted`` means nothing, or there is no such collection.
    """
    documents = store.documents(collection)
    readings = {reading.path: reading.name for reading in store.readings(collection)}
    known = readings.keys() | store.files(collection).keys()
    chosen: set[Path] = set()
    for each in wanted:
        path = full_path(each)
        found = {document.path for document in matching(documents, each)}
        found |= {at for at in known if path is not None and at.is_relative_to(path)}
        found |= {at for at, name in readings.items() if name == each}
        if not found:
            raise no_match(documents, each, collection)
        chosen |= found
    held = _by_file(documents)
    return [_file(path, held[path]) for path in sorted(chosen)]


def remove_files(
    store: Store, settings: Settings, files: Iterable[HeldFile], sync_index: Callable[[], None]
) -> None:
    """Remove files from the collection that settings name, each in one transaction.

    Args:
        sync_index: Brings the vector index up to date with the store.

    Raises:
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    with writer_lock(settings.home, settings.lock_timeout):
        for file in files:
            store.delete_file(settings.collection, file.path)
        sync_index()


def remove_collection(store: Store, settings: Settings, sync_index: Callable[[], None]) -> None:
    """Remove the collection that settings name with all that is in it.

    Raises:
        NotConfigured: If there is no such collection.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    with writer_lock(settings.home, settings.lock_timeout):
        store.delete_collection(settings.collection)
        sync_index()


def _by_file(documents: Iterable[DocumentSummary]) -> defaultdict[Path, list[DocumentSummary]]:
    files: defaultdict[Path, list[DocumentSummary]] = defaultdict(list)
    for document in documents:
        files[document.path].append(document)
    return files


def _file(path: Path, documents: Sequence[DocumentSummary]) -> HeldFile:
    return HeldFile(
        path=path,
        documents=tuple(document.name for document in documents),
        chunks=sum(document.chunks for document in documents),
        on_disk=is_there(path),
    )
