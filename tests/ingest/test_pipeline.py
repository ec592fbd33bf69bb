"""A run makes the collection hold what is in the folder, and nothing else."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from citewell.ingest.events import IngestEvent
from citewell.ingest.pipeline import IngestReport, ingest_paths, plan_source
from citewell.ingest.plan import Plan
from citewell.ingest.sources import FolderSource
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, StoreBusy, StoreError
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

KEPT = "; the version read before is still searched"


class CountingEmbedder(Embedder, Protocol):
    """An embedder that counts the passages it embeds."""

    embedded: int


class Interrupting:
    """Embeds so many steps of a batch, then is interrupted as by Ctrl-C."""

    def __init__(self, inner: Embedder, steps: int) -> None:
        self._inner = inner
        self._steps = steps

    @property
    def fingerprint(self) -> Fingerprint:
        return self._inner.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not self._steps:
            raise KeyboardInterrupt
        self._steps -= 1
        return self._inner.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        return self._inner.embed_question(text)


@dataclass
class Library:
    """A folder beside a store, and the runs that bring the one into the other."""

    folder: Path
    store: SqliteStore
    embedder: Embedder
    settings: Settings
    events: list[IngestEvent] = field(default_factory=list)
    syncs: int = 0

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def ingest(self, *paths: Path, embedder: Embedder | None = None) -> IngestReport:
        return ingest_paths(
            paths or (self.folder,),
            store=self.store,
            embedder=embedder or self.embedder,
            collection="pets",
            settings=self.settings,
            sync_index=self.sync_index,
            on_event=self.events.append,
        )

    def plan(self, *paths: Path) -> Plan:
        source = FolderSource(paths or (self.folder,), self.settings)
        return plan_source(source, store=self.store, collection="pets")

    def sync_index(self) -> None:
        self.syncs += 1

    def names(self) -> list[str]:
        return sorted(self.store.names("pets"))

    def text(self, name: str) -> str:
        return self.store.document("pets", name).text.strip()


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    folder = tmp_path / "handbook"
    folder.mkdir()
    settings = Settings(home=tmp_path / "home", read_workers=1, lock_timeout=0)
    with open_store(settings.home) as store:
        library = Library(folder, store, embedder, settings)
        library.write("cats.md", "# Cats\n\nThe cat purrs.\n")
        library.write("sub/dogs.txt", "The dog barks.\n")
        yield library


def test_files_become_documents_with_chunks_and_vectors(library: Library) -> None:
    report = library.ingest()

    assert (report.added, report.chunks, report.partial) == (2, 2, False)
    assert library.names() == ["cats.md", "sub/dogs.txt"]
    assert library.store.search_text("pets", ["purrs"], 5) != []
    vectors = [vector.tolist() for _, vector in library.store.vectors("pets")]
    half = pytest.approx(2**-0.5)
    assert vectors == [[half, 0, 0, half], [0, half, 0, half]]


def test_title_and_headings_are_embedded_with_the_text(library: Library) -> None:
    library.write("cats.md", "# Horses\n\n## Dogs\n\nThey are not here.\n")

    library.ingest(library.folder / "cats.md")

    ((_, vector),) = library.store.vectors("pets")
    assert [round(float(value), 2) for value in vector] == [0, 0.58, 0.58, 0.58]


def test_a_second_run_changes_and_embeds_nothing(
    library: Library, embedder: CountingEmbedder
) -> None:
    library.ingest()
    generation = library.store.generation("pets")

    report = library.ingest()

    assert (report.added, report.changed, report.deleted, report.unchanged) == (0, 0, 0, 2)
    assert report.chunks == 0
    assert library.store.generation("pets") == generation
    assert embedder.embedded == 2


def test_a_changed_file_replaces_its_old_version(library: Library) -> None:
    library.ingest()
    library.write("cats.md", "# Cats\n\nThe cat hisses.\n")

    report = library.ingest()

    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert library.store.search_text("pets", ["purrs"], 5) == []
    assert len(library.store.search_text("pets", ["hisses"], 5)) == 1


def test_a_deleted_file_is_forgotten(library: Library) -> None:
    library.ingest()
    (library.folder / "cats.md").unlink()

    report = library.ingest()

    assert report.deleted == 1
    assert library.names() == ["sub/dogs.txt"]


def test_files_of_other_folders_are_left_alone(library: Library) -> None:
    library.ingest()

    report = library.ingest(library.folder / "sub")

    assert (report.unchanged, report.deleted) == (1, 0)
    assert library.names() == ["cats.md", "sub/dogs.txt"]


def test_a_changed_file_keeps_its_name_when_a_folder_below_is_given(library: Library) -> None:
    library.ingest()
    library.write("sub/dogs.txt", "The dog howls.")

    library.ingest(library.folder / "sub")

    assert library.names() == ["cats.md", "sub/dogs.txt"]
    assert library.text("sub/dogs.txt") == "The dog howls."


def test_files_of_the_same_name_are_told_apart_by_folder_then_number(
    library: Library, tmp_path: Path
) -> None:
    others = [tmp_path / "a" / "pets", tmp_path / "b" / "pets"]
    for other in others:
        other.mkdir(parents=True)
        (other / "cats.md").write_text(f"A cat of {other.parent.name}.")

    library.ingest(library.folder, *others)

    assert library.names() == ["cats.md", "pets/cats.md", "pets/cats.md (2)", "sub/dogs.txt"]
    assert library.text("pets/cats.md (2)") == "A cat of b."


def test_a_name_that_a_deleted_file_had_is_free_again(library: Library, tmp_path: Path) -> None:
    library.ingest()
    library.folder.rename(tmp_path / "moved")
    library.folder.mkdir()

    library.ingest(library.folder, tmp_path / "moved")

    assert library.names() == ["cats.md", "sub/dogs.txt"]
    assert library.store.path_of("pets", "cats.md") == tmp_path / "moved" / "cats.md"


def test_a_bad_file_is_named_and_the_rest_goes_in(library: Library) -> None:
    (library.folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing more")
    library.write("blank.txt", " \n")

    report = library.ingest()

    assert report.partial
    assert sorted(name for name, _ in report.failed) == ["blank.txt", "broken.pdf"]
    assert all(reason for _, reason in report.failed)
    assert library.names() == ["cats.md", "sub/dogs.txt"]


def test_a_format_that_is_not_read_makes_no_run_partial(library: Library) -> None:
    (library.folder / "photo.png").write_bytes(b"\x89PNG\r\n")

    report = library.ingest()

    assert report.skipped == (("photo.png", "an image is not read: only text is"),)
    assert not report.partial


def test_a_question_set_is_skipped(library: Library) -> None:
    library.write("questions.jsonl", '{"question": "What does the cat do?"}\n')

    report = library.ingest()

    assert [name for name, _ in report.skipped] == ["questions.jsonl"]
    assert not report.partial


def test_a_file_that_can_no_longer_be_read_keeps_its_last_version(library: Library) -> None:
    library.ingest()
    library.write("cats.md", "\n")

    report = library.ingest()

    ((name, reason),) = report.failed
    assert name == "cats.md"
    assert reason.endswith(KEPT)
    assert library.text("cats.md").endswith("The cat purrs.")


def test_a_file_that_has_grown_too_large_keeps_its_last_version(library: Library) -> None:
    library.ingest()
    library.write("cats.md", "cat " * 2**19)
    library.settings = library.settings.model_copy(update={"max_file_mb": 1})

    report = library.ingest()

    assert report.failed == (("cats.md", "2 MiB; max_file_mb is 1" + KEPT),)
    assert library.text("cats.md").endswith("The cat purrs.")


def test_a_file_that_became_a_link_is_forgotten(library: Library, tmp_path: Path) -> None:
    library.ingest()
    (library.folder / "cats.md").rename(tmp_path / "cats.md")
    (library.folder / "cats.md").symlink_to(tmp_path / "cats.md")

    report = library.ingest()

    assert report.skipped == (("cats.md", "a symbolic link, which is not followed"),)
    assert library.names() == ["sub/dogs.txt"]


def test_a_hidden_file_that_was_given_itself_stays(library: Library) -> None:
    hidden = library.write(".notes.txt", "A horse.")
    library.ingest(hidden)

    library.ingest()

    assert library.names() == [".notes.txt", "cats.md", "sub/dogs.txt"]


def test_a_file_whose_name_is_not_utf8_goes_in(library: Library) -> None:
    (library.folder / "caf\udce9.txt").write_text("A horse.")

    library.ingest()
    second = library.ingest()

    assert library.names() == ["caf\\xe9.txt", "cats.md", "sub/dogs.txt"]
    assert second.unchanged == 3


def rows(**texts: str) -> str:
    return "".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items())


def test_each_row_of_a_corpus_is_a_document(library: Library) -> None:
    library.write("corpus.jsonl", rows(a="One cat.", b="Two dogs."))

    report = library.ingest(library.folder / "corpus.jsonl")

    assert (report.added, report.chunks) == (1, 2)
    assert library.names() == ["a", "b"]


def test_only_changed_rows_are_embedded_again(library: Library, embedder: CountingEmbedder) -> None:
    corpus = library.write("corpus.jsonl", rows(a="One cat.", b="Two dogs.", c="A horse."))
    library.ingest(corpus)
    library.write("corpus.jsonl", rows(a="One cat.", b="Three dogs.", d="A cat."))

    library.ingest(corpus)

    assert embedder.embedded == 3 + 2
    assert library.names() == ["a", "b", "d"]
    assert library.text("b") == "Three dogs."


def test_rows_of_the_same_id_in_two_corpora_are_told_apart(library: Library) -> None:
    corpora = [
        library.write("one.jsonl", rows(a="One cat.")),
        library.write("two.jsonl", rows(a="Two dogs.")),
    ]

    library.ingest(*corpora)
    library.write("two.jsonl", rows(a="Two big dogs."))
    library.ingest(*corpora)

    assert library.names() == ["a", "two.jsonl/a"]
    assert library.text("two.jsonl/a") == "Two big dogs."


def test_a_corpus_larger_than_a_batch_goes_in_whole(library: Library) -> None:
    corpus = library.write("corpus.jsonl", rows(**{f"r{n:04}": f"Cat {n}." for n in range(1500)}))

    report = library.ingest(corpus)

    assert (report.added, report.chunks) == (1, 1500)
    assert len(library.names()) == 1500
    assert library.ingest(corpus).unchanged == 1


def test_an_interrupted_corpus_is_finished_by_the_next_run(
    library: Library, embedder: CountingEmbedder
) -> None:
    corpus = library.write("corpus.jsonl", rows(**{f"r{n:04}": f"Cat {n}." for n in range(1500)}))
    with pytest.raises(KeyboardInterrupt):
        library.ingest(corpus, embedder=Interrupting(embedder, steps=16))

    assert len(library.names()) == 1024
    assert [step.reason for step in library.plan(corpus).changed] == ["not finished last time"]
    assert library.ingest(corpus).changed == 1
    assert len(library.names()) == 1500
    assert embedder.embedded == 1500


def test_the_old_rows_of_a_corpus_are_searched_until_the_new_ones_are_there(
    library: Library, embedder: Embedder
) -> None:
    corpus = library.write("corpus.jsonl", rows(**{f"r{n:04}": f"Cat {n}." for n in range(1500)}))
    library.ingest(corpus)
    library.write("corpus.jsonl", rows(**{f"r{n:04}": f"Dog {n}." for n in range(1, 1500)}))

    with pytest.raises(KeyboardInterrupt):
        library.ingest(corpus, embedder=Interrupting(embedder, steps=8))

    assert library.text("r0000") == "Cat 0."
    assert library.text("r0001") == "Dog 1."
    assert library.text("r1499") == "Cat 1499."


def test_an_interrupt_frees_the_lock(library: Library, embedder: Embedder) -> None:
    with pytest.raises(KeyboardInterrupt):
        library.ingest(embedder=Interrupting(embedder, steps=0))

    assert library.names() == []
    assert library.ingest().added == 2


def test_a_long_document_is_embedded_step_by_step_and_stored_in_one_piece(library: Library) -> None:
    library.write("long.txt", "\n\n".join(f"{n} " + "cat " * 200 for n in range(600)))

    report = library.ingest(library.folder / "long.txt")

    assert report.chunks == 600
    counts = [event.count for event in library.events if event.kind == "embedded"]
    assert counts == [64] * 9 + [24]


def test_a_second_writer_is_refused_with_the_process_that_writes(library: Library) -> None:
    with (
        writer_lock(library.settings.home, 0),
        pytest.raises(StoreBusy, match=str(os.getpid())),
    ):
        library.ingest()


def test_other_chunking_is_refused(library: Library) -> None:
    library.ingest()
    library.settings = library.settings.model_copy(update={"chunk_chars": 500})

    with pytest.raises(StoreError, match="chars 900, not 500"):
        library.ingest()


def test_a_wrong_path_makes_no_collection(library: Library) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        library.ingest(library.folder / "nowhere")

    assert library.store.collections() == []


def test_a_plan_names_each_file_with_its_reason(library: Library) -> None:
    library.write("old.txt", "A horse.")
    library.ingest()
    library.write("cats.md", "A cat.")
    library.write("new.txt", "A pony.")
    library.write("photo.png", "x")
    (library.folder / "old.txt").unlink()

    plan = library.plan()

    parts = (plan.added, plan.changed, plan.unchanged, plan.deleted)
    assert [[(step.name, step.reason) for step in part] for part in parts] == [
        [("new.txt", "new")],
        [("cats.md", "content changed")],
        [("sub/dogs.txt", "unchanged")],
        [("old.txt", "no longer in the folder")],
    ]
    assert plan.skipped == (("photo.png", "an image is not read: only text is"),)
    assert plan.failed == ()


def test_a_file_read_by_an_older_reader_is_read_again(library: Library) -> None:
    library.ingest()
    cats = library.folder / "cats.md"
    held = library.store.files("pets")[cats]
    older = type(held)(cats, held.sha256, "markdown-0")
    library.store.replace_file("pets", older, [], kept={"cats.md"})

    assert [step.reason for step in library.plan().changed] == ["read by another reader before"]


def test_a_plan_writes_nothing(library: Library) -> None:
    plan = library.plan()

    assert [step.name for step in plan.added] == ["cats.md", "sub/dogs.txt"]
    assert library.store.collections() == []


def test_the_store_below_the_folder_is_not_read(library: Library) -> None:
    home = library.folder / "home"
    (home / "models").mkdir(parents=True)
    (home / "models" / "merges.txt").write_text("a cat")
    library.settings = library.settings.model_copy(update={"home": home})

    assert [step.name for step in library.plan().added] == ["cats.md", "sub/dogs.txt"]


def test_events_tell_how_far_the_run_has_come(library: Library) -> None:
    library.write("blank.txt", "")

    library.ingest()

    assert library.events == [
        IngestEvent("found", 1),
        IngestEvent("found", 1),
        IngestEvent("found", 1),
        IngestEvent("planned", 3, size=38),
        IngestEvent("file", 0, "blank.txt"),
        IngestEvent("embedded", 2),
        IngestEvent("file", 1, "cats.md", size=23),
        IngestEvent("file", 1, "sub/dogs.txt", size=15),
    ]


def test_the_vector_index_is_brought_up_to_date_at_the_end(library: Library) -> None:
    library.ingest()

    assert library.syncs == 1


def test_the_vector_index_is_brought_up_to_date_during_a_long_run(library: Library) -> None:
    corpus = library.write("corpus.jsonl", rows(**{f"r{n}": "A cat." for n in range(4096)}))

    library.ingest(corpus)

    assert library.syncs == 2


# languages


def test_each_document_is_stored_with_its_language(library: Library) -> None:
    library.write("en.txt", "The cat sat on the mat and looked at the birds in the garden.")
    library.write("de.txt", "Die Katze saß auf der Matte und sah den Vögeln zu.")
    library.write("zh.txt", "猫坐在垫子上，看着花园里的鸟。")
    library.write("numbers.txt", "12 13 14")

    library.ingest()

    names = ("en.txt", "de.txt", "zh.txt", "numbers.txt")
    told = [library.store.document("pets", name).language for name in names]
    assert told == ["en", "de", "zh", ""]
    assert library.store.word_counts("pets", ["Vogel", "花园"]) == {"Vogel": 1, "花园": 1}


def test_a_row_whose_language_is_not_clear_has_that_of_its_file(library: Library) -> None:
    rows = [
        {"id": "r1", "text": "Die Katze saß auf der Matte und sah den Vögeln zu, die da waren."},
        {"id": "r2", "text": "Vögel"},
    ]
    library.write("rows.jsonl", "\n".join(map(json.dumps, rows)))

    library.ingest()

    assert library.store.document("pets", "r2").language == "de"


def test_the_labels_of_a_folder_hold_for_the_rows_of_a_file_in_it(library: Library) -> None:
    library.write("hr/rows.jsonl", json.dumps({"id": "r1", "text": "The cat is well paid."}))
    library.ingest()

    library.store.mark("pets", "label", ["hr/"], ["hr"])
    library.write("hr/more.jsonl", json.dumps({"id": "r2", "text": "So is the dog."}))
    library.ingest()

    assert not library.store.is_visible("pets", "r1", frozenset())
    assert not library.store.is_visible("pets", "r2", frozenset())


def test_labels_follow_a_folder_that_is_renamed(library: Library) -> None:
    library.write("hr/pay.txt", "The cat is well paid.")
    library.ingest()
    library.store.mark("pets", "label", ["hr/"], ["hr"])

    (library.folder / "hr").rename(library.folder / "people")
    report = library.ingest()

    assert report.renamed == 1
    assert not library.store.is_visible("pets", "people/pay.txt", frozenset())
    assert library.store.is_visible("pets", "people/pay.txt", frozenset({"hr"}))
