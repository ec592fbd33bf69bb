"""Whoever searches while documents come, change and go gets whole texts that are there."""

import threading
from pathlib import Path
from typing import Protocol

from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.values import SearchResult


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    folder: Path
    home: Path
    embedder: Embedder

    def write(self, name: str, text: str) -> Path: ...
    def ingest(self) -> IngestReport: ...
    def on_disk(self) -> dict[str, str]: ...
    def findings(self) -> list[object]: ...


def version(name: str, number: int) -> str:
    """Return a text of many chunks, each of which tells its document and version."""
    return "\n\n".join(f"cat {name} version{number}. " + "It purrs. " * 70 for _ in range(4))


def test_searches_beside_a_writer_see_each_document_whole_and_none_that_is_gone(
    place: Place,
) -> None:
    names = ("one", "two", "three")
    for name in names:
        place.write(f"{name}.txt", version(name, 0))
    place.ingest()
    done = threading.Event()
    wrong: list[object] = []
    asked = 0

    def ask(found: SearchResult) -> None:
        seen: dict[str, set[str]] = {}
        for passage in found:
            if passage.document.removesuffix(".txt") in names:
                told = {word for word in passage.text.split() if word.startswith("version")}
                seen.setdefault(passage.document, set()).update(told)
        wrong.extend(each for each in seen.items() if len(each[1]) != 1)
        wrong.extend(found.notices)

    def read() -> None:
        nonlocal asked
        while not done.wait(0.02):
            asked += 1
            try:
                ask(retriever.search("cat version purrs", 20))
            except Exception as error:
                wrong.append(error)

    with open_retriever(place.home, collection="pets", embedder=place.embedder) as retriever:
        reader = threading.Thread(target=read)
        reader.start()
        for number in range(1, 9):
            for name in names:
                place.write(f"{name}.txt", version(name, number))
            news = place.write(f"news{number}.txt", f"Horse number{number} is new.")
            place.ingest()
            fresh = retriever.search(f"number{number}", 1, "lexical")
            news.unlink()
            place.ingest()
            gone = retriever.search(f"number{number}", 1, "lexical")
            assert [passage.document for passage in fresh] == [news.name]
            assert list(gone) == []
        done.set()
        reader.join()

    assert wrong == []
    assert asked > 0
    assert place.findings() == []
