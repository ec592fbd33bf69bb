"""The bundled model on OpenVINO gives what sentence-transformers gives, without torch."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.embedding import BUNDLED_PACKAGE, open_embedder
from citewell.retrieval.embedding_bundled import BundledEmbedder
from citewell.retrieval.embedding_torch import SentenceTransformerEmbedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.openvino_runtime import openvino
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile, Vectors
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

TEXTS = (
    "",
    "A cat.",
    "Der Bär läuft über die Straße.",
    "猫は一日の大半を眠って過ごす。",
    "x" * 300,
    "A line\nand another\x00 with 3.14 % and \u200b nothing 😺",
    *(f"{'the long tail of a black cat ' * repeats}{repeats}" for repeats in (1, 5, 20, 35, 36)),
    "more words than the model reads " * 200,
)


@pytest.fixture(scope="module")
def folder() -> Path:
    """The folder of the bundled model."""
    package = pytest.importorskip(BUNDLED_PACKAGE, reason="the bundled model is not installed")
    return Path(package.__file__).parent / "model"


@pytest.fixture(scope="module")
def bundled(folder: Path) -> BundledEmbedder:
    """The bundled model in fp32, loaded once."""
    return BundledEmbedder(folder, "fp32")


@pytest.fixture(scope="module")
def expected(folder: Path) -> Vectors:
    """What sentence-transformers makes of TEXTS in fp32."""
    reference = SentenceTransformerEmbedder(folder, "reference", "fp32")
    return reference.embed_passages(TEXTS)


@pytest.mark.models
def test_vectors_are_those_of_sentence_transformers(
    bundled: BundledEmbedder, expected: Vectors
) -> None:
    cosines = (bundled.embed_passages(TEXTS) * expected).sum(axis=1)

    assert cosines.min() > 0.9999


@pytest.mark.models
def test_vectors_of_half_precision_are_nearly_those(folder: Path, expected: Vectors) -> None:
    cosines = (BundledEmbedder(folder, "bf16").embed_passages(TEXTS) * expected).sum(axis=1)

    assert cosines.min() > 0.998


@pytest.mark.models
def test_a_text_has_the_same_vector_in_a_long_list(bundled: BundledEmbedder) -> None:
    alone = bundled.embed_question("How long does a cat sleep?")
    texts = [f"Item {number}." for number in range(600)]
    texts[571] = "How long does a cat sleep?"

    among = bundled.embed_passages(texts)

    assert (among @ alone).argmax() == 571
    assert among[571] == pytest.approx(alone, abs=1e-5)


@pytest.mark.models
def test_threads_that_embed_at_the_same_time_get_their_own_vectors(
    bundled: BundledEmbedder,
) -> None:
    questions = [f"What is {'very ' * number}old?" for number in range(8)]
    expected = [bundled.embed_passages([question])[0] for question in questions]

    with ThreadPoolExecutor(8) as pool:
        passages = pool.submit(bundled.embed_passages, questions * 8)
        found = list(pool.map(bundled.embed_question, questions))

    assert np.stack(found) == pytest.approx(np.stack(expected), abs=1e-5)
    assert passages.result() == pytest.approx(np.stack(expected * 8), abs=1e-5)


@pytest.mark.models
def test_a_search_by_meaning_loads_no_torch(home: Path, bundled: BundledEmbedder) -> None:
    text = "The feline rests for most of the day."
    document = EmbeddedDocument(
        Document("cats.txt", "Cats", text),
        [Chunk("cats.txt", 0, len(text), text)],
        bundled.embed_passages([text]),
    )
    with open_store(home) as store:
        store.create_collection("papers", bundled.fingerprint, ChunkingSettings())
        file = SourceFile(Path("/docs/cats.txt"), "0" * 64, "text-1")
        store.replace_file("papers", file, [document])
        sync_index(home, store, "papers")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from citewell.retrieval.retriever import open_retriever\n"
        "with open_retriever(Path(sys.argv[1]), collection='papers') as retriever:\n"
        "    print(len(retriever.search('How long does a cat sleep?', mode='dense').passages))\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )

    shown = subprocess.check_output([sys.executable, "-c", code, str(home)], text=True)

    assert shown.splitlines() == ["1", "set()"]


@pytest.mark.models
def test_the_fingerprint_is_known_without_loading_the_model() -> None:
    code = (
        "import sys\n"
        "from citewell.retrieval.embedding import open_embedder\n"
        "print(open_embedder().fingerprint.dimension)\n"
        "print({'openvino', 'tokenizers', 'torch'} & set(sys.modules))"
    )

    shown = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert shown.splitlines() == ["384", "set()"]


@pytest.mark.models
def test_the_bundled_model_needs_no_sentence_transformers(folder: Path) -> None:
    assert isinstance(open_embedder("bundled"), BundledEmbedder)
    assert isinstance(open_embedder(str(folder)), SentenceTransformerEmbedder)


def test_without_openvino_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)

    with pytest.raises(NotConfigured, match=r"cannot be loaded .* pip install openvino\."):
        openvino()
