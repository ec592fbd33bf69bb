"""Any sentence-transformers model embeds as it does itself, and without torch once exported."""

import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

SaveModel = Callable[..., Path]

PROMPTS = {"query": "question : ", "document": "passage : "}
TEXTS = (
    "the cat sleeps",
    "a",
    "How long does the dog eat?",
    "the horse runs all day . " * 30,
    "words it has never seen",
    "cats cats dogs",
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory, save_embedding_model: SaveModel) -> Path:
    """A folder of small models."""
    folder = tmp_path_factory.mktemp("models")
    save_embedding_model(folder / "mean", "mean", PROMPTS)
    save_embedding_model(folder / "cls", "cls", max_tokens=12)
    save_embedding_model(folder / "dense", ("mean", "max"), dense=16)
    return folder


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of exports, empty at first."""
    return tmp_path_factory.mktemp("home") / "models"


def _cosines(one: Embedder, other: Embedder) -> list[float]:
    """Return those of passages, then those of questions."""
    passages = (one.embed_passages(TEXTS) * other.embed_passages(TEXTS)).sum(axis=1)
    questions = [one.embed_question(text) @ other.embed_question(text) for text in TEXTS]
    return [*passages.tolist(), *questions]


@pytest.mark.parametrize(
    ("name", "pooling", "dimension"),
    [("mean", "mean", 32), ("cls", "cls", 32), ("dense", "mean+max", 16)],
)
def test_an_export_embeds_as_its_original(
    models: Path, exports: Path, name: str, pooling: str, dimension: int
) -> None:
    original = open_embedder(str(models / name), "fp32")
    exported = open_embedder(str(models / name), "fp32", exports)

    assert min(_cosines(exported, original)) > 0.99999
    assert exported.fingerprint == original.fingerprint
    assert (exported.fingerprint.pooling, exported.fingerprint.dimension) == (pooling, dimension)
    assert exported.embed_passages(TEXTS).shape == (6, dimension)


def test_an_export_in_half_precision_embeds_nearly_as_its_original(
    models: Path, exports: Path
) -> None:
    original = open_embedder(str(models / "mean"), "fp32")

    assert min(_cosines(open_embedder(str(models / "mean"), "bf16", exports), original)) > 0.999


def test_prompts_stand_before_questions_and_passages(models: Path, exports: Path) -> None:
    prompted = open_embedder(str(models / "mean"), "fp32", exports)
    shutil.copytree(models / "mean", models / "plain", dirs_exist_ok=True)
    _edit(models / "plain" / "config_sentence_transformers.json", prompts={})
    plain = open_embedder(str(models / "plain"), "fp32", exports)

    assert prompted.embed_question("the cat") == pytest.approx(
        plain.embed_question("question : the cat"), abs=1e-5
    )
    assert prompted.embed_passages(["the cat"]) == pytest.approx(
        plain.embed_passages(["passage : the cat"]), abs=1e-5
    )


def test_a_prompt_named_passage_counts_for_documents(
    models: Path, exports: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(models / "mean", tmp_path / "e5")
    _edit(
        folder / "config_sentence_transformers.json",
        prompts={"query": "question : ", "passage": "passage : "},
    )

    found = open_embedder(str(folder), "fp32").embed_passages(["the cat"])

    expected = open_embedder(str(models / "mean"), "fp32").embed_passages(["the cat"])
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("exported", [True, False])
def test_what_a_long_text_says_behind_the_limit_does_not_count(
    models: Path, exports: Path, exported: bool
) -> None:
    embedder = open_embedder(str(models / "cls"), "fp32", exports if exported else None)

    vectors = embedder.embed_passages(["the dog " * 4 + "the cat", "the dog " * 6, "the dog " * 9])

    assert vectors[1] == pytest.approx(vectors[2], abs=1e-6)
    assert vectors[0] @ vectors[1] < 0.999


def test_a_search_with_an_exported_model_loads_no_torch(
    models: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = open_embedder(str(models / "mean"), "fp32", home / "models")
    text = "the cat sleeps"
    document = EmbeddedDocument(
        Document("cats.txt", "Cats", text),
        [Chunk("cats.txt", 0, len(text), text)],
        exported.embed_passages([text]),
    )
    with open_store(home) as store:
        store.create_collection("papers", exported.fingerprint, ChunkingSettings())
        store.replace_file(
            "papers", SourceFile(Path("/docs/cats.txt"), "0" * 64, "text-1"), [document]
        )
        sync_index(home, store, "papers")
    code = (
        "import sys\n"
        "from citewell.retrieval import open_retriever\n"
        "with open_retriever(sys.argv[1], collection='papers') as retriever:\n"
        "    print(len(retriever.search('how long does the cat sleep ?', mode='dense')))\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    monkeypatch.setenv("CITEWELL_EMBEDDING_MODEL", str(models / "mean"))

    shown = subprocess.check_output([sys.executable, "-c", code, str(home)], text=True)

    assert shown.splitlines() == ["1", "set()"]


def test_a_damaged_export_is_made_anew(
    models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "citewell")
    before = open_embedder(str(models / "mean"), "fp32", tmp_path).embed_question("the cat")
    weights = next(tmp_path.glob("export-*/model.bin"))
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 64]))

    after = open_embedder(str(models / "mean"), "fp32", tmp_path).embed_question("the cat")

    assert after == pytest.approx(before, abs=1e-6)
    assert weights.read_bytes() == whole
    assert [record.message.split()[:2] for record in caplog.records] == [["Exporting", "mean"]] * 2


def test_who_comes_while_a_model_is_exported_waits_for_it(
    models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "citewell")
    embedders = [open_embedder(str(models / "cls"), "fp32", tmp_path) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda each: each.embed_question("the cat"), embedders))

    assert found[0] == pytest.approx(found[1], abs=1e-6)
    assert found[0] == pytest.approx(found[2], abs=1e-6)
    assert len(caplog.records) == 1


def test_a_model_that_cannot_be_exported_runs_on_torch_and_says_why_once(
    models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = shutil.copytree(models / "mean", tmp_path / "instructor")
    _edit(folder / "1_Pooling" / "config.json", include_prompt=False)
    home = tmp_path / "home"

    first = open_embedder(str(folder), "fp32", home)
    second = open_embedder(str(folder), "fp32", home)

    original = open_embedder(str(folder), "fp32")
    assert min(_cosines(first, original)) > 0.99999
    assert second.embed_question("a cat") == pytest.approx(original.embed_question("a cat"))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.messages[0] == (
        "The embedding model instructor runs on torch, which takes seconds to load: "
        "it leaves its prompts out when it pools."
    )
    assert [path.name for path in home.glob("export-*/*")] == ["about.json"]


def test_a_model_of_word_vectors_embeds(
    tmp_path: Path, save_tokenizer: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    save_tokenizer(tmp_path)
    words = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    weights = np.random.default_rng(5).normal(size=(34, 8)).astype(np.float32)
    model = SentenceTransformer(modules=[StaticEmbedding(words, embedding_weights=weights)])
    model.save_pretrained(str(tmp_path / "static"), create_model_card=False)

    embedder = open_embedder(str(tmp_path / "static"), "fp32", tmp_path / "home")

    assert embedder.fingerprint.dimension == 8
    assert (embedder.embed_passages(["the cat"]) @ embedder.embed_question("the cat"))[0] > 0.999
    assert "runs on torch" in caplog.text


def test_a_home_that_cannot_be_written_leaves_the_model_on_torch(
    models: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    embedder = open_embedder(str(models / "cls"), "fp32", tmp_path / "file" / "models")

    assert embedder.embed_question("the cat").shape == (32,)
    assert "cannot be written" in caplog.text


@pytest.mark.parametrize("model", ["org/tiny", "tiny"])
def test_a_name_is_looked_up_in_the_local_cache_of_the_hub(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    name = model if "/" in model else f"sentence-transformers/{model}"
    repository = tmp_path / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0123abcd\n", "utf-8")
    shutil.copytree(models / "mean", repository / "snapshots" / "0123abcd")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    found = open_embedder(model, "fp32").fingerprint

    assert found.model == name
    assert found.revision == open_embedder(str(models / "mean"), "fp32").fingerprint.revision


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config_sentence_transformers.json", {"prompts": {"document": "word : "}}),
        ("config_sentence_transformers.json", {"prompts": {"query": "word : "}}),
        ("tokenizer_config.json", {"model_max_length": 24}),
        ("config.json", {"hidden_act": "relu"}),
        ("1_Pooling/config.json", {"pooling_mode": "max"}),
    ],
)
def test_a_changed_setting_makes_another_model(
    models: Path, tmp_path: Path, file: str, change: dict[str, object]
) -> None:
    folder = shutil.copytree(models / "mean", tmp_path / "mean")
    before = open_embedder(str(folder), "fp32").fingerprint

    _edit(folder / file, **change)

    assert open_embedder(str(folder), "fp32").fingerprint != before


@pytest.mark.parametrize(
    "file", ["model.safetensors", "2_Dense/model.safetensors", "tokenizer.json"]
)
def test_changed_weights_or_words_make_another_model(
    models: Path, tmp_path: Path, file: str
) -> None:
    folder = shutil.copytree(models / "dense", tmp_path / "dense")
    before = open_embedder(str(folder), "fp32").fingerprint

    with (folder / file).open("ab") as opened:
        opened.write(b" ")

    assert open_embedder(str(folder), "fp32").fingerprint != before


def test_a_model_saved_by_another_version_is_the_same(models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "mean", tmp_path / "mean")
    _edit(folder / "config.json", transformers_version="4.57.0", dtype="bfloat16")
    _edit(folder / "config_sentence_transformers.json", __version__={"pytorch": "2.6"})

    found = open_embedder(str(folder), "fp32").fingerprint

    assert found == open_embedder(str(models / "mean"), "fp32").fingerprint


def test_a_model_that_brings_code_does_not_run_it(models: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(models / "mean", tmp_path / "foreign")
    _edit(folder / "config.json", model_type="foreign", auto_map={"AutoModel": "foreign.Model"})
    ran = tmp_path / "ran"
    (folder / "foreign.py").write_text(f"open({str(ran)!r}, 'w')\n", "utf-8")

    with pytest.raises(ConfigError, match=r"foreign cannot be loaded: .* in safetensors"):
        open_embedder(str(folder), "fp32").embed_question("the cat")
    assert not ran.exists()


def _edit(file: Path, **changes: object) -> None:
    """Change keys of a JSON file."""
    content = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(content | changes), "utf-8")
