"""What a second look at a folder does: renames, moves, copies, remembered failures."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from citewell.ingest.pipeline import IngestReport, ingest_paths, plan_source
from citewell.ingest.plan import MANY_FILES
from citewell.ingest.sources import FolderSource
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

PETS = "pets"


class Counting:
    """An embedder that keeps the texts it was asked to embed."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.texts: list[str] = []

    @property
    def fingerprint(self) -> Fingerprint:
        return self._embedder.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        return self._embedder.embed_question(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    folder.mkdir()
    (folder / "cats.md").write_text("# Cats\n\nThe cat purrs.\n")
    (folder / "dogs_and_more.txt").write_text("The dog barks.\n")
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", read_workers=1, lock_timeout=0)


@pytest.fixture
def store(settings: Settings) -> Iterator[SqliteStore]:
    with open_store(settings.home) as store:
        yield store


@pytest.fixture
def counting(embedder: Embedder) -> Counting:
    return Counting(embedder)


@pytest.fixture
def ingest(
    folder: Path, settings: Settings, store: SqliteStore, counting: Counting
) -> Callable[..., IngestReport]:
    """Ingest the folder, or what is named, and forget the texts that were embedded before."""

    def run(*paths: Path) -> IngestReport:
        counting.texts.clear()
        return ingest_paths(
            paths or (folder,),
            store=store,
            embedder=counting,
            collection=PETS,
            settings=settings,
            sync_index=lambda: None,
        )

    return run


Run = Callable[..., IngestReport]


def test_a_renamed_file_keeps_its_vectors_and_is_not_read_again(
    folder: Path, store: SqliteStore, counting: Counting, ingest: Run
) -> None:
    ingest()
    before = dict(store.vectors(PETS))
    (folder / "cats.md").rename(folder / "felines.md")

    report = ingest()

    assert (report.renamed, report.added, report.deleted, report.chunks) == (1, 0, 0, 0)
    assert counting.texts == []
    assert sorted(store.names(PETS)) == ["dogs_and_more.txt", "felines.md"]
    assert dict(store.vectors(PETS)).keys() == before.keys()


def test_a_title_made_of_the_name_follows_a_rename(
    folder: Path, store: SqliteStore, ingest: Run
) -> None:
    ingest()
    (folder / "dogs_and_more.txt").rename(folder / "barking.txt")

    ingest()

    assert store.document(PETS, "barking.txt").title == "Barking"
    assert len(store.search_text(PETS, ["barking"], 5)) == 1
    assert store.search_text(PETS, ["more"], 5) == []


def test_a_title_of_its_own_outlives_a_rename(
    folder: Path, store: SqliteStore, ingest: Run
) -> None:
    (folder / "cats.md").write_text("# All about cats\n\nThe cat purrs.\n")
    ingest()
    (folder / "cats.md").rename(folder / "felines.md")

    ingest()

    assert store.document(PETS, "felines.md").title == "All about cats"


def test_a_renamed_file_that_was_edited_too_is_read_again(
    folder: Path, store: SqliteStore, ingest: Run
) -> None:
    ingest()
    (folder / "cats.md").rename(folder / "felines.md")
    (folder / "felines.md").write_text("# Cats\n\nThe cat sleeps.\n")

    report = ingest()

    assert (report.added, report.deleted, report.renamed) == (1, 1, 0)
    assert "sleeps" in store.document(PETS, "felines.md").text


def test_two_files_that_swap_their_names_swap_their_texts(
    folder: Path, store: SqliteStore, counting: Counting, ingest: Run
) -> None:
    (folder / "a.md").write_text("# Cats\n\nThe cat purrs.\n")
    (folder / "b.md").write_text("# Dogs\n\nThe dog barks.\n")
    ingest()
    (folder / "a.md").rename(folder / "c.md")
    (folder / "b.md").rename(folder / "a.md")
    (folder / "c.md").rename(folder / "b.md")

    report = ingest()

    assert report.changed == 2
    assert "dog" in store.document(PETS, "a.md").text
    assert "cat" in store.document(PETS, "b.md").text
    assert counting.texts == []


def test_only_the_changed_chunks_of_a_changed_document_are_embedded(
    folder: Path, counting: Counting, ingest: Run
) -> None:
    long = "The cat sleeps on the warm roof of the old house near the river. " * 12
    text = f"# Cats\n\n## One\n\n{long}\n\n## Two\n\n{long}\n\n## Three\n\n{long}\n"
    (folder / "cats.md").write_text(text)
    ingest()
    (folder / "cats.md").write_text(text.replace("## Two\n\nThe cat", "## Two\n\nThe horse"))

    report = ingest()

    assert report.embedded == 1
    assert [text.splitlines()[0] for text in counting.texts] == ["Cats > Two"]


def test_a_copy_is_stored_without_embedding_it_again(
    folder: Path, store: SqliteStore, counting: Counting, ingest: Run
) -> None:
    ingest()
    (folder / "sub").mkdir()
    (folder / "sub" / "cats.md").write_bytes((folder / "cats.md").read_bytes())

    report = ingest()

    assert (report.added, report.chunks, report.embedded) == (1, 1, 0)
    assert sorted(store.names(PETS)) == ["cats.md", "dogs_and_more.txt", "sub/cats.md"]


def test_a_file_that_could_not_be_read_is_not_read_again_until_it_changes(
    folder: Path, store: SqliteStore, settings: Settings, ingest: Run
) -> None:
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    first = ingest()

    source = FolderSource([folder], settings)
    plan = plan_source(source, store=store, collection=PETS)
    assert [name for name, _ in plan.failed] == ["torn.pdf"]
    assert plan.added == ()
    assert ingest().failed == first.failed
    (folder / "torn.pdf").write_text("%PDF-1.7 torn more")
    again = plan_source(source, store=store, collection=PETS)
    assert [step.name for step in again.added] == ["torn.pdf"]


def test_what_became_of_each_file_is_recorded(
    folder: Path, store: SqliteStore, ingest: Run
) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n")
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")

    ingest()

    assert {reading.name: reading.status for reading in store.readings(PETS)} == {
        "cats.md": "read",
        "dogs_and_more.txt": "read",
        "photo.png": "skipped",
        "torn.pdf": "failed",
    }


def test_a_record_goes_with_its_file(folder: Path, store: SqliteStore, ingest: Run) -> None:
    (folder / "torn.pdf").write_bytes(b"%PDF-1.7 torn")
    ingest()
    (folder / "torn.pdf").unlink()
    (folder / "cats.md").rename(folder / "felines.md")

    ingest()

    assert [reading.name for reading in store.readings(PETS)] == [
        "dogs_and_more.txt",
        "felines.md",
    ]


def test_a_folder_that_lost_all_of_many_files_is_taken_for_a_missing_drive(
    folder: Path, store: SqliteStore, ingest: Run
) -> None:
    for number in range(MANY_FILES):
        (folder / f"{number}.txt").write_text(f"Cat number {number}.")
    ingest()
    for path in folder.iterdir():
        path.unlink()

    report = ingest()

    assert [name for name, _ in report.failed] == ["handbook"]
    assert "citewell rm" in report.failed[0].reason
    assert len(store.names(PETS)) == MANY_FILES + 2


def test_a_folder_that_lost_its_few_files_loses_their_documents(
    folder: Path, store: SqliteStore, ingest: Run
) -> None:
    ingest()
    for path in folder.iterdir():
        path.unlink()

    assert ingest().deleted == 2
    assert store.names(PETS) == {}
