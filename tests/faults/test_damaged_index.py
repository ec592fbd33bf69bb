"""The doctor tells a damaged Chroma index, whatever opening it does, and a rebuild mends it."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.chroma_index import LiveIndex, sync_index
from citewell.retrieval.doctor import Diagnosis, diagnose
from citewell.retrieval.rebuilding import rebuild
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint

CHUNKS = 1_100
"""More than Chroma keeps out of its HNSW files."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a document of many chunks, and Chroma's index of them."""
    home = tmp_path_factory.mktemp("built") / "home"
    vectors = np.random.default_rng(7).normal(size=(CHUNKS, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    text = "cat " * CHUNKS
    chunks = [Chunk("a", 4 * n, 4 * n + 3, "cat") for n in range(CHUNKS)]
    file = SourceFile(home.parent / "a", "", "text-1")
    with open_store(home) as store:
        store.create_collection(
            "pets", Fingerprint("toy", "0" * 64, "fp32", "mean", 8), ChunkingSettings()
        )
        document = EmbeddedDocument(Document("a", "a", text), chunks, vectors)
        store.replace_file("pets", file, [document])
        sync_index(home, store, "pets", exact_below=1)
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    """A copy of the built home, its files' times included."""
    return Path(shutil.copytree(built, tmp_path / "home"))


def examined(home: Path) -> Diagnosis:
    return diagnose(home, 0, exact_below=1)


def news(home: Path) -> list[str]:
    """Return what is behind, but for the file that stands in no folder."""
    return [each.text for each in examined(home).behind if "read to its end" not in each.text]


def test_a_damaged_index_is_told_and_mended(home: Path) -> None:
    (path,) = (home / "chroma").rglob("data_level0.bin")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])

    damage = examined(home).damage
    rebuilt = rebuild(home, 0, exact_below=1)

    assert [each.command for each in damage] == ["citewell rebuild"]
    assert damage[0].text.startswith("The vector index is damaged. ")
    assert (rebuilt.indexed, rebuilt.aside) == (("pets",), None)
    assert examined(home).damage == ()
    assert news(home) == []
    with open_store(home) as store:
        index = LiveIndex(home, store, "pets", exact_below=1)
        assert (index.in_step, index.notice) == (True, None)
        index.close()


def test_an_index_that_was_removed_is_told(home: Path) -> None:
    shutil.rmtree(home / "chroma")

    assert [each.text for each in examined(home).damage] == [
        "The vector index is damaged. It is gone."
    ]


def test_an_index_that_is_older_than_the_documents_is_news(home: Path) -> None:
    (home / "chroma.json").unlink()

    assert examined(home).damage == ()
    assert news(home) == ["The vector index is older than the documents."]
