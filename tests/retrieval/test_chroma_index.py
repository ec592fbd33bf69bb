"""The Chroma index follows the store, and no damage to it keeps a search from answering."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.chroma_files import (
    IndexDamaged,
    chroma_client,
    collection_name,
    folder_state,
    read_record,
    safe_to_open,
)
from citewell.retrieval.chroma_index import (
    BEHIND,
    DAMAGED,
    ChromaIndex,
    LiveIndex,
    sync_index,
)
from citewell.retrieval.chroma_probe import is_sound
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile, Vectors
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint

DIMENSION = 8
TOY = Fingerprint("toy", "0" * 64, "fp32", "mean", DIMENSION)
Add = Callable[..., None]


def unit_vectors(count: int, seed: int) -> Vectors:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def add(store: SqliteStore, name: str, count: int, collection: str = "papers") -> None:
    """Store a document of so many chunks, with vectors that its name decides."""
    seed = int.from_bytes(name.encode())
    embedded = EmbeddedDocument(
        Document(name, name, "text"), [Chunk(name, 0, 4, "text")] * count, unit_vectors(count, seed)
    )
    store.replace_file(collection, SourceFile(Path(f"/docs/{name}"), "0" * 64, "t-1"), [embedded])


def in_chroma(home: Path, collection: str = "papers") -> set[int]:
    with chroma_client(home) as client:
        index = client.get_collection(collection_name(collection), embedding_function=None)
        return {int(key) for key in index.get(include=[])["ids"]}


def lost(index: LiveIndex, store: SqliteStore) -> list[int]:
    """Return the chunks that a search for their own vectors does not bring first."""
    return [
        key
        for key, vector in store.vectors("papers")
        if [found for found, _ in index.search(vector, 1)] != [key]
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 1,300 chunks indexed: more than Chroma keeps out of its HNSW files."""
    home = tmp_path_factory.mktemp("built") / "home"
    with open_store(home) as store:
        store.create_collection("papers", TOY, ChunkingSettings())
        add(store, "a", 1_300)
        sync_index(home, store, "papers", exact_below=1)
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy of the built home, its files' times included."""
    return Path(shutil.copytree(built, tmp_path / "home"))


@pytest.fixture
def store(home: Path) -> Iterator[SqliteStore]:
    with open_store(home) as opened:
        yield opened


@pytest.fixture
def index(home: Path, store: SqliteStore) -> Iterator[LiveIndex]:
    opened = LiveIndex(home, store, "papers", exact_below=1)
    yield opened
    opened.close()


# in step


def test_chroma_gives_the_nearest_chunks_with_their_cosines(home: Path, store: SqliteStore) -> None:
    question = unit_vectors(1, seed=5)[0]
    cosines = {key: float(vector @ question) for key, vector in store.vectors("papers")}
    best = sorted(cosines, key=lambda key: -cosines[key])[:5]

    chroma = ChromaIndex(home, "papers", 1_300)
    found = chroma.search(question, 5)

    assert [key for key, _ in found] == best
    assert [cosine for _, cosine in found] == pytest.approx(
        [cosines[key] for key in best], abs=1e-5
    )


def test_an_index_in_step_is_searched_without_a_notice(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    assert index.in_step
    assert index.notice is None
    assert lost(index, store) == []


def test_a_limit_above_the_number_of_chunks_gives_them_all(index: LiveIndex) -> None:
    assert len(index.search(unit_vectors(1, 1)[0], 5_000)) == 1_300


def test_a_limit_of_0_gives_nothing(index: LiveIndex) -> None:
    assert index.search(unit_vectors(1, 1)[0], 0) == []


def test_only_allowed_chunks_are_found_in_the_order_of_their_cosines(
    store: SqliteStore, index: LiveIndex
) -> None:
    question, allowed = unit_vectors(1, 5)[0], np.arange(3, 1_300, 100)
    cosines = {key: float(vector @ question) for key, vector in store.vectors("papers")}

    found = [key for key, _ in index.search(question, 20, allowed)]

    assert found == sorted(allowed.tolist(), key=lambda key: -cosines[key])


def test_reading_leaves_the_index_as_the_writer_left_it(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    record = read_record(home)

    index.search(unit_vectors(1, 1)[0], 5)
    index.close()

    assert read_record(home) == record
    assert safe_to_open(home, record)


def test_an_index_that_readers_have_opened_is_kept_by_the_next_writer(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    index.search(unit_vectors(1, 1)[0], 5)

    sync_index(home, store, "papers", exact_below=1)

    assert not list(home.glob("chroma.damaged-*"))
    assert read_record(home).files == folder_state(home)


def test_what_was_stored_is_found_before_and_after_the_index_is_in_step_again(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    add(store, "b", 40)
    stored = (index.in_step, lost(index, store))
    sync_index(home, store, "papers", exact_below=1)
    synced = (index.in_step, lost(index, store))

    assert stored == (False, [])
    assert synced == (True, [])


def test_what_was_removed_is_not_found_before_nor_after_the_index_is_in_step_again(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    add(store, "b", 40)
    sync_index(home, store, "papers", exact_below=1)
    gone = set(range(1_301, 1_341))
    store.delete_file("papers", Path("/docs/b"))

    before = {key for key, _ in index.search(unit_vectors(1, 2)[0], 2_000)}
    sync_index(home, store, "papers", exact_below=1)
    after = {key for key, _ in index.search(unit_vectors(1, 2)[0], 2_000)}

    assert gone.isdisjoint(before)
    assert gone.isdisjoint(after)
    assert in_chroma(home) == store.chunk_keys("papers")


def test_when_most_chunks_were_replaced_the_index_holds_the_new_ones(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    add(store, "a", 1_100)

    sync_index(home, store, "papers", exact_below=1)

    assert index.in_step
    assert in_chroma(home) == set(range(1_301, 2_401))
    assert lost(index, store) == []


def test_a_collection_made_again_with_another_dimension_is_indexed_anew(
    home: Path, store: SqliteStore
) -> None:
    store.delete_collection("papers")
    store.create_collection(
        "papers", Fingerprint("toy2", "1" * 64, "fp32", "mean", 2), ChunkingSettings()
    )
    vectors = np.array([[1, 0], [0, 1]], np.float32)
    document = EmbeddedDocument(Document("b", "b", "text"), [Chunk("b", 0, 4, "text")] * 2, vectors)
    store.replace_file("papers", SourceFile(Path("/docs/b"), "0" * 64, "t-1"), [document])

    sync_index(home, store, "papers", exact_below=1)

    chroma = ChromaIndex(home, "papers", 2)
    assert [key for key, _ in chroma.search(vectors[1], 1)] == [1_302]


def test_an_index_in_step_is_left_alone(home: Path, store: SqliteStore) -> None:
    before = (home / "chroma.json").stat().st_mtime_ns

    sync_index(home, store, "papers", exact_below=1)

    assert (home / "chroma.json").stat().st_mtime_ns == before


def test_a_collection_that_was_deleted_leaves_the_index(home: Path, store: SqliteStore) -> None:
    store.create_collection("letters", TOY, ChunkingSettings())
    add(store, "b", 30, "letters")
    sync_index(home, store, "letters", exact_below=1)
    store.delete_collection("papers")

    sync_index(home, store, "papers", exact_below=1)

    with chroma_client(home) as client:
        assert [each.name for each in client.list_collections()] == [collection_name("letters")]
    assert read_record(home).generations == {"letters": 1}


def test_the_index_goes_when_the_last_collection_has_become_small(
    home: Path, store: SqliteStore
) -> None:
    sync_index(home, store, "papers", exact_below=1_301)

    assert not (home / "chroma").exists()
    assert read_record(home).generations == {}


def test_a_collection_that_has_become_small_is_searched_without_a_notice(
    home: Path, store: SqliteStore
) -> None:
    index = LiveIndex(home, store, "papers", exact_below=1_301)
    notice = index.notice

    assert notice is None
    assert not index.in_step
    assert lost(index, store) == []


def test_an_unknown_collection_is_refused(home: Path, store: SqliteStore) -> None:
    with pytest.raises(NotConfigured, match="no collection 'letters'"):
        LiveIndex(home, store, "letters").search(unit_vectors(1, seed=1)[0], 1)


def test_an_environment_that_names_a_chroma_server_is_not_followed(
    home: Path, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMA_API_IMPL", "chromadb.api.fastapi.FastAPI")
    monkeypatch.setenv("CHROMA_SERVER_HOST", "192.0.2.1")

    index = LiveIndex(home, store, "papers", exact_below=1)
    notice = index.notice

    assert (index.in_step, notice) == (True, None)
    index.close()


def test_threads_search_while_the_index_is_brought_in_step(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    done = threading.Event()
    wrong: list[object] = []
    probes = list(store.vectors("papers", range(1, 21)))

    def read() -> None:
        while not done.is_set():
            for key, vector in probes:
                found = [each for each, _ in index.search(vector, 1)]
                if found != [key]:
                    wrong.append((key, found))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for name in ("b", "c", "d"):
        add(store, name, 50)
        sync_index(home, store, "papers", exact_below=1)
    done.set()
    for reader in readers:
        reader.join()

    assert wrong == []
    assert index.in_step


SMALL_SEARCH = """
import sys
from pathlib import Path
import numpy as np
from citewell.retrieval.chroma_index import LiveIndex, sync_index
from citewell.retrieval.sqlite_store import open_store

home = Path(sys.argv[1])
with open_store(home) as store:
    sync_index(home, store, "papers")
    index = LiveIndex(home, store, "papers")
    notice = index.notice
    print(len(index.search(np.ones(8, np.float32), 5)), notice, "chromadb" in sys.modules)
"""


def test_a_small_collection_needs_no_chroma(home: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", SMALL_SEARCH, str(home)], capture_output=True, text=True, check=True
    )

    assert found.stdout == "5 None False\n"
    assert not (home / "chroma").exists()


# behind


def test_an_index_left_behind_is_told_with_the_command(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    add(store, "b", 10)

    assert index.notice == BEHIND
    assert "citewell ingest" in BEHIND


def test_an_index_that_a_writer_is_still_to_bring_in_step_is_no_news(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    with writer_lock(home, 0):
        add(store, "b", 10)
        during = index.notice

    assert during is None
    assert index.notice == BEHIND


SYNC = """
import sys
from pathlib import Path
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.sqlite_store import open_store

home = Path(sys.argv[1])
with open_store(home) as store:
    print("begin", flush=True)
    sync_index(home, store, "papers", exact_below=1)
"""


def test_a_killed_writer_leaves_an_index_that_the_next_one_brings_in_step(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    size = (home / "chroma" / "chroma.sqlite3").stat().st_size
    add(store, "b", 20_000)
    with subprocess.Popen([sys.executable, "-c", SYNC, str(home)]) as writer:
        while (home / "chroma" / "chroma.sqlite3").stat().st_size < 2 * size:
            assert writer.poll() is None
        writer.kill()

    assert index.notice == BEHIND
    assert [key for key, _ in index.search(unit_vectors(1, ord("b"))[0], 1)] == [1_301]
    store.delete_file("papers", Path("/docs/a"))
    add(store, "b", 1_200)
    sync_index(home, store, "papers", exact_below=1)
    assert index.in_step
    assert index.notice is None
    assert in_chroma(home) == store.chunk_keys("papers")
    assert lost(index, store) == []


# damaged

FILES = (
    "data_level0.bin",
    "header.bin",
    "index_metadata.pickle",
    "length.bin",
    "link_lists.bin",
    "chroma.sqlite3",
)


def damage(home: Path, name: str, how: str) -> None:
    for path in (home / "chroma").rglob(name):
        content = path.read_bytes()
        if how == "removed":
            path.unlink()
        elif how == "cut in half":
            path.write_bytes(content[: len(content) // 2])
        else:
            path.write_bytes(bytes(byte ^ 0xFF for byte in content))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["cut in half", "inverted", "removed"])
def test_a_damaged_index_is_left_out_of_the_search_and_built_again(
    home: Path, store: SqliteStore, name: str, how: str
) -> None:
    damage(home, name, how)

    index = LiveIndex(home, store, "papers", exact_below=1)
    notice = index.notice
    question = unit_vectors(1, seed=ord("a"))[0]
    assert (index.in_step, notice) == (False, DAMAGED)
    assert [key for key, _ in index.search(question, 1)] == [1]

    sync_index(home, store, "papers", exact_below=1)
    assert index.in_step
    assert index.notice is None
    assert [key for key, _ in index.search(question, 1)] == [1]
    assert in_chroma(home) == store.chunk_keys("papers")
    index.close()


@pytest.mark.parametrize("name", [name for name in FILES if name != "link_lists.bin"])
def test_a_probe_tells_damage_and_lives(home: Path, store: SqliteStore, name: str) -> None:
    damage(home, name, "cut in half")

    assert not is_sound(home, store)


def test_a_probe_finds_an_index_sound_that_is_behind(home: Path, store: SqliteStore) -> None:
    add(store, "b", 30)

    assert is_sound(home, store)


def test_a_damaged_index_is_set_aside_and_only_the_newest_is_kept(
    home: Path, store: SqliteStore
) -> None:
    for _ in range(2):
        damage(home, "data_level0.bin", "cut in half")
        sync_index(home, store, "papers", exact_below=1)

    names = sorted(path.name for path in home.iterdir() if path.is_dir())
    assert names == ["chroma", "chroma.damaged-2"]


def test_all_collections_are_built_again_with_one(home: Path, store: SqliteStore) -> None:
    store.create_collection("letters", TOY, ChunkingSettings())
    add(store, "b", 30, "letters")
    sync_index(home, store, "letters", exact_below=1)
    damage(home, "header.bin", "cut in half")

    sync_index(home, store, "letters", exact_below=1)

    assert read_record(home).generations == {"letters": 1, "papers": 1}
    assert in_chroma(home, "papers") == store.chunk_keys("papers")


def test_an_index_whose_files_were_only_touched_is_kept(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    (path,) = (home / "chroma").rglob("header.bin")
    os.utime(path)

    sync_index(home, store, "papers", exact_below=1)

    assert not list(home.glob("chroma.damaged-*"))
    assert index.in_step


def test_an_index_that_was_removed_is_built_again_whichever_collection_changed(
    home: Path, store: SqliteStore, index: LiveIndex
) -> None:
    index.close()
    shutil.rmtree(home / "chroma")
    store.create_collection("letters", TOY, ChunkingSettings())
    add(store, "b", 30, "letters")

    assert index.notice == DAMAGED
    sync_index(home, store, "letters", exact_below=1)
    assert index.in_step
    assert index.notice is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 1}', '{"files": {"x": [1]}}'])
def test_a_garbled_record_counts_as_none(
    home: Path, store: SqliteStore, index: LiveIndex, text: str
) -> None:
    (home / "chroma.json").write_text(text)

    assert index.notice == BEHIND
    sync_index(home, store, "papers", exact_below=1)
    assert index.in_step


def test_an_index_that_holds_too_little_is_not_opened(home: Path) -> None:
    with pytest.raises(IndexDamaged, match="holds 1300 of 1400 chunks"):
        ChromaIndex(home, "papers", 1_400)


FULL_DISK = """
import resource, sys
from pathlib import Path
from citewell.retrieval.chroma_index import LiveIndex, sync_index
from citewell.retrieval.errors import StoreError
from citewell.retrieval.sqlite_store import open_store

home = Path(sys.argv[1])
with open_store(home) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    try:
        sync_index(home, store, "papers", exact_below=1)
    except StoreError as error:
        print(error)
    index = LiveIndex(home, store, "papers", exact_below=1)
    notice = index.notice
    vector = next(store.vectors("papers"))[1]
    print(index.search(vector, 1)[0][0])
    print(notice)
"""


def test_an_index_that_cannot_be_written_leaves_the_search_as_it_was(
    home: Path, store: SqliteStore
) -> None:
    add(store, "b", 2_000)

    found = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(home)], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    assert "vector index in" in found[0]
    assert "The documents are stored and can be searched" in found[0]
    assert found[1:] == ["1", BEHIND]
