"""The Chroma index: kept in step with the store by its writer, searched by its readers.

Chroma keeps large collections quick to search. Below `EXACT_BELOW` chunks comparing with every
vector is quicker than importing and opening it, so small collections have no such index. Two
writing processes would damage it: `sync_index` is called under the writer's lock. A reader opens
it only when it is in step with the store and its files are as the writer left them; until then
`LiveIndex` compares with the stored vectors, which gives the same answers.
"""

from collections.abc import Collection as Sized
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from citewell.retrieval.chroma_files import (
    DATABASE,
    FOLDER_NAME,
    TENANT,
    IndexDamaged,
    IndexRecord,
    chroma_client,
    chroma_failures,
    collection_name,
    folder_state,
    forget_record,
    has_shrunk,
    open_bindings,
    read_record,
    record_stamp,
    remove_index,
    safe_to_open,
    set_aside,
    write_record,
)
from citewell.retrieval.chroma_probe import is_sound
from citewell.retrieval.errors import StoreError
from citewell.retrieval.locking import current_writer
from citewell.retrieval.store import Keys, Store, Vectors
from citewell.retrieval.vector_index import ExactIndex

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.types import Embeddings

EXACT_BELOW = 50_000

BEHIND = (
    "The vector index does not hold the newest documents, so this search compared with every "
    "stored vector, which is as good but slower. Run `citewell ingest` to bring the index up to "
    "date."
)
DAMAGED = (
    "The vector index is damaged, so this search compared with every stored vector, which is as "
    "good but slower. Run `citewell rebuild`, which makes the index anew and embeds nothing again."
)

# One by one is 97 times slower than in batches of 500; more than 5,461 in a call are refused.
_BATCH = 500

Item = TypeVar("Item")


# the writer's side


def sync_index(
    home: Path, store: Store, collection: str, *, exact_below: int = EXACT_BELOW
) -> None:
    """Bring the index of a collection in step with the store. Call it under the writer's lock.

    A damaged index is set aside and all of it is built again from the stored vectors. What it
    holds of collections that are deleted or have become small is removed.

    Args:
        home: Folder of the store and the index.
        store: Where the vectors are.
        collection: The one that changed; it may be gone by now.
        exact_below: Number of chunks from which a collection is indexed.

    Raises:
        StoreError: If the index cannot be written. The documents are stored nonetheless, and
            search compares with every stored vector.
    """
    wanted = _wanted(store, exact_below)
    if not wanted:
        remove_index(home)
        return
    record = read_record(home)
    untouched = folder_state(home) == record.files
    if untouched and record.generations.get(collection) == wanted.get(collection):
        return
    try:
        if not untouched:
            _examine(home, store, record)
        _write(home, store, wanted, record.generations, wanted.keys() & {collection})
    except IndexDamaged:
        _write_anew(home, store, wanted)


def rename_collection(
    home: Path,
    store: Store,
    names: tuple[str, str],
    moved: Mapping[Path, Path] | None = None,
    *,
    exact_below: int = EXACT_BELOW,
) -> None:
    """Rename a collection in the store and in the index. Call it under the writer's lock.

    An index in step follows without its vectors being written again.

    Args:
        names: The old and the new one.
        moved: As `Store.rename_collection` takes it.

    Raises:
        StoreError: If there is a collection of the new name.
    """
    old, new = names
    record = read_record(home)
    in_step = record.generations.get(old) == store.generation(old)
    in_step = in_step and safe_to_open(home, record)
    renamed = store.rename_collection(old, new, moved)
    if in_step:
        with suppress(IndexDamaged):
            _rename(home, record, names, renamed.generation)
    sync_index(home, store, new, exact_below=exact_below)


def _rename(home: Path, record: IndexRecord, names: tuple[str, str], generation: int) -> None:
    old, new = names
    forget_record(home)  # until it holds what the index holds then
    with chroma_client(home) as client:
        index = client.get_collection(collection_name(old), embedding_function=None)
        index.modify(name=collection_name(new))
    generations = {name: number for name, number in record.generations.items() if name != old}
    with chroma_failures():
        write_record(home, IndexRecord(folder_state(home), {**generations, new: generation}))


def rebuild_index(home: Path, store: Store, *, exact_below: int = EXACT_BELOW) -> list[str]:
    """Build the index anew from the stored vectors, under the writer's lock.

    Returns the collections it holds now; small ones need none.

    Raises:
        StoreError: If the index cannot be written.
    """
    wanted = _wanted(store, exact_below)
    remove_index(home)
    if wanted:
        _write_anew(home, store, wanted)
    return sorted(wanted)


def _wanted(store: Store, exact_below: int) -> dict[str, int]:
    """Return the generation of each collection that is large enough to be indexed."""
    return {
        each.name: each.generation for each in store.collections() if each.chunks >= exact_below
    }


def _examine(home: Path, store: Store, record: IndexRecord) -> None:
    """Raise IndexDamaged unless an index in another state than it was left in is sound."""
    if not record.files or has_shrunk(home, record) or not is_sound(home, store):
        raise IndexDamaged
    # Should opening it end this process nonetheless, the next one finds no record and builds anew.
    forget_record(home)


def _write_anew(home: Path, store: Store, wanted: Mapping[str, int]) -> None:
    try:
        set_aside(home)
        _write(home, store, wanted, {}, wanted.keys())
    except (IndexDamaged, OSError) as error:
        remove_index(home)
        raise StoreError(
            f"The vector index in {home / FOLDER_NAME} cannot be written ({error}). The documents "
            "are stored and can be searched. Check the free disk space, then run "
            "`citewell ingest` again."
        ) from error


def _write(
    home: Path,
    store: Store,
    wanted: Mapping[str, int],
    before: Mapping[str, int],
    changed: Sized[str],
) -> None:
    """Write the changed collections into the index, then the record of what it holds."""
    with chroma_client(home) as client:
        names = {collection_name(name) for name in wanted}
        for held in client.list_collections():
            if held.name not in names:
                client.delete_collection(held.name)
        for name in changed:
            _bring_in_step(client, store, name)
    generations = {name: number for name, number in before.items() if name in wanted}
    generations |= {name: wanted[name] for name in changed}
    with chroma_failures():
        write_record(home, IndexRecord(folder_state(home), generations))


def _bring_in_step(client: "Client", store: Store, name: str) -> None:
    index = client.get_or_create_collection(
        collection_name(name), configuration=_configuration(), embedding_function=None
    )
    held = {int(key) for key in index.get(include=[])["ids"]}
    keys = store.chunk_keys(name)
    if len(held - keys) > len(held) / 2:
        # HNSW only marks what is deleted; when most of it is, a new one is smaller and quicker.
        client.delete_collection(index.name)
        index = client.create_collection(
            index.name, configuration=_configuration(), embedding_function=None
        )
        held = set()
    for gone in _batches(sorted(held - keys)):
        index.delete(ids=[str(key) for key in gone])
    for new in _batches(store.vectors(name, keys - held)):
        vectors: Embeddings = [vector for _, vector in new]
        index.add(ids=[str(key) for key, _ in new], embeddings=vectors)


def _configuration() -> "CreateCollectionConfiguration":
    # With its default of 100, one in eighty of the nearest 100 is missed; with 200, one in 200.
    return {"hnsw": {"space": "cosine", "ef_search": 200}}


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


# the readers' side


class LiveIndex:
    """Chroma while it is sound and in step with the store, every stored vector while it is not.

    It never writes to the index, and follows the store: keep it for as long as the store is
    open, and read `notice` after each search. Any number of threads may search.
    """

    def __init__(
        self, home: Path, store: Store, collection: str, *, exact_below: int = EXACT_BELOW
    ) -> None:
        self._home = home
        self._store = store
        self._collection = collection
        self._exact_below = exact_below
        self._exact = ExactIndex(store, collection)
        self._lock = Lock()
        self._chroma: ChromaIndex | None = None
        self._seen: tuple[int, IndexRecord] | None = None
        self._read: tuple[object, IndexRecord] | None = None
        self._trouble: str | None = None

    @property
    def in_step(self) -> bool:
        """Whether Chroma is what a search uses now."""
        with self._lock:
            return self._current() is not None

    @property
    def notice(self) -> str | None:
        """Why Chroma is not searched, when the user can do something about it.

        While a writer is at work being behind is no news, and it will rebuild what is damaged.
        """
        with self._lock:
            self._current()
            trouble = self._trouble
        return None if trouble is None or current_writer(self._home) else trouble

    def search(
        self, vector: Vectors, limit: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first.

        Where only some chunks are allowed their vectors are compared: Chroma's way to them leads
        over the others, which could be in the way.
        """
        if allowed is not None:
            return self._exact.search(vector, limit, allowed)
        with self._lock:
            chroma = self._current()
        try:
            if chroma is not None:
                return chroma.search(vector, limit)
        except IndexDamaged:
            with self._lock:
                if self._chroma is chroma:
                    self._give_up(DAMAGED)
        return self._exact.search(vector, limit)

    def close(self) -> None:
        """Let go of the index's files when no thread searches in them; a search opens them anew."""
        with self._lock:
            self._give_up(None)
            self._seen = None

    def _current(self) -> "ChromaIndex | None":
        """Open Chroma anew when the store or the index has changed: an open one sees no news."""
        seen = (self._store.generation(self._collection), self._record())
        if seen != self._seen:
            self._give_up(None)
            self._open(*seen)
            self._seen = seen
        return self._chroma

    def _record(self) -> IndexRecord:
        """Return the record; it is read again only when its file is another, as each one is."""
        stamp = record_stamp(self._home)
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, read_record(self._home))
        return self._read[1]

    def _open(self, generation: int, record: IndexRecord) -> None:
        chunks = self._store.collection(self._collection).chunks
        if chunks < self._exact_below:
            return
        if record.generations.get(self._collection) != generation:
            self._trouble = BEHIND
            return
        try:
            if not safe_to_open(self._home, record):
                raise IndexDamaged
            self._chroma = ChromaIndex(self._home, self._collection, chunks)
        except (IndexDamaged, OSError):
            self._trouble = DAMAGED

    def _give_up(self, trouble: str | None) -> None:
        """Forget Chroma, which closes when the last search in it has ended."""
        self._chroma, self._trouble = None, trouble


class ChromaIndex:
    """A collection's vectors in Chroma, as they were when it was opened.

    Its files are let go of with the last reference to it.
    """

    def __init__(self, home: Path, collection: str, chunks: int) -> None:
        """Open Chroma. Raises IndexDamaged if it fails or does not hold so many chunks."""
        with chroma_failures():
            self._chroma = open_bindings(home / FOLDER_NAME)
            found = self._chroma.get_collection(collection_name(collection), TENANT, DATABASE)
            self._id = str(found.id)
            self._chunks: int = self._chroma.count(self._id, TENANT, DATABASE)
        if self._chunks != chunks:
            raise IndexDamaged(f"It holds {self._chunks} of {chunks} chunks.")

    def search(self, vector: Vectors, limit: int) -> list[tuple[int, float]]:
        """Return ``(chunk key, cosine)`` of the nearest chunks, best first."""
        limit = min(limit, self._chunks)
        if limit < 1:
            return []
        asked = [vector.tolist()]
        with chroma_failures():
            found = self._chroma.query(
                self._id, None, asked, limit, None, None, ["distances"], TENANT, DATABASE
            )
            pairs = zip(map(int, found.ids[0]), found.distances[0], strict=True)
            return [(key, 1.0 - float(distance)) for key, distance in pairs]
