"""Collections and their files, as the page and the commands change them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from citewell.app.calibration import KeptCalibration
from citewell.app.page.uploads import drop_upload, drop_uploads, uploads_folder
from citewell.ingest.removal import held_files, remove_collection, remove_files
from citewell.retrieval import chroma_index
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreError
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.reading import Reading
from citewell.retrieval.retriever import open_collection_embedder
from citewell.retrieval.settings import Settings, collection_name
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import DocumentSummary, Store, StoredChunk
from citewell.retrieval.values import ChunkingSettings


def checked_name(name: str) -> str:
    """Return a name that a collection can have.

    Raises:
        ConfigError: If it can have no such name.
    """
    try:
        return collection_name(name.strip())
    except ValueError as error:
        raise ConfigError(f"A collection cannot be called {name.strip()!r}: {error}.") from error


def create_collection(settings: Settings, name: str) -> str:
    """Make an empty collection. Returns its name.

    Raises:
        ConfigError: If it cannot have the name, or there is one of it.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    chosen = settings.model_copy(update={"collection": checked_name(name)})
    with (
        open_store(settings.home) as store,
        writer_lock(settings.home, settings.lock_timeout),
    ):
        if chosen.collection in {each.name for each in store.collections()}:
            raise ConfigError(f"There is a collection {chosen.collection!r} already.")
        fingerprint = open_collection_embedder(store, chosen).fingerprint
        chunking = ChunkingSettings(chars=settings.chunk_chars)
        return store.create_collection(chosen.collection, fingerprint, chunking).name


def rename_collection(settings: Settings, name: str, new: str) -> str:
    """Give a collection another name; what was uploaded to it moves with it. Returns the name.

    Raises:
        ConfigError: If it cannot have the name.
        NotConfigured: If there is no such collection.
        StoreError: If the name is taken.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    wanted = checked_name(new)
    with (
        open_store(settings.home) as store,
        writer_lock(settings.home, settings.lock_timeout),
    ):
        before = store.collection(name).generation
        folders = (uploads_folder(settings.home, name), uploads_folder(settings.home, wanted))
        with _moved(*folders) as moved:
            chroma_index.rename_collection(settings.home, store, (name, wanted), moved)
        _keep_calibrated(store, wanted, before)
    return wanted


@contextmanager
def _moved(old: Path, new: Path) -> Iterator[dict[Path, Path]]:
    """Move a folder, if it is there, and back if the block fails."""
    if not old.is_dir():
        yield {}
        return
    if new.exists():
        raise StoreError(f"The folder {new} is in the way. Move it or give another name.")
    try:
        old.rename(new)
    except OSError as error:
        raise StoreError(f"{old} cannot be moved to {new} ({error.strerror}).") from error
    try:
        yield {old: new}
    except BaseException:
        new.rename(old)
        raise


def _keep_calibrated(store: Store, name: str, before: int) -> None:
    """Count no change of the documents from a generation that a new name alone has raised."""
    text = store.calibration(name)
    kept = None if text is None else KeptCalibration.read(text)
    if kept is not None:
        raised = store.generation(name) - before
        kept = replace(kept, generation=kept.generation + raised)
        store.set_calibration(name, kept.written())


def delete_collection(settings: Settings, name: str, *, uploads: bool) -> None:
    """Remove a collection with all that is in it.

    Args:
        uploads: Whether the files that were uploaded to it leave the disk.

    Raises:
        NotConfigured: If there is no such collection.
        StoreError: If it holds what the labels of the settings do not let see.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    chosen = settings.model_copy(update={"collection": name})
    with open_store(settings.home) as store:
        seen = store.collection(name, frozenset(settings.labels))
        if hidden := store.collection(name).documents - seen.documents:
            raise StoreError(
                f"{name} holds {hidden} documents whose labels hide them from this page. Delete "
                f"it with: citewell rm --all --collection {name}"
            )
        remove_collection(store, chosen, lambda: _sync(store, chosen))
    if uploads:
        drop_uploads(settings.home, name)


def remove_file(settings: Settings, collection: str, path: Path) -> bool:
    """Remove a file with its documents; one that was uploaded leaves the disk.

    Returns whether it left the disk.

    Raises:
        NotConfigured: If the collection does not know it.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
    """
    chosen = settings.model_copy(update={"collection": collection})
    with open_store(settings.home) as store:
        files = [file for file in held_files(store, collection) if file.path == path]
        if not files:
            raise NotConfigured(f"Collection {collection!r} knows no file {path}.")
        remove_files(store, chosen, files, lambda: _sync(store, chosen))
    return drop_upload(settings.home, collection, path)


def readings(
    settings: Settings, collection: str, documents: Sequence[DocumentSummary]
) -> list[Reading]:
    """Return what became of each file, by path.

    Args:
        documents: Those that may be seen. Where labels hide any, or might, files are left out
            that none of these came from.
    """
    with open_store(settings.home) as store:
        found = store.readings(collection)
        if not any(mark.kind == "label" for mark in store.marks(collection)):
            return found
    seen = {document.path for document in documents}
    return [reading for reading in found if reading.path in seen]


def passages(settings: Settings, collection: str, document: str) -> list[StoredChunk]:
    """Return the chunks of a document in the order of its text."""
    with open_store(settings.home) as store:
        return store.document_chunks(collection, document)


def _sync(store: Store, settings: Settings) -> None:
    chroma_index.sync_index(settings.home, store, settings.collection)
