"""Collections as the page and the commands make, rename and delete them."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from citewell.app import library
from citewell.app.calibration import KeptCalibration
from citewell.app.chats.sqlite_chats import open_chats
from citewell.app.documents import run_rename
from citewell.app.page.uploads import save_uploads, uploads_folder
from citewell.ingest.pipeline import ingest_paths
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreError
from citewell.retrieval.reading import Reading
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

Put = Callable[..., Path]


class Sent(io.BytesIO):
    """A file as a browser sends it."""

    name = "cats.txt"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", lock_timeout=0)


@pytest.fixture
def put(settings: Settings, embedder: Embedder) -> Put:
    """Stores a document of one passage in the collection ``pets``. Returns the path of its file."""

    def store_it(path: Path, text: str = "Cats sleep.") -> Path:
        document = Document(path.name, path.stem, text)
        chunk = Chunk(path.name, 0, len(text), text)
        with open_store(settings.home) as store:
            store.create_collection("pets", embedder.fingerprint, ChunkingSettings())
            store.replace_file(
                "pets",
                SourceFile(path, "0" * 64, "text-1"),
                [EmbeddedDocument(document, [chunk], embedder.embed_passages([text]))],
            )
        return path

    return store_it


def upload(settings: Settings) -> Path:
    (saved,) = save_uploads(settings.home, "pets", [Sent(b"Cats sleep.")], 1).files
    return saved


def names(settings: Settings) -> list[str]:
    with open_store(settings.home) as store:
        return [each.name for each in store.collections()]


@pytest.mark.parametrize("name", ["", " ", "a/b", "../a", ".a", "a b", "x" * 101])
def test_a_name_that_no_collection_can_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="A collection cannot be called"):
        library.checked_name(name)


def test_a_name_is_taken_without_the_spaces_around_it() -> None:
    assert library.checked_name(" été-2024.v1 ") == "été-2024.v1"


@pytest.mark.models
def test_a_collection_is_made_once(settings: Settings) -> None:
    assert library.create_collection(settings, "pets") == "pets"

    with pytest.raises(ConfigError, match="There is a collection 'pets' already"):
        library.create_collection(settings, "pets")

    assert names(settings) == ["pets"]


def test_uploads_move_with_a_collection_that_is_renamed(settings: Settings, put: Put) -> None:
    put(upload(settings))

    library.rename_collection(settings, "pets", "animals")

    moved = uploads_folder(settings.home, "animals") / "cats.txt"
    assert moved.read_text() == "Cats sleep."
    with open_store(settings.home) as store:
        assert store.path_of("animals", "cats.txt") == moved


def test_after_a_rename_an_ingest_of_the_uploads_finds_nothing_new(
    settings: Settings, embedder: Embedder
) -> None:
    def ingest(collection: str) -> tuple[int, int]:
        with open_store(settings.home) as store:
            report = ingest_paths(
                [uploads_folder(settings.home, collection)],
                store=store,
                embedder=embedder,
                collection=collection,
                settings=settings,
                sync_index=lambda: None,
            )
        return report.added, report.unchanged

    upload(settings)
    assert ingest("pets") == (1, 0)

    library.rename_collection(settings, "pets", "animals")

    assert ingest("animals") == (0, 1)


def test_a_rename_that_fails_leaves_the_uploads_where_they_were(
    settings: Settings, put: Put, embedder: Embedder
) -> None:
    kept = put(upload(settings))
    with open_store(settings.home) as store:
        store.create_collection("animals", embedder.fingerprint, ChunkingSettings())

    with pytest.raises(StoreError, match="there is a collection 'animals' already"):
        library.rename_collection(settings, "pets", "animals")

    assert kept.exists()
    assert names(settings) == ["animals", "pets"]


def test_a_folder_in_the_way_of_the_uploads_is_told(settings: Settings, put: Put) -> None:
    kept = put(upload(settings))
    uploads_folder(settings.home, "animals").mkdir()

    with pytest.raises(StoreError, match="is in the way"):
        library.rename_collection(settings, "pets", "animals")

    assert kept.exists()
    assert names(settings) == ["pets"]


def test_a_rename_counts_as_no_change_since_the_calibration(settings: Settings, put: Put) -> None:
    put(Path("/docs/cats.txt"))
    kept = KeptCalibration(1.0, 0.0, 0.5, 0.05, "made", 10, 10, True, 1, 1, 1)
    with open_store(settings.home) as store:
        store.create_collection("old", store.collection("pets").fingerprint, ChunkingSettings())
        for number in range(9):
            store.mark("old", "tag", [""], [str(number)])
        store.delete_collection("old")
        store.set_calibration("pets", kept.written())
        before = store.generation("pets")

    library.rename_collection(settings, "pets", "animals")

    with open_store(settings.home) as store:
        now = KeptCalibration.read(store.calibration("animals") or "")
        assert now is not None
        assert store.generation("animals") - now.generation == before - kept.generation
        assert store.generation("animals") > before + 1


def test_a_collection_is_deleted_and_its_uploads_stay_unless_it_is_said(
    settings: Settings, put: Put
) -> None:
    kept = put(upload(settings))

    library.delete_collection(settings, "pets", uploads=False)

    assert names(settings) == []
    assert kept.exists()


def test_a_collection_is_deleted_with_its_uploads(settings: Settings, put: Put) -> None:
    kept = put(upload(settings))

    library.delete_collection(settings, "pets", uploads=True)

    assert not kept.parent.exists()


def test_what_labels_hide_is_not_deleted(settings: Settings, put: Put) -> None:
    put(Path("/docs/cats.txt"))
    with open_store(settings.home) as store:
        store.mark("pets", "label", ["cats.txt"], ["vets"])

    with pytest.raises(StoreError, match="1 documents whose labels hide them"):
        library.delete_collection(settings, "pets", uploads=True)

    assert names(settings) == ["pets"]
    library.delete_collection(
        settings.model_copy(update={"labels": ("vets",)}), "pets", uploads=True
    )
    assert names(settings) == []


def test_a_file_that_is_removed_stays_on_the_disk_unless_it_was_uploaded(
    settings: Settings, put: Put, tmp_path: Path
) -> None:
    own, uploaded = put(tmp_path / "own.txt"), put(upload(settings))
    own.write_text("mine")

    assert not library.remove_file(settings, "pets", own)
    assert library.remove_file(settings, "pets", uploaded)

    assert (own.exists(), uploaded.exists()) == (True, False)
    with open_store(settings.home) as store:
        assert store.documents("pets") == []


def test_a_file_that_is_not_known_is_not_removed(settings: Settings, put: Put) -> None:
    put(Path("/docs/cats.txt"))

    with pytest.raises(NotConfigured, match=r"knows no file /docs/dogs\.txt"):
        library.remove_file(settings, "pets", Path("/docs/dogs.txt"))


def test_readings_of_what_labels_hide_are_left_out(settings: Settings, put: Put) -> None:
    put(Path("/docs/cats.txt"))
    with open_store(settings.home) as store:
        found = [Reading(Path("/docs/cats.txt"), "cats.txt", "read")]
        found.append(Reading(Path("/docs/secret.bin"), "secret.bin", "failed", "damaged"))
        store.put_readings("pets", found)
        documents = store.documents("pets")
    assert len(library.readings(settings, "pets", documents)) == 2

    with open_store(settings.home) as store:
        store.mark("pets", "label", ["secret.bin"], ["vets"])

    seen = library.readings(settings, "pets", documents)
    assert [each.name for each in seen] == ["cats.txt"]


def test_the_command_renames_with_the_conversations(
    settings: Settings, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put(Path("/docs/cats.txt"))
    chats = open_chats(settings.home)
    conversation = chats.create("pets")

    assert run_rename("pets", "animals", settings) == 0

    assert capsys.readouterr().out == "pets is called animals now.\n"
    assert chats.get(conversation.id).collection == "animals"
    chats.close()


def test_the_command_is_one_of_collections(settings: Settings, put: Put) -> None:
    put(Path("/docs/cats.txt"))
    home = ["--home", str(settings.home)]
    citewell = [str(Path(sys.executable).with_name("citewell")), "collections"]

    subprocess.run([*citewell, "rename", "pets", "animals", *home], check=True)
    listed = subprocess.run([*citewell, *home], check=True, capture_output=True, text=True).stdout

    assert "animals" in listed
    assert "pets" not in listed
