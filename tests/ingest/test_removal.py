"""What people name is found, by name, pattern or path, and taken out with nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from citewell.ingest.removal import (
    chosen_files,
    held_files,
    remove_collection,
    remove_files,
)
from citewell.ingest.selecting import matching, one_document
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured, StoreBusy
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.reading import Reading
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import DocumentSummary, EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document


def summary(name: str, path: str) -> DocumentSummary:
    return DocumentSummary(name, "Title", Path(path), pages=0, characters=9, chunks=1)


DOCUMENTS = (
    summary("a[1].md", "/docs/a[1].md"),
    summary("cats.md", "/docs/cats.md"),
    summary("deep/cats.pdf", "/docs/deep/cats.pdf"),
    summary("deep/dogs.pdf", "/docs/deep/dogs.pdf"),
    summary("r1", "/docs/rows.jsonl"),
    summary("r2", "/docs/rows.jsonl"),
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("cats.md", ["cats.md"]),
        ("a[1].md", ["a[1].md"]),
        ("*.pdf", ["deep/cats.pdf", "deep/dogs.pdf"]),
        ("deep", ["deep/cats.pdf", "deep/dogs.pdf"]),
        ("deep/", ["deep/cats.pdf", "deep/dogs.pdf"]),
        ("dee", []),
        ("r?", ["r1", "r2"]),
        ("rows.jsonl", ["r1", "r2"]),
        ("/docs/rows.jsonl", ["r1", "r2"]),
        ("/docs/deep", ["deep/cats.pdf", "deep/dogs.pdf"]),
        ("/docs", [document.name for document in DOCUMENTS]),
        ("/doc", []),
        ("dogs.pdf", ["deep/dogs.pdf"]),
        ("no\0path", []),
    ],
)
def test_documents_are_meant_by_name_pattern_file_and_folder(wanted: str, names: list[str]) -> None:
    assert [document.name for document in matching(DOCUMENTS, wanted)] == names


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("cat.md", r"Did you mean cats\.md"),
        ("dgos.pdf", r"Did you mean deep/dogs\.pdf"),
        ("dogs", r"Did you mean deep/dogs\.pdf\?"),
        ("zebra", "See what it holds: citewell ls --collection pets"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_the_closest(wanted: str, hint: str) -> None:
    with pytest.raises(NotConfigured, match=f"holds no document '{wanted}'. {hint}"):
        one_document(DOCUMENTS, wanted, "pets")


def test_what_means_several_documents_is_refused_with_their_names() -> None:
    with pytest.raises(NotConfigured, match=r"'rows.jsonl' is 2 documents: r1, r2\. Name one"):
        one_document(DOCUMENTS, "rows.jsonl", "pets")


# removal


@dataclass
class Shelf:
    """A store of some files: cats.md is on disk, rows.jsonl is gone, bad.pdf was never read."""

    folder: Path
    store: SqliteStore
    settings: Settings
    syncs: int = 0

    def sync(self) -> None:
        self.syncs += 1

    def names(self) -> list[str]:
        return [document.name for document in self.store.documents("pets")]

    def remove(self, *wanted: str) -> None:
        files = chosen_files(self.store, "pets", wanted)
        remove_files(self.store, self.settings, files, self.sync)


@pytest.fixture
def shelf(tmp_path: Path, embedder: Embedder) -> Iterator[Shelf]:
    folder = tmp_path / "docs"
    folder.mkdir()
    folder.joinpath("cats.md").write_text("cats")
    settings = Settings(home=tmp_path / "home", collection="pets", lock_timeout=0)
    held = {"cats.md": ["cats.md"], "rows.jsonl": ["r1", "r2"], "deep/dogs.md": ["deep/dogs.md"]}
    with open_store(settings.home) as store:
        store.create_collection("pets", embedder.fingerprint, ChunkingSettings())
        for file, names in held.items():
            made = [
                EmbeddedDocument(
                    Document(name, "Pets", "a cat"),
                    [Chunk(name, 0, 5, "a cat")],
                    embedder.embed_passages(["a cat"]),
                )
                for name in names
            ]
            path = folder / file
            reading = Reading(path, file, "read", documents=len(names))
            store.replace_file("pets", SourceFile(path, "0" * 64, "x-1"), made, reading=reading)
        bad = folder / "deep" / "bad.pdf"
        store.put_readings("pets", [Reading(bad, "deep/bad.pdf", "failed", "damaged")])
        yield Shelf(folder, store, settings)


def test_each_file_is_told_with_what_it_holds_and_whether_it_comes_back(shelf: Shelf) -> None:
    found = held_files(shelf.store, "pets")

    assert [(file.path.name, file.documents, file.chunks, file.on_disk) for file in found] == [
        ("cats.md", ("cats.md",), 1, True),
        ("bad.pdf", (), 0, False),
        ("dogs.md", ("deep/dogs.md",), 1, False),
        ("rows.jsonl", ("r1", "r2"), 2, False),
    ]


def test_a_file_goes_with_all_its_documents_and_its_reading(shelf: Shelf) -> None:
    shelf.remove("r1")

    assert shelf.names() == ["cats.md", "deep/dogs.md"]
    assert "rows.jsonl" not in {reading.name for reading in shelf.store.readings("pets")}
    assert shelf.syncs == 1


def test_a_folder_that_is_gone_goes_by_its_path(shelf: Shelf) -> None:
    shelf.remove(str(shelf.folder / "deep"))

    assert shelf.names() == ["cats.md", "r1", "r2"]
    assert [reading.name for reading in shelf.store.readings("pets")] == ["cats.md", "rows.jsonl"]


def test_what_could_not_be_read_is_forgotten_by_its_name(shelf: Shelf) -> None:
    shelf.remove("deep/bad.pdf")

    assert len(shelf.names()) == 4
    assert "deep/bad.pdf" not in {reading.name for reading in shelf.store.readings("pets")}


def test_nothing_goes_when_one_of_several_names_means_nothing(shelf: Shelf) -> None:
    with pytest.raises(NotConfigured, match="holds no document 'zebra'"):
        shelf.remove("cats.md", "zebra")

    assert len(shelf.names()) == 4


def test_a_file_on_disk_is_left_there(shelf: Shelf) -> None:
    shelf.remove("cats.md")

    assert shelf.names() == ["deep/dogs.md", "r1", "r2"]
    assert shelf.folder.joinpath("cats.md").read_text() == "cats"


def test_the_whole_collection_goes_at_once(shelf: Shelf) -> None:
    remove_collection(shelf.store, shelf.settings, shelf.sync)

    assert shelf.store.collections() == []
    assert shelf.syncs == 1


@pytest.mark.parametrize(
    "remove",
    [
        lambda shelf: shelf.remove("r1"),
        lambda shelf: remove_collection(shelf.store, shelf.settings, shelf.sync),
    ],
)
def test_another_writer_is_not_disturbed(shelf: Shelf, remove: Callable[[Shelf], None]) -> None:
    with (
        writer_lock(shelf.settings.home, 0),
        pytest.raises(StoreBusy, match="is writing to"),
    ):
        remove(shelf)

    assert len(shelf.names()) == 4
