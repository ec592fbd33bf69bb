"""The collections page as Streamlit runs it, without a browser, on a real store."""

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from citewell.app.page.jobs import Jobs
from citewell.app.page.services import Services
from citewell.app.page.store_engine import StoreEngine
from citewell.app.page.uploads import uploads_folder
from citewell.app.progress import Tell
from citewell.ingest.events import IngestEvent
from citewell.ingest.pipeline import IngestReport, ingest_source
from citewell.ingest.readers import reader_for
from citewell.ingest.sources import FolderSource
from citewell.ingest.workers import ReadJob, ReadOutcome
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured, ReadError
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store

SECONDS = 30


def page(services: "Services") -> None:
    from citewell.app.page.library_page import show

    show(services)


class HereSource(FolderSource):
    """Folders whose files are read in this process, which starts no other."""

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[ReadOutcome]:
        for job in jobs:
            reader = reader_for(job.path)
            assert reader is not None
            try:
                yield ReadOutcome(job, tuple(reader.read(job.path, job.name)))
            except ReadError as error:
                yield ReadOutcome(job, error=str(error), final=True)


@dataclass
class Ingest:
    """Ingests with an embedder that needs no model, once it is let."""

    embedder: Embedder
    leave: Event = field(default_factory=Event)

    def __call__(self, paths: Sequence[Path], settings: Settings, tell: Tell) -> IngestReport:
        tell(IngestEvent("found", 0))
        assert self.leave.wait(SECONDS)
        with open_store(settings.home) as store:
            return ingest_source(
                HereSource(paths, settings),
                store=store,
                embedder=self.embedder,
                collection=settings.collection,
                settings=settings,
                sync_index=lambda: None,
                on_event=tell,
            )


@dataclass
class Library:
    """The page over a home, and what its files and jobs come to."""

    services: Services
    ingest: Ingest

    @property
    def home(self) -> Path:
        return self.services.settings.home

    def read(self, collection: str, files: dict[str, str], folder: Path) -> None:
        """Ingest some files of a folder, as the command does."""
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        chosen = self.services.settings.model_copy(update={"collection": collection})
        self.ingest.leave.set()
        self.ingest([folder], chosen, lambda event: None)

    def open(self, **query: str) -> AppTest:
        app = AppTest.from_function(page, args=(self.services,), default_timeout=SECONDS)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    def finish(self, collection: str = "default") -> None:
        """Wait until the job of a collection is over."""
        self.ingest.leave.set()
        job = self.services.jobs.of(collection)
        assert job is not None
        assert job.wait(SECONDS)

    def documents(self, collection: str = "default") -> list[str]:
        with open_store(self.home) as store:
            return [each.name for each in store.documents(collection)]


MakeLibrary = Callable[..., Library]


@pytest.fixture
def make(make_services: Any, embedder: Embedder) -> Iterator[MakeLibrary]:
    made: list[Library] = []

    def library(**settings: Any) -> Library:
        plain = make_services(**settings)
        ingest = Ingest(embedder)
        engine = StoreEngine(plain.settings)
        services = replace(plain, engine=engine, jobs=Jobs(plain.settings, ingest))
        made.append(Library(services, ingest))
        return made[-1]

    yield library
    for each in made:
        each.ingest.leave.set()
        each.services.jobs.close()
        each.services.engine.close()


@pytest.fixture
def library(make: MakeLibrary) -> Library:
    return make()


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    """A library with a collection ``pets`` of three documents and a file that cannot be read."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "bad.docx").write_bytes(b"PK\x03\x04 no archive")
    texts = {"cats.txt": "Cats sleep.", "dogs.txt": "Dogs run.", "in/horses.txt": "Horses eat."}
    library.read("pets", texts, tmp_path / "docs")
    return library


def shown(app: AppTest) -> str:
    """All the HTML of the page, from top to bottom."""
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def press(app: AppTest, label: str) -> AppTest:
    """Press the first button of a label."""
    return next(button for button in app.button if button.label == label).click().run()


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    uploads = [(name, content, "application/octet-stream") for name, content in files]
    return app.file_uploader[0].set_value(uploads).run()


# the way in


def test_a_first_visit_says_to_drop_files(library: Library) -> None:
    app = library.open()

    assert "<h2>Drop files here</h2>" in shown(app)
    assert len(app.file_uploader) == 2
    assert "Rename" not in labels(app)


def test_what_is_dropped_is_kept_read_and_listed(library: Library) -> None:
    app = drop(library.open(), ("cats.txt", b"Cats sleep."))
    assert "Looking at the files" in shown(app)
    assert "Stop" in labels(app)

    library.finish()
    app.run()

    assert "<strong>1 file added.</strong>" in shown(app)
    assert library.documents() == ["cats.txt"]
    assert (uploads_folder(library.home, "default") / "cats.txt").read_bytes() == b"Cats sleep."


def test_a_changed_file_that_is_dropped_again_is_a_change_and_no_double(library: Library) -> None:
    app = drop(library.open(), ("cats.txt", b"Cats sleep."))
    library.finish()
    drop(app.run(), ("cats.txt", b"Cats hunt."))
    library.finish()
    app.run()

    assert "<strong>1 file changed.</strong>" in shown(app)
    assert library.documents() == ["cats.txt"]


def test_what_is_refused_is_named_with_the_reason(library: Library) -> None:
    app = drop(library.open(), ("../out.txt", b"x"), ("cats.txt", b"Cats sleep."), ("no.txt", b""))
    library.finish()

    html = shown(app.run())
    assert "../out.txt</bdi> was not added: its name leads out of the folder" in html
    assert "no.txt</bdi> was not added: it is empty." in html
    assert library.documents() == ["cats.txt"]


def test_an_archive_that_is_dropped_is_unpacked(library: Library) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("in/cats.txt", "Cats sleep.")
    drop(library.open(), ("docs.zip", content.getvalue()))
    library.finish()

    assert library.documents() == ["docs.zip/in/cats.txt"]


def test_a_disk_that_takes_no_uploads_is_told(library: Library) -> None:
    app = library.open()
    (library.home / "uploads").write_text("in the way")

    drop(app, ("cats.txt", b"Cats sleep."))

    assert "cannot be written to" in shown(app)
    assert library.services.jobs.of("default") is None


def test_an_ingest_can_be_stopped_and_its_note_closed(library: Library) -> None:
    app = press(drop(library.open(), ("cats.txt", b"Cats sleep.")), "Stop")
    assert "Stopping …" in shown(app)

    library.finish()
    app.run()
    assert "<p>Stopped. 0 files finished before that are kept" in shown(app)

    press(app, "Close")
    assert "Stopped." not in shown(app)


def test_an_ingest_is_found_again_by_another_visit(library: Library) -> None:
    drop(library.open(), ("cats.txt", b"Cats sleep."))

    assert "Looking at the files" in shown(library.open())


def test_where_no_folder_is_allowed_the_page_says_how_to_allow_it(library: Library) -> None:
    app = press(library.open(), "Add a folder of the server")

    assert "the setting <code>page_folders</code> names them" in shown(app)
    assert "Read it" not in labels(app)


def test_an_allowed_folder_of_the_server_is_read_where_it_is(
    make: MakeLibrary, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "cats.txt").write_text("Cats sleep.")
    library = make(page_folders=(folder,))

    press(press(library.open(), "Add a folder of the server"), "Read it")
    library.finish()

    assert library.documents() == ["cats.txt"]
    assert not (library.home / "uploads").exists()


# collections


@pytest.mark.models
def test_a_collection_is_made_and_opened(library: Library) -> None:
    app = press(library.open(), "Name the collection first")

    app.text_input(key="library_name").set_value(" Our  pets ")
    press(app, "Make it")

    assert app.selectbox(key="library_picker").value == "Our-pets"
    assert "<bdi>Our-pets</bdi> holds no documents yet." in shown(app)


def test_a_name_that_is_taken_is_refused_in_the_dialog(filled: Library) -> None:
    app = press(filled.open(), "New")

    app.text_input(key="library_name").set_value("pets")
    press(app, "Make it")

    assert "There is a collection &#x27;pets&#x27; already." in shown(app)
    assert "Make it" in labels(app)


def test_the_usual_collection_is_opened_and_another_when_it_is_picked(
    filled: Library, tmp_path: Path
) -> None:
    filled.read("default", {"a.txt": "Cats."}, tmp_path / "other")
    app = filled.open()
    assert "1 document · 1 passage" in shown(app)

    app.selectbox(key="library_picker").set_value("pets").run()

    assert "3 documents · 3 passages" in shown(app)
    assert app.query_params["collection"] == "pets"


def test_a_collection_is_renamed_with_what_was_uploaded_and_said_about_it(
    library: Library,
) -> None:
    app = drop(library.open(), ("cats.txt", b"Cats sleep."))
    library.finish()
    chat = library.services.chats.create("default")
    app = press(app.run(), "Rename")

    app.text_input(key="library_name").set_value("pets")
    next(button for button in app.button if button.label == "Rename" and button.form_id).click()
    app.run()

    assert app.selectbox(key="library_picker").value == "pets"
    assert library.documents("pets") == ["cats.txt"]
    assert (uploads_folder(library.home, "pets") / "cats.txt").exists()
    assert library.services.chats.get(chat.id).collection == "pets"


def test_a_name_that_no_collection_can_have_is_refused_in_the_dialog(filled: Library) -> None:
    app = press(filled.open(), "Rename")

    app.text_input(key="library_name").set_value("a/b")
    next(button for button in app.button if button.form_id).click()
    app.run()

    assert "cannot be called &#x27;a/b&#x27;" in shown(app)
    assert filled.documents("pets")


def test_a_collection_is_deleted_only_when_its_name_was_typed(filled: Library) -> None:
    app = press(filled.open(), "Delete")
    app.text_input(key="library_name").set_value("pet")
    press(app, "Delete for good")
    assert "Nothing was deleted. Type &#x27;pets&#x27; to confirm." in shown(app)
    assert filled.documents("pets")

    app.text_input(key="library_name").set_value("pets")
    press(app, "Delete for good")

    assert "<h2>Drop files here</h2>" in shown(app)
    with pytest.raises(NotConfigured, match="'pets'"):
        filled.documents("pets")


@pytest.mark.parametrize("delete", [True, False])
def test_uploads_go_with_their_collection_only_if_the_user_says_so(
    library: Library, delete: bool
) -> None:
    app = drop(library.open(), ("cats.txt", b"Cats sleep."))
    library.finish()
    app = press(app.run(), "Delete")

    app.checkbox[0].set_value(delete)
    app.text_input(key="library_name").set_value("default")
    press(app, "Delete for good")

    assert (uploads_folder(library.home, "default") / "cats.txt").exists() is not delete


def test_nothing_is_renamed_or_deleted_while_files_are_read(filled: Library) -> None:
    app = filled.open()
    filled.ingest.leave.clear()
    filled.services.jobs.start("pets", [Path("/none")])
    press(app, "Delete")
    app.text_input(key="library_name").set_value("pets")
    press(app, "Delete for good")

    assert "Files are being read at the moment." in shown(app)
    assert filled.documents("pets")


# documents


def test_documents_are_listed_and_searched_by_name_and_title(filled: Library) -> None:
    app = filled.open()
    assert labels(app).count("Open") == 3

    app.text_input(key="library_search_pets").set_value("HORSE in").run()
    assert labels(app).count("Open") == 1
    assert "in/horses.txt" in shown(app)

    app.text_input(key="library_search_pets").set_value("<b>").run()
    assert "No name or title holds &#x27;&lt;b&gt;&#x27;." in shown(app)


def test_a_long_list_is_shown_in_parts(library: Library, tmp_path: Path) -> None:
    texts = {f"{number:02}.txt": f"Cats {number}." for number in range(25)}
    library.read("pets", texts, tmp_path / "docs")
    app = library.open()
    assert "1–20 of 25 documents" in shown(app)

    press(app, "Next")

    assert "21–25 of 25 documents" in shown(app)
    assert labels(app).count("Open") == 5


def test_what_another_process_ingests_is_listed_by_the_next_look(
    filled: Library, tmp_path: Path
) -> None:
    app = filled.open()

    filled.read("pets", {"cows.txt": "Cows."}, tmp_path / "more")

    assert labels(app.run()).count("Open") == 4


def test_a_document_is_opened_with_its_text_and_passages(filled: Library) -> None:
    app = press(filled.open(), "Open")
    assert '<h2 dir="auto">Cats</h2>' in shown(app)
    assert ">Cats sleep.</div>" in shown(app)

    app.segmented_control(key="library_view_cats.txt").set_value("Passages").run()
    assert "Passage 1" in shown(app)

    press(app, "All documents")
    assert labels(app).count("Open") == 3


def test_an_address_names_a_document(filled: Library) -> None:
    app = filled.open(collection="pets", document="dogs.txt")

    assert ">Dogs run.</div>" in shown(app)
    assert len(app.file_uploader) == 0


def test_a_document_that_is_gone_is_told_and_the_way_back_is_there(filled: Library) -> None:
    app = filled.open(collection="pets", document="gone.txt")
    assert "holds no document &#x27;gone.txt&#x27;" in shown(app)

    assert labels(press(app, "All documents")).count("Open") == 3


def test_a_document_is_read_again_on_request(filled: Library) -> None:
    press(filled.open(collection="pets", document="cats.txt"), "Read again")
    filled.finish("pets")

    job = filled.services.jobs.of("pets")
    assert job is not None
    assert job.report is not None
    assert job.report.changed == 1


def test_a_file_is_removed_once_the_user_agrees_and_stays_on_the_disk(
    filled: Library, tmp_path: Path
) -> None:
    app = press(filled.open(collection="pets", document="cats.txt"), "Remove")
    assert "The file itself stays on the disk." in shown(app)
    assert "cats.txt" in filled.documents("pets")

    press(app, "Remove it")

    assert filled.documents("pets") == ["dogs.txt", "in/horses.txt"]
    assert labels(app).count("Open") == 2
    assert (tmp_path / "docs/cats.txt").exists()


def test_an_uploaded_file_that_is_removed_leaves_the_disk(library: Library) -> None:
    drop(library.open(), ("cats.txt", b"Cats sleep."))
    library.finish()
    app = press(library.open(document="cats.txt"), "Remove")
    assert "leaves the disk as well" in shown(app)

    press(app, "Remove it")

    assert library.documents() == []
    assert not (uploads_folder(library.home, "default") / "cats.txt").exists()
    assert "holds no documents yet" in shown(app)


def test_files_that_could_not_be_read_are_listed_with_the_reason(filled: Library) -> None:
    app = filled.open()
    views = app.segmented_control(key="library_shown_pets")
    assert views.options == ["Documents", "Not read (1)", "Report"]

    views.set_value("unread").run()

    assert '>bad.docx</p><p class="cw-bad">damaged' in shown(app)
    assert labels(app).count("Read again") == 1


def test_the_report_shows_numbers_plots_and_files(filled: Library) -> None:
    app = filled.open()

    html = shown(app.segmented_control(key="library_shown_pets").set_value("report").run())

    assert "<dt>Files</dt><dd>4<small>3 documents</small></dd>" in html
    assert html.count('<img class="plot" alt="') == 5
    assert "1 file could not be read</summary>" in html
    assert "<svg" not in html


def test_text_of_documents_is_never_markup(library: Library, tmp_path: Path) -> None:
    library.read("pets", {"<img src=x>.txt": "<script>alert(1)</script>"}, tmp_path / "docs")

    html = shown(library.open(document="<img src=x>.txt"))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<img" not in html
    assert "<script" not in html


def test_what_labels_hide_is_neither_listed_reported_nor_deleted(filled: Library) -> None:
    with open_store(filled.home) as store:
        store.mark("pets", "label", ["cats.txt"], ["vets"])
    app = filled.open()
    assert "2 documents · 2 passages" in shown(app)
    html = shown(app.segmented_control(key="library_shown_pets").set_value("report").run())
    assert "cats.txt" not in html

    press(app, "Delete")
    app.text_input(key="library_name").set_value("pets")
    press(app, "Delete for good")

    assert "holds 1 documents whose labels hide them" in shown(app)
    assert filled.documents("pets")
