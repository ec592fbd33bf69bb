"""A collection under another name: all that it holds stays, in the store and in the index."""

from collections.abc import Callable
from pathlib import Path

import pytest

from citewell.retrieval.chroma_files import chroma_client, collection_name, read_record
from citewell.retrieval.chroma_index import (
    LiveIndex,
    rename_collection,
    sync_index,
)
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured, StoreError
from citewell.retrieval.reading import Reading
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import ChunkingSettings

Put = Callable[..., None]
Embed = Callable[..., EmbeddedDocument]


def test_a_collection_is_found_under_its_new_name_alone(store: SqliteStore, put: Put) -> None:
    put("a.txt", "Cats sleep.")

    renamed = store.rename_collection("papers", "essays")

    assert (renamed.name, renamed.documents, renamed.chunks) == ("essays", 1, 1)
    assert [each.name for each in store.collections()] == ["essays"]
    with pytest.raises(NotConfigured, match="'papers'"):
        store.documents("papers")


def test_documents_words_and_vectors_stay(store: SqliteStore, put: Put) -> None:
    put("a.txt", "Cats sleep.")
    before = dict(store.vectors("papers"))

    store.rename_collection("papers", "essays")

    assert [found for found, _ in store.search_text("essays", ["cats"], 5)] == list(before)
    assert store.document("essays", "a.txt").text == "Cats sleep."
    assert store.chunk_keys("essays") == set(before)


def test_calibration_marks_and_readings_stay(store: SqliteStore, put: Put) -> None:
    put("a.txt", "Cats sleep.")
    store.set_calibration("papers", "{}")
    store.mark("papers", "tag", ["a.txt"], ["pets"])
    store.put_readings("papers", [Reading(Path("/docs/b.bin"), "b.bin", "failed", "damaged")])

    store.rename_collection("papers", "essays")

    assert store.calibration("essays") == "{}"
    assert [(mark.name, mark.value) for mark in store.marks("essays")] == [("a.txt", "pets")]
    assert [each.name for each in store.readings("essays")] == ["b.bin"]


def test_a_name_that_is_taken_is_refused_and_nothing_changes(
    store: SqliteStore, embedder: Embedder
) -> None:
    store.create_collection("essays", embedder.fingerprint, ChunkingSettings())

    with pytest.raises(StoreError, match="there is a collection 'essays' already"):
        store.rename_collection("papers", "essays")

    assert [each.name for each in store.collections()] == ["essays", "papers"]


def test_a_collection_that_is_not_there_is_not_renamed(store: SqliteStore) -> None:
    with pytest.raises(NotConfigured, match="'drafts'"):
        store.rename_collection("drafts", "essays")


def test_no_reader_of_either_name_meets_a_generation_again(
    store: SqliteStore, embedder: Embedder, put: Put
) -> None:
    store.create_collection("essays", embedder.fingerprint, ChunkingSettings())
    store.mark("essays", "tag", [""], ["a"])
    seen = store.generation("essays")
    store.delete_collection("essays")
    put("a.txt", "Cats sleep.")

    renamed = store.rename_collection("papers", "essays")
    made = store.create_collection("papers", embedder.fingerprint, ChunkingSettings())

    assert renamed.generation > seen
    assert made.generation > renamed.generation


def test_files_below_a_folder_that_moved_are_known_where_they_are_now(
    store: SqliteStore, embed: Embed
) -> None:
    old, new = Path("/up/papers"), Path("/up/essays")
    for path in (old / "in/a.txt", Path("/docs/b.txt")):
        store.replace_file(
            "papers", SourceFile(path, "0" * 64, "text-1"), [embed(path.name, "Cats sleep.")]
        )
    store.put_readings("papers", [Reading(old / "c.bin", "c.bin", "failed", "damaged")])

    store.rename_collection("papers", "essays", {old: new})

    assert set(store.files("essays")) == {new / "in/a.txt", Path("/docs/b.txt")}
    assert [each.path for each in store.readings("essays")] == [new / "c.bin"]
    assert store.path_of("essays", "a.txt") == new / "in/a.txt"
    assert store.check() == []


def test_a_folder_of_a_like_name_has_not_moved(store: SqliteStore, embed: Embed) -> None:
    path = Path("/up/papers-2/a.txt")
    store.replace_file(
        "papers", SourceFile(path, "0" * 64, "text-1"), [embed("a.txt", "Cats sleep.")]
    )

    store.rename_collection("papers", "essays", {Path("/up/papers"): Path("/up/essays")})

    assert list(store.files("essays")) == [path]


def test_the_index_follows_without_its_vectors_being_written_again(
    home: Path, store: SqliteStore, put: Put
) -> None:
    put("a.txt", "Cats sleep.", "Dogs run.")
    sync_index(home, store, "papers", exact_below=1)
    with chroma_client(home) as client:
        (before,) = client.list_collections()
        held = before.id

    rename_collection(home, store, ("papers", "essays"), exact_below=1)

    with chroma_client(home) as client:
        assert [(each.name, each.id) for each in client.list_collections()] == [
            (collection_name("essays"), held)
        ]
    assert read_record(home).generations == {"essays": store.generation("essays")}
    assert LiveIndex(home, store, "essays", exact_below=1).in_step


def test_an_index_that_is_behind_is_brought_in_step_under_the_new_name(
    home: Path, store: SqliteStore, put: Put
) -> None:
    put("a.txt", "Cats sleep.")
    sync_index(home, store, "papers", exact_below=1)
    put("b.txt", "Dogs run.")

    rename_collection(home, store, ("papers", "essays"), exact_below=1)

    assert LiveIndex(home, store, "essays", exact_below=1).in_step
    assert "papers" not in read_record(home).generations


def test_where_there_is_no_index_none_is_made(home: Path, store: SqliteStore, put: Put) -> None:
    put("a.txt", "Cats sleep.")

    rename_collection(home, store, ("papers", "essays"))

    assert not (home / "chroma").exists()
