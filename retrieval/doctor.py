"""Is a home folder sound? Every document there once, in words, in vectors and in Chroma.

Nothing is changed, except that an index of Chroma's is opened in a process of its own.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from citewell.retrieval.chroma_files import read_record, safe_to_open
from citewell.retrieval.chroma_index import EXACT_BELOW
from citewell.retrieval.chroma_probe import SAMPLE, index_fault
from citewell.retrieval.doctor_documents import document_faults, held
from citewell.retrieval.errors import NotConfigured, StoreDamaged
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.sqlite_schema import require_database
from citewell.retrieval.sqlite_store import FILE_NAME, open_store
from citewell.retrieval.store import SourceFile, Store
from citewell.retrieval.values import Collection
from citewell.retrieval.vector_index import ExactIndex

_SAME = 1e-3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        collection: Where; blank for the whole home folder.
        text: What it is, in a sentence.
        command: What to run next.
    """

    collection: str
    text: str
    command: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was looked at and what was found.

    Attributes:
        collections: As they were found; empty if the store could not be read.
        damage: What is broken.
        behind: What the next ingest brings in step: files that were changed, removed or not
            finished, and an index that is older than the documents.
    """

    collections: tuple[Collection, ...]
    damage: tuple[Finding, ...]
    behind: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is broken."""
        return not self.damage


def diagnose(home: Path, timeout: float, *, exact_below: int = EXACT_BELOW) -> Diagnosis:
    """Examine a home folder while nobody writes to it.

    Args:
        home: Folder of the store.
        timeout: Seconds to wait for a writer to end.
        exact_below: Number of chunks from which a collection is indexed by Chroma.

    Raises:
        NotConfigured: If there is no store.
        StoreBusy: If a writer is still at work after ``timeout``.
    """
    require_database(home / FILE_NAME)
    with writer_lock(home, timeout):
        try:
            with open_store(home) as store:
                return examine(home, store, exact_below=exact_below)
        except StoreDamaged as error:
            return Diagnosis((), (_damage("", str(error)),), ())


def examine(home: Path, store: Store, *, exact_below: int = EXACT_BELOW) -> Diagnosis:
    """Examine a store and the index beside it, under the writer's lock.

    Raises:
        StoreDamaged: If so much is broken that the rest cannot be told.
    """
    damage = store_damage(store)
    collections = tuple(store.collections())
    behind = [
        Finding(each.name, text, "citewell ingest PATH")
        for each in collections
        for text in _folder_news(store, each.name)
    ]
    large = {each.name: each.generation for each in collections if each.chunks >= exact_below}
    damage_of_index, news = _index_findings(home, store, large)
    return Diagnosis(collections, (*damage, *damage_of_index), (*behind, *news))


def store_damage(store: Store) -> list[Finding]:
    """Return what is broken in a store, the index beside it left aside.

    Raises:
        StoreDamaged: If so much is broken that the rest cannot be told.
    """
    damage = [_damage("", fault) for fault in store.check()]
    for each in store.collections():
        damage += [_damage(each.name, fault) for fault in _collection_faults(store, each)]
    return damage


def _index_findings(
    home: Path, store: Store, large: Mapping[str, int]
) -> tuple[list[Finding], list[Finding]]:
    """Return what is broken in the index, and what it is behind in."""
    if not large:
        return [], []
    record = read_record(home)
    in_step = {name for name, number in large.items() if record.generations.get(name) == number}
    behind = [
        Finding(name, "The vector index is older than the documents.", "citewell rebuild")
        for name in sorted(large.keys() - in_step)
    ]
    if not in_step:
        return [], behind
    untouched = safe_to_open(home, record)
    fault = index_fault(home, store, in_step)
    if fault:
        return [_damage("", f"The vector index is damaged. {fault}")], behind
    if not untouched:
        text = "The files of the vector index were changed from outside, so it is not searched."
        behind.append(Finding("", text, "citewell rebuild"))
    return [], behind


def _damage(collection: str, text: str) -> Finding:
    return Finding(collection, text, "citewell rebuild")


def _collection_faults(store: Store, collection: Collection) -> Iterator[str]:
    name = collection.name
    keys: set[int] = set()
    whole = True
    store.files(name)  # they raise if they are damaged
    store.readings(name)
    for document in store.names(name):
        try:
            part = held(store, name, document)
        except NotConfigured:  # a damaged name stands in one place and not in another
            whole = False
            yield f"{document!r} is named and not there."
            continue
        keys |= part.vectors.keys()
        for fault in document_faults(part, collection.fingerprint.dimension):
            whole = False
            yield f"{document!r} {fault}."
    strays = len(store.chunk_keys(name) - keys)
    if strays:
        yield f"{strays} chunks belong to no document."
    lost = _lost(store, name) if whole else 0
    if lost:
        yield f"{lost} chunks are not the nearest to their own vectors."


def _lost(store: Store, collection: str) -> int:
    """Count the sampled chunks that a search for their own vector does not bring first."""
    keys = sorted(store.chunk_keys(collection))
    sample = islice(keys, 0, None, max(1, len(keys) // SAMPLE))
    index = ExactIndex(store, collection)
    lost = 0
    for key, vector in store.vectors(collection, sample):
        ((found, cosine),) = index.search(vector, 1)
        # Equal texts have equal vectors: any of them may come first.
        lost += found != key and abs(cosine - 1) > _SAME
    return lost


def _folder_news(store: Store, collection: str) -> Iterator[str]:
    """Tell which files are not as the store took them in."""
    failed = {
        each.path: each.sha256 for each in store.readings(collection) if each.status == "failed"
    }
    for file in store.files(collection).values():
        news = _news(file, failed.get(file.path))
        if news:
            yield f"{str(file.path)!r} {news}."


def _news(file: SourceFile, failed: str | None) -> str:
    if not file.sha256:
        return "was not read to its end"
    try:
        with file.path.open("rb") as content:
            now = hashlib.file_digest(content, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return "is gone"
    except OSError as error:
        return f"cannot be opened ({error.strerror})"
    return "" if now in {file.sha256, failed} else "has changed"
