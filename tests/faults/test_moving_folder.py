"""Files that change, come and go while a run reads them are never stored as something else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from citewell.ingest.events import IngestEvent
from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store

Run = Callable[..., IngestReport]


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    folder: Path
    home: Path
    embedder: Embedder

    def write(self, name: str, text: str) -> Path: ...
    def texts(self) -> dict[str, str]: ...
    def on_disk(self) -> dict[str, str]: ...
    def findings(self) -> list[object]: ...


@pytest.fixture
def run(place: Place) -> Run:
    """Ingests with reader processes, after something happens between the plan and the reading."""

    def ingest(happens: Callable[[], object] = lambda: None) -> IngestReport:
        def on_event(event: IngestEvent) -> None:
            if event.kind == "planned":
                happens()

        with open_store(place.home) as store:
            return ingest_paths(
                [place.folder],
                store=store,
                embedder=place.embedder,
                collection="pets",
                settings=Settings(home=place.home, read_workers=1, lock_timeout=0),
                sync_index=lambda: None,
                on_event=on_event,
            )

    return ingest


def test_a_file_that_changes_between_plan_and_reading_is_not_taken_for_its_old_self(
    place: Place, run: Run
) -> None:
    run(lambda: place.write("cat.txt", "The cat hisses."))
    place.write("cat.txt", "The cat purrs.")

    run()

    assert place.texts() == place.on_disk()
    assert place.findings() == []


def test_a_file_that_vanishes_before_it_is_read_is_named_and_the_rest_goes_in(
    place: Place, run: Run
) -> None:
    report = run(lambda: (place.folder / "cat.txt").unlink())

    assert [remark.name for remark in report.failed] == ["cat.txt"]
    assert sorted(place.texts()) == ["dog.txt", "sub/horse.txt"]
    run()
    assert place.texts() == place.on_disk()
    assert place.findings() == []


def test_a_file_that_becomes_a_folder_before_it_is_read_is_named_and_the_rest_goes_in(
    place: Place, run: Run
) -> None:
    def become_folder() -> None:
        (place.folder / "cat.txt").unlink()
        (place.folder / "cat.txt").mkdir()

    report = run(become_folder)

    assert [remark.name for remark in report.failed] == ["cat.txt"]
    assert sorted(place.texts()) == ["dog.txt", "sub/horse.txt"]


def test_a_file_of_the_future_is_read_and_found_again(place: Place, run: Run) -> None:
    run()
    os.utime(place.folder / "cat.txt", (4e9, 4e9))
    place.write("dog.txt", "The dog howls.")
    os.utime(place.folder / "dog.txt", (0, 0))

    report = run()

    assert (report.changed, report.unchanged) == (1, 2)
    assert place.texts() == place.on_disk()
