"""Readers of LlamaIndex, loaders of LangChain and a user's own, as sources of documents."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.ingest.connectors import ReaderSource
from citewell.ingest.pipeline import IngestReport, ingest_source
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, ReadError
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.values import Page

OWN = '''
class Part:
    def __init__(self, text, metadata):
        self.text, self.metadata = text, metadata

class Notes:
    """Reads a JSON file of texts with facts."""

    def __init__(self, file, secret=""):
        self.file, self.secret = file, secret

    def load_data(self, least=0):
        import json, pathlib
        rows = json.loads(pathlib.Path(self.file).read_text())
        return [Part(text, facts) for text, facts in rows if len(text) >= least]

class Broken:
    def load(self):
        raise OSError("the server is gone")

class NoReader:
    pass
'''


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of a user's own with readers, and the file that one of them reads."""
    (tmp_path / "own_readers.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "notes.json"
    sys.modules.pop("own_readers", None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "home") as store:
        yield store


def run(source: ReaderSource, store: SqliteStore, embedder: Embedder, home: Path) -> IngestReport:
    return ingest_source(
        source,
        store=store,
        embedder=embedder,
        collection="pets",
        settings=Settings(home=home, lock_timeout=0),
        sync_index=lambda: None,
    )


def own(notes: Path, **arguments: str) -> ReaderSource:
    return ReaderSource("own_readers:Notes", {"file": str(notes)} | arguments)


def test_parts_of_one_place_are_the_pages_of_one_document(
    notes: Path, tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    rows = [
        ("The cat purrs.", {"file_path": "/x/pets.pdf", "page_label": "1"}),
        ("The dog barks.", {"file_path": "/x/pets.pdf", "page_label": "2"}),
    ]
    notes.write_text(json.dumps(rows))

    report = run(own(notes), store, embedder, tmp_path / "home")

    document = store.document("pets", "pets.pdf")
    assert report.added == 1
    assert document.text == "The cat purrs.\n\nThe dog barks."
    assert document.pages == (Page(1, 0, 16), Page(2, 16, 30))


def test_only_what_has_changed_is_read_in_again(
    notes: Path, tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    rows = [(f"The {animal}.", {"id": animal}) for animal in ("cat", "dog", "horse")]
    notes.write_text(json.dumps(rows))
    run(own(notes), store, embedder, tmp_path / "home")
    rows[1] = ("A dog barks.", {"id": "dog"})
    notes.write_text(json.dumps(rows[1:]))

    report = run(own(notes), store, embedder, tmp_path / "home")

    assert (report.changed, report.unchanged, report.deleted) == (1, 1, 1)
    assert sorted(store.names("pets")) == ["dog", "horse"]


def test_arguments_that_the_constructor_does_not_take_go_to_the_loading(
    notes: Path, tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    notes.write_text(json.dumps([("cat", {"id": "a"}), ("a longer cat", {"id": "b"})]))

    run(own(notes, least="5"), store, embedder, tmp_path / "home")

    assert sorted(store.names("pets")) == ["b"]


def test_a_secret_is_taken_from_the_environment_and_stored_nowhere(
    notes: Path,
    tmp_path: Path,
    store: SqliteStore,
    embedder: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NOTES_KEY", "hunter2")
    notes.write_text(json.dumps([("The cat.", {"id": "cat"})]))

    run(own(notes, secret="env:NOTES_KEY"), store, embedder, tmp_path / "home")
    store.close()

    database = (tmp_path / "home" / "citewell.db").read_bytes()
    assert b"The cat." in database
    assert b"hunter2" not in database


def test_a_blank_document_is_reported_by_name(
    notes: Path, tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    notes.write_text(json.dumps([("The cat.", {"id": "cat"}), ("  ", {"id": "nothing"})]))

    report = run(own(notes), store, embedder, tmp_path / "home")

    assert report.failed == (("nothing", "holds no text"),)


def test_what_was_read_is_kept_when_the_reader_fails_later(
    notes: Path, tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    notes.write_text(json.dumps([("The cat.", {"id": "cat"})]))
    run(own(notes), store, embedder, tmp_path / "home")
    notes.write_text("not JSON")

    with pytest.raises(ReadError, match=r"own_readers:Notes failed.*is kept"):
        run(own(notes), store, embedder, tmp_path / "home")

    assert sorted(store.names("pets")) == ["cat"]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("nonsense", {}, r"takes package\.module:Class .*not 'nonsense'"),
        ("no_such_package:Reader", {}, r"no_such_package is not installed"),
        ("own_readers:Missing", {}, r"own_readers has no Missing"),
        ("own_readers:NoReader", {}, r"no load_data or load method"),
        ("own_readers:Notes", {"file": "x", "colour": "red"}, r"not take --arg colour.*file"),
        ("own_readers:Notes", {"file": "env:NO_SUCH_VARIABLE"}, r"NO_SUCH_VARIABLE is not set"),
    ],
)
def test_a_wrong_call_says_what_is_right(
    notes: Path, name: str, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        ReaderSource(name, arguments).scan(lambda: None)


def test_a_reader_that_fails_is_named_with_what_it_said(notes: Path) -> None:
    with pytest.raises(ReadError, match=r"own_readers:Broken failed \(OSError: the server is gone"):
        ReaderSource("own_readers:Broken", {}).scan(lambda: None)


@pytest.mark.skipif(
    importlib.util.find_spec("llama_index") is None, reason="llama-index-core is not installed"
)
@pytest.mark.filterwarnings("ignore")
def test_a_reader_of_llamaindex_reads_a_folder(
    tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets" / "cats.txt").write_text("The cat purrs.")
    (tmp_path / "pets" / "dogs.txt").write_text("The dog barks.")
    source = ReaderSource(
        "llama_index.core:SimpleDirectoryReader", {"input_dir": str(tmp_path / "pets")}
    )

    report = run(source, store, embedder, tmp_path / "home")

    assert report.added == 2
    assert store.document("pets", "cats.txt").text == "The cat purrs."


@pytest.mark.skipif(
    importlib.util.find_spec("langchain_community") is None,
    reason="langchain-community is not installed",
)
@pytest.mark.filterwarnings("ignore")
def test_a_loader_of_langchain_reads_a_csv(
    tmp_path: Path, store: SqliteStore, embedder: Embedder
) -> None:
    (tmp_path / "pets.csv").write_text("name,sound\ncat,purrs\ndog,barks\n")
    source = ReaderSource(
        "langchain_community.document_loaders:CSVLoader",
        {"file_path": str(tmp_path / "pets.csv"), "source_column": "name"},
    )

    report = run(source, store, embedder, tmp_path / "home")

    assert report.added == 2
    assert store.document("pets", "cat").text == "name: cat\nsound: purrs"
