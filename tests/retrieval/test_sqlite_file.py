"""The file of the store: damaged, full, foreign, and used by several at once."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from citewell.retrieval.errors import StoreBusy, StoreError
from citewell.retrieval.sqlite_connections import add_functions, store_errors
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile

Embed = Callable[..., EmbeddedDocument]
Put = Callable[..., None]


def check(home: Path) -> None:
    """Raise if SQLite finds a fault in the file, or FTS5 one between its words and the chunks."""
    connection = sqlite3.connect(home / "citewell.db")
    add_functions(connection)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
        if found != ["ok"]:
            raise AssertionError(found)
        for (collection,) in connection.execute("SELECT id FROM collections").fetchall():
            connection.execute(
                f"INSERT INTO search_{collection} (search_{collection}, rank)"
                " VALUES ('integrity-check', 1)"
            )
    finally:
        connection.close()


def test_what_is_stored_is_there_after_opening_again(
    home: Path, store: SqliteStore, put: Put
) -> None:
    put("a.md", "a cat")
    store.close()

    with open_store(home) as again:
        assert again.document("papers", "a.md").text == "a cat"


def test_a_home_that_is_made_is_closed_to_others(home: Path) -> None:
    open_store(home).close()

    assert home.stat().st_mode & 0o777 == 0o700


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    store.close()
    store.close()

    with pytest.raises(StoreError, match=r"citewell\.db was closed"):
        store.collections()


def test_a_home_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match=r"folder .*file cannot be made.*CITEWELL_HOME"):
        open_store(tmp_path / "file")


def test_a_store_of_a_newer_program_is_refused(home: Path, store: SqliteStore) -> None:
    store.close()
    connection = sqlite3.connect(home / "citewell.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(StoreError, match=r"newer Citewell \(layout 99\.0; this one knows 3\.1\)"):
        open_store(home)


def test_a_file_that_is_no_database_is_refused_by_name(home: Path) -> None:
    home.mkdir()
    (home / "citewell.db").write_bytes(b"This is not a database. " * 500)

    with pytest.raises(StoreError, match=r"citewell\.db is damaged.*citewell ingest"):
        open_store(home)


def test_a_database_cut_in_half_is_refused_by_name(
    home: Path, store: SqliteStore, put: Put
) -> None:
    put("a.md", *[f"line {number} about a cat" for number in range(500)])
    store.close()
    path = home / "citewell.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    def read_all() -> None:
        with open_store(home) as damaged:
            damaged.chunks("papers", range(1, 501))

    with pytest.raises(StoreError, match=r"citewell\.db is damaged.*citewell rebuild"):
        read_all()


def test_writing_where_it_is_not_allowed_says_what_to_do(home: Path, store: SqliteStore) -> None:
    store.close()
    path = home / "citewell.db"
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)

    with (
        pytest.raises(StoreError, match=r"citewell\.db may not be written.*permission"),
        store_errors(path),
    ):
        connection.execute("CREATE TABLE more (x)")
    connection.close()


def test_a_database_that_another_connection_holds_is_busy(home: Path, store: SqliteStore) -> None:
    path = home / "citewell.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    waiter = sqlite3.connect(path, timeout=0, isolation_level=None)

    with pytest.raises(StoreBusy, match=r"writing to .*citewell\.db"), store_errors(path):
        waiter.execute("BEGIN IMMEDIATE")
    waiter.close()
    holder.close()


def test_a_full_disk_at_any_write_leaves_the_old_content(
    home: Path, store: SqliteStore, put: Put, embed: Embed
) -> None:
    put("a.md", "an old cat")
    store.close()
    new = embed("a.md", *[f"line {number}: {'a new dog ' * 60}" for number in range(40)])
    file = SourceFile(Path("/docs/a.md"), "1" * 64, "text-1")
    size = (home / "citewell.db").stat().st_size
    failures: list[str] = []

    def write_with_room_for(pages: int) -> bool:
        with open_store(home, max_bytes=size + pages * 8192) as small:
            try:
                small.replace_file("papers", file, [new])
            except StoreError as error:
                failures.append(str(error))
            return small.document("papers", "a.md").text != "an old cat"

    pages = 0
    while not write_with_room_for(pages):
        check(home)
        with open_store(home) as after:
            assert [key for key, _ in after.search_text("papers", ["old"], 5)] == [1]
        pages += 1

    assert pages > 5
    assert all("no room left" in failure for failure in failures)
    with open_store(home) as after:
        assert after.collection("papers").chunks == 40


# threads and processes


def test_threads_read_while_another_writes(store: SqliteStore, put: Put) -> None:
    put("a.md", "version 0 cat", "version 0 cat")
    done = threading.Event()
    mixed: list[object] = []

    def read() -> None:
        while not done.is_set():
            keys = [key for key, _ in store.search_text("papers", ["cat"], 10)]
            texts = {each.chunk.text for each in store.chunks("papers", keys)}
            if len(keys) != 2 or len(texts) > 1:
                mixed.append((keys, texts))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 60):
        put("a.md", f"version {number} cat", f"version {number} cat")
    done.set()
    for reader in readers:
        reader.join()

    assert mixed == []
    assert store.generation("papers") == 60


def test_a_second_store_on_the_same_home_sees_each_commit_at_once(
    home: Path, store: SqliteStore, put: Put
) -> None:
    with open_store(home) as reader:
        assert reader.search_text("papers", ["cat"], 5) == []

        put("a.md", "a cat")

        assert [key for key, _ in reader.search_text("papers", ["cat"], 5)] == [1]
        assert reader.generation("papers") == 1


MAKE_THE_STORE = """
import sys
from pathlib import Path
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.values import ChunkingSettings, Fingerprint

with open_store(Path(sys.argv[1])) as store:
    store.create_collection(
        "papers", Fingerprint("toy", "0" * 64, "fp32", "mean", 2), ChunkingSettings()
    )
"""


def test_processes_that_make_the_store_together_make_one(home: Path) -> None:
    command = [sys.executable, "-c", MAKE_THE_STORE, str(home)]
    makers = [subprocess.Popen(command) for _ in range(4)]

    assert [maker.wait() for maker in makers] == [0, 0, 0, 0]
    with open_store(home) as store:
        assert [each.name for each in store.collections()] == ["papers"]


WRITE_WITHOUT_END = """
import itertools, sys
from pathlib import Path
import numpy as np
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint

store = open_store(Path(sys.argv[1]))
fingerprint = Fingerprint("toy", "0" * 64, "fp32", "mean", 2)
store.create_collection("papers", fingerprint, ChunkingSettings())
for number in itertools.count():
    name = f"document{number % 7}"
    text = f"{name} version{number} " + "and many more words " * 20
    chunks = [Chunk(name, 0, len(text), text)] * (1 + number % 5)
    vectors = np.full((len(chunks), 2), number, np.float32)
    file = SourceFile(Path("/docs") / name, f"{number:064}", "text-1")
    store.replace_file(
        "papers", file, [EmbeddedDocument(Document(name, name, text), chunks, vectors)]
    )
    print(name, number, flush=True)
"""


def test_a_process_reads_whole_documents_while_another_writes(home: Path) -> None:
    seen: set[str] = set()
    mixed: list[set[str]] = []
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_WITHOUT_END, str(home)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        next(writer.stdout)
        with open_store(home) as store:
            while len(seen) < 4:
                next(writer.stdout)
                keys = [key for key, _ in store.search_text("papers", ["document0"], 100)]
                found = {each.chunk.text.split()[1] for each in store.chunks("papers", keys)}
                seen |= found
                if len(found) > 1:
                    mixed.append(found)
        writer.kill()

    assert mixed == []


def test_a_killed_writer_leaves_every_document_it_acknowledged_and_nothing_half(
    home: Path,
) -> None:
    for least in (1, 8, 30):
        with subprocess.Popen(
            [sys.executable, "-c", WRITE_WITHOUT_END, str(home)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            lines = [next(writer.stdout) for _ in range(least)]
            writer.kill()
            lines += writer.stdout.read().splitlines(keepends=True)

        acknowledged = dict(line.split() for line in lines if line.endswith("\n"))
        check(home)
        with open_store(home) as store:
            for name, path in store.names("papers").items():
                version = int(store.files("papers")[path].sha256)
                assert version >= int(acknowledged.get(name, 0))
                words = store.document("papers", name).text.split()
                assert words[:2] == [name, f"version{version}"]
                keys = {key for key, _ in store.search_text("papers", [words[1]], 10)}
                assert len(keys) == 1 + version % 5
                assert {vector[0] for _, vector in store.vectors("papers", keys)} == {version}
            assert acknowledged.keys() <= store.names("papers").keys()


FULL_DISK = """
import resource, sys
from pathlib import Path
from citewell.retrieval.errors import StoreError
from citewell.retrieval.sqlite_store import open_store

resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
with open_store(Path(sys.argv[1])) as store:
    print(store.search_text("papers", ["cat"], 5))
    try:
        store.delete_collection("papers")
    except StoreError as error:
        print(error)
"""


def test_a_disk_without_any_room_can_still_be_searched(
    home: Path, store: SqliteStore, put: Put
) -> None:
    put("a.md", "a cat")
    store.close()

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(home)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    found, refused = done.stdout.splitlines()
    assert found.startswith("[(1, ")
    assert "Free some disk space" in refused or "free space" in refused
