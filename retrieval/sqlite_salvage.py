"""Save what can be read of a damaged citewell.db into a new one, and put that in its place."""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np

from citewell.retrieval.doctor_documents import document_faults, held
from citewell.retrieval.errors import NotConfigured, StoreDamaged
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_marks import LOCKED
from citewell.retrieval.sqlite_schema import prepare
from citewell.retrieval.sqlite_store import FILE_NAME, SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, Mark, SourceFile, Store
from citewell.retrieval.values import Collection

NEW_NAME = f"{FILE_NAME}.new"
_JOURNALS = ("-wal", "-shm", "-journal")

# Documents that are copied in one transaction; a file of rows may hold any number.
_BATCH = 200


def salvage(home: Path) -> tuple[int, int]:
    """Write a new database of all files that can still be read whole, beside the damaged one.

    Returns how many files were saved and how many of those that could be named were not.
    """
    _remove(home / NEW_NAME)
    new = Connections(home / NEW_NAME)
    try:
        prepare(new)
        saved, lost = _save_all(home, new)
    finally:
        new.close()
    return saved, lost


def put_in_place(home: Path) -> Path:
    """Set the damaged database aside and let the new one take its place.

    The journals go first: SQLite would read one of the old file into the new one.

    Returns where the damaged one is.
    """
    taken = (home / f"{FILE_NAME}.damaged-{number}" for number in count(1))
    aside = next(path for path in taken if not path.exists())
    for ending in (*_JOURNALS, ""):
        path = home / f"{FILE_NAME}{ending}"
        if path.exists():
            path.rename(f"{aside}{ending}")
    (home / NEW_NAME).rename(home / FILE_NAME)
    return aside


def _save_all(home: Path, new: Connections) -> tuple[int, int]:
    saved = lost = 0
    # Where not even the names can be read, what was saved so far is all.
    with suppress(StoreDamaged), open_store(home) as damaged:
        collections = damaged.collections()
        _begin_after(new, (each.generation for each in collections), _last_key(damaged))
        for each in collections:
            kept, files = _save_collection(damaged, SqliteStore(new), each)
            saved += kept
            lost += files - kept
    return saved, lost


def _begin_after(new: Connections, generations: Iterable[int], key: int) -> None:
    """Let readers of the damaged database notice another one, and take no chunk for an old one."""
    with new.writing() as connection:
        connection.execute(
            "UPDATE store_state SET first_generation = ?", (max(generations, default=0) + 1,)
        )
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('chunks', ?)", (key,))


def _last_key(damaged: SqliteStore) -> int:
    """Return a number that no key of a chunk was above."""
    with suppress(StoreDamaged):
        return damaged.last_key()
    return int(time.time())  # more chunks than were ever stored, and more at each rebuild


def _save_collection(damaged: SqliteStore, new: Store, collection: Collection) -> tuple[int, int]:
    """Return how many files were saved, and how many there were."""
    name = collection.name
    new.create_collection(name, collection.fingerprint, collection.chunking)
    new.keep_marks(name, _marks(damaged, name))  # before the documents that they keep from some
    files = _files(damaged, name)
    saved = {file.path for file in files if _save_file(damaged, new, collection, file)}
    with suppress(StoreDamaged):
        new.put_readings(name, [each for each in damaged.readings(name) if each.path in saved])
    with suppress(StoreDamaged):
        new.set_calibration(name, damaged.calibration(name))
    return len(saved), len(files)


def _marks(damaged: SqliteStore, collection: str) -> list[Mark]:
    """Return the marks of a collection.

    Where its labels cannot be trusted any more, all of it is kept from everybody by one more.
    """
    found = []
    with suppress(StoreDamaged):
        found = damaged.marks(collection)
        if not damaged.labels_lost(collection):
            return found
    return [*found, LOCKED]


def _files(damaged: Store, collection: str) -> list[SourceFile]:
    """Return the files that are held, and those that only their readings still name."""
    files: dict[Path, SourceFile] = {}
    with suppress(StoreDamaged):
        for each in damaged.readings(collection):
            if each.status == "read":
                files[each.path] = SourceFile(each.path, each.sha256, each.reader, each.name)
    with suppress(StoreDamaged):
        files |= damaged.files(collection)
    return list(files.values())


def _digests(damaged: Store, collection: str, path: Path) -> dict[str, str]:
    """Return a file's documents with their digests, which are blank where its row is gone."""
    found = damaged.digests(collection, path)
    if not found:
        named = [each.name for each in damaged.readings(collection) if each.path == path]
        found = dict.fromkeys(named, "")
    return found


def _save_file(damaged: Store, new: Store, collection: Collection, file: SourceFile) -> bool:
    """Copy a file's documents, or none of them."""
    name = collection.name
    unfinished = replace(file, sha256="")
    try:
        digests = _digests(damaged, name, file.path)
        names = list(digests)
        if not names:
            return False
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            documents = [_whole(damaged, collection, each, digests[each]) for each in batch]
            new.replace_file(name, unfinished, documents, set(names[:start]))
        new.replace_file(name, file, [], set(names))
    except (StoreDamaged, NotConfigured):  # a damaged name stands for no document
        new.delete_file(name, file.path)
        return False
    return True


def _whole(damaged: Store, collection: Collection, document: str, digest: str) -> EmbeddedDocument:
    """Return a document as it was stored. Raises StoreDamaged if it is not so any more.

    Where the digest is gone, the ids of its chunks vouch for its text: they are digests too.
    """
    part = held(damaged, collection.name, document)
    whole = part.whole
    faults = list(document_faults(part, collection.fingerprint.dimension))
    if digest not in ("", whole.digest) or faults:
        raise StoreDamaged(f"{document!r} is not as it was stored ({', '.join(faults)}).")
    vectors = np.array([part.vectors[each.key] for each in part.chunks], np.float32)
    return EmbeddedDocument(
        whole,
        [each.chunk for each in part.chunks],
        vectors.reshape(len(part.chunks), collection.fingerprint.dimension),
    )


def _remove(path: Path) -> None:
    for ending in (*_JOURNALS, ""):
        Path(f"{path}{ending}").unlink(missing_ok=True)
