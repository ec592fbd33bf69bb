"""Whoever searches while documents come, change and go gets whole texts that are there."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.values import SearchResult

NAMES = ("one", "two", "three")
INGESTING = Path(__file__).with_name("ingesting.py")


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    folder: Path
    home: Path
    embedder: Embedder

    def write(self, name: str, text: str) -> Path: ...
    def ingest(self) -> IngestReport: ...
    def findings(self) -> list[object]: ...


def version(name: str, number: int) -> str:
    """Return a text of many chunks, each of which tells its document and version."""
    return "\n\n".join(f"cat {name} version{number}. " + "It purrs. " * 70 for _ in range(4))


def torn(found: SearchResult) -> list[object]:
    """Return the documents that were found in two versions, and what the search had to say."""
    seen: dict[str, set[str]] = {}
    for passage in found:
        if passage.document.removesuffix(".txt") in NAMES:
            told = {word for word in passage.text.split() if word.startswith("version")}
            seen.setdefault(passage.document, set()).update(told)
    return [*(each for each in seen.items() if len(each[1]) != 1), *found.notices]


class Readers:
    """Threads that search with one retriever for as long as a block runs.

    Attributes:
        wrong: What they met that should not be.
    """

    def __init__(self, retriever: Retriever, threads: int) -> None:
        self.wrong: list[object] = []
        self._retriever = retriever
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._read) for _ in range(threads)]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while True:
            try:
                self.wrong += torn(self._retriever.search("cat version purrs", 20))
            except Exception as error:
                self.wrong.append(error)
            if self._done.wait(0.02):
                return


@contextmanager
def other_process(place: Place) -> Iterator[Callable[[], None]]:
    """Yield what ingests the folder in another process, and returns when it has."""
    process = subprocess.Popen(
        [sys.executable, INGESTING, place.folder.parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ingest() -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("ingest\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ingest\n"

    try:
        yield ingest
    finally:
        process.communicate("")
    assert process.returncode == 0


def change_and_check(place: Place, retriever: Retriever, ingest: Callable[[], object]) -> None:
    """Change every document five times; each time one comes that is found, and goes again."""
    for number in range(1, 6):
        for name in NAMES:
            place.write(f"{name}.txt", version(name, number))
        news = place.write(f"news{number}.txt", f"Horse number{number} is new.")
        ingest()
        fresh = retriever.search(f"number{number}", 1, "lexical")
        news.unlink()
        ingest()
        gone = retriever.search(f"number{number}", 1, "lexical")
        assert [passage.document for passage in fresh] == [news.name]
        assert list(gone) == []


@pytest.fixture
def filled(place: Place) -> Place:
    """A place whose documents are stored in their first version."""
    for name in NAMES:
        place.write(f"{name}.txt", version(name, 0))
    place.ingest()
    return place


def test_searches_beside_a_writer_see_each_document_whole_and_none_that_is_gone(
    filled: Place,
) -> None:
    with (
        open_retriever(filled.home, collection="pets", embedder=filled.embedder) as retriever,
        Readers(retriever, 1) as readers,
    ):
        change_and_check(filled, retriever, filled.ingest)

    assert readers.wrong == []
    assert filled.findings() == []


def test_many_threads_search_with_one_retriever_beside_a_writer_in_another_process(
    filled: Place,
) -> None:
    with (
        open_retriever(filled.home, collection="pets", embedder=filled.embedder) as retriever,
        other_process(filled) as ingest,
        Readers(retriever, 6) as readers,
    ):
        change_and_check(filled, retriever, ingest)

    assert readers.wrong == []
    assert filled.findings() == []
