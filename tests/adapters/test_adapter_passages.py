"""The metadata of a passage says where it stands and how it was found, and nothing unknown."""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from citewell.retrieval.adapters.passages import described, metadata_of
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import MissingExtra, NotConfigured
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Chunk, Passage, Scores

ADAPTERS = {"for_langchain": "langchain_core", "for_llama_index": "llama_index"}


class AbsentEmbedder:
    """An embedding model that is known but not installed."""

    def __init__(self, like: Embedder) -> None:
        self.fingerprint = like.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        raise NotConfigured("The model is not installed.")

    def embed_question(self, text: str) -> Vectors:
        raise NotConfigured("The model is not installed.")


def run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")


def test_all_that_is_known_of_a_passage_is_said() -> None:
    chunk = Chunk("a.xlsx", 5, 8, "cat", 3, 4, ("Pets", "Cats"), "Name", "Pets!A2:B2")
    passage = Passage(2, chunk, "Animals", 0.03, Scores(lexical=1.5, fused=0.03))

    assert metadata_of(passage, Path("/docs/a.xlsx")) == {
        "source": "a.xlsx",
        "title": "Animals",
        "pages": [3, 4],
        "page": 3,
        "path": str(Path("/docs/a.xlsx")),
        "start": 5,
        "end": 8,
        "headings": ["Pets", "Cats"],
        "header": "Name",
        "place": "Pets!A2:B2",
        "chunk_id": chunk.id,
        "rank": 2,
        "score": 0.03,
        "scores": {"lexical": 1.5, "fused": 0.03},
    }


def test_what_is_unknown_is_left_out() -> None:
    passage = Passage(1, Chunk("a.txt", 0, 3, "cat"), "a", 0.0, Scores(lexical=0.0))

    assert metadata_of(passage) == {
        "source": "a.txt",
        "title": "a",
        "start": 0,
        "end": 3,
        "chunk_id": passage.chunk.id,
        "rank": 1,
        "score": 0.0,
        "scores": {"lexical": 0.0},
    }


def test_metadata_survives_json(pets: Retriever) -> None:
    facts = [metadata for _, metadata in described(pets, pets.search("cat and dog"))]

    assert len(facts) == 4
    assert json.loads(json.dumps(facts)) == facts


def test_the_path_of_a_document_that_was_removed_meanwhile_is_left_out(
    pets: Retriever, store: SqliteStore
) -> None:
    result = pets.search("hay", mode="lexical")
    store.delete_file("default", Path("/docs/horse.txt"))

    ((_, metadata),) = described(pets, result)

    assert (metadata["source"], "path" in metadata) == ("horse.txt", False)


def test_notices_of_a_search_are_logged(
    tmp_path: Path, store: SqliteStore, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    absent = AbsentEmbedder(embedder)

    with (
        open_retriever(tmp_path / "home", collection="default", embedder=absent) as retriever,
        caplog.at_level(logging.WARNING, "citewell"),
    ):
        found = list(described(retriever, retriever.search("hay")))

    assert len(found) == 1
    assert caplog.messages == ["Searched by words alone: The model is not installed."]


@pytest.mark.parametrize(("adapter", "package"), ADAPTERS.items())
def test_an_adapter_without_its_framework_says_what_to_install(adapter: str, package: str) -> None:
    module = f"citewell.retrieval.adapters.{adapter}"

    done = run(f"import sys; sys.modules[{package!r}] = None; import {module}")

    extra = adapter.removeprefix("for_").replace("_", "-")
    assert done.stderr.splitlines()[-1].endswith(
        f"is not installed. Run: pip install 'citewell[{extra}]'"
    )


def test_whoever_tries_an_adapter_out_can_catch_an_import_error() -> None:
    assert issubclass(MissingExtra, ImportError)


def test_an_adapter_brings_its_own_framework_only() -> None:
    done = run("import sys, citewell.retrieval.adapters.for_langchain\nprint(*sys.modules)")

    loaded = set(done.stdout.split())
    assert "langchain_core.retrievers" in loaded
    assert loaded & {"llama_index", "langchain", "torch", "transformers", "chromadb"} == set()
