"""A collection's calibration in the store."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.rebuilding import rebuild
from citewell.retrieval.sqlite_store import FILE_NAME, SqliteStore, open_store
from citewell.retrieval.values import ChunkingSettings

Put = Callable[..., None]


def _tables(home: Path) -> set[str]:
    with sqlite3.connect(home / FILE_NAME) as connection:
        found = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
    connection.close()
    return found


def test_a_collection_has_no_calibration_at_first(store: SqliteStore) -> None:
    assert store.calibration("papers") is None


def test_a_calibration_is_kept_as_it_was_given(store: SqliteStore) -> None:
    store.set_calibration("papers", '{"threshold": 0.4}')
    assert store.calibration("papers") == '{"threshold": 0.4}'


def test_a_calibration_takes_the_place_of_the_one_before(store: SqliteStore) -> None:
    store.set_calibration("papers", "{}")
    store.set_calibration("papers", "[]")
    assert store.calibration("papers") == "[]"


def test_a_calibration_can_be_taken_away(store: SqliteStore) -> None:
    store.set_calibration("papers", "{}")
    store.set_calibration("papers", None)
    assert store.calibration("papers") is None


def test_a_calibration_outlives_a_change_of_the_documents(store: SqliteStore, put: Put) -> None:
    store.set_calibration("papers", "{}")
    put("a.txt", "Cats sleep.")
    assert store.calibration("papers") == "{}"


def test_a_calibration_is_no_change_of_the_documents(store: SqliteStore) -> None:
    before = store.generation("papers")
    store.set_calibration("papers", "{}")
    assert store.generation("papers") == before


def test_a_calibration_goes_with_its_collection(store: SqliteStore, embedder: Embedder) -> None:
    store.set_calibration("papers", "{}")
    store.delete_collection("papers")
    store.create_collection("papers", embedder.fingerprint, ChunkingSettings())
    assert store.calibration("papers") is None


def test_collections_have_calibrations_of_their_own(store: SqliteStore, embedder: Embedder) -> None:
    store.create_collection("notes", embedder.fingerprint, ChunkingSettings())
    store.set_calibration("papers", "{}")
    assert store.calibration("notes") is None


def test_a_collection_that_is_not_there_cannot_be_calibrated(store: SqliteStore) -> None:
    with pytest.raises(NotConfigured, match="drafts"):
        store.set_calibration("drafts", "{}")


def test_a_database_without_the_table_is_read_and_left_as_it_is(
    store: SqliteStore, home: Path
) -> None:
    assert store.calibration("papers") is None
    assert "calibrations" not in _tables(home)


def test_a_calibration_is_saved_from_a_damaged_database(
    store: SqliteStore, home: Path, put: Put
) -> None:
    put("a.txt", "Cats sleep.")
    store.set_calibration("papers", "{}")
    store.close()
    with sqlite3.connect(home / FILE_NAME) as connection:
        connection.execute("UPDATE documents SET text = 'Dogs sleep.'")
    connection.close()
    assert rebuild(home, 1.0).aside is not None
    with open_store(home) as mended:
        assert mended.calibration("papers") == "{}"
