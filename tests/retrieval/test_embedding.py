"""The bundled model embeds by meaning, in order, at length 1, and only as it was published."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import BUNDLED_PACKAGE, open_embedder
from citewell.retrieval.embedding_bundled import BUNDLED_SHA256, BundledEmbedder
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.values import Fingerprint

MakeModel = Callable[..., Path]


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    """The bundled model, loaded once."""
    return open_embedder("bundled", "fp32")


@pytest.fixture
def bundled_folder() -> Path:
    """The folder of the bundled model."""
    package = pytest.importorskip(BUNDLED_PACKAGE, reason="the bundled model is not installed")
    return Path(package.__file__).parent / "model"


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    """Makes a folder that looks like a model, with the given weights and pooling."""

    def make(*weights: bytes, pooling: str = "") -> Path:
        folder = tmp_path / "tiny"
        (folder / "1_Pooling").mkdir(parents=True)
        modules = [
            {"path": "", "type": "sentence_transformers.models.Transformer"},
            {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        ]
        (folder / "modules.json").write_text(json.dumps(modules), "utf-8")
        (folder / "1_Pooling" / "config.json").write_text(
            pooling or '{"embedding_dimension": 7, "pooling_mode": "mean"}', "utf-8"
        )
        for number, content in enumerate(weights):
            (folder / f"model-{number}.safetensors").write_bytes(content)
        return folder

    return make


@pytest.mark.models
def test_vectors_have_length_one(bundled: Embedder) -> None:
    vectors = bundled.embed_passages(["A cat.", "", "Many words " * 200])

    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert np.linalg.norm(bundled.embed_question("A cat?")) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.models
def test_vectors_of_half_precision_have_length_one_and_the_same_meaning(
    bundled: Embedder,
) -> None:
    half = open_embedder("bundled", "bf16").embed_question("How long do cats sleep?")

    assert half.dtype == np.float32
    assert np.linalg.norm(half) == pytest.approx(1.0, abs=1e-6)
    assert half @ bundled.embed_question("How long do cats sleep?") > 0.99


@pytest.mark.models
def test_vectors_come_in_the_order_of_the_texts(bundled: Embedder) -> None:
    texts = [f"{'word ' * (12 - number)}{number}" for number in range(12)]

    together = bundled.embed_passages(texts)
    alone = np.stack([bundled.embed_passages([text])[0] for text in texts])

    assert together == pytest.approx(alone, abs=1e-4)


@pytest.mark.models
def test_a_question_is_closest_to_the_passage_of_its_meaning(
    bundled: Embedder,
) -> None:
    passages = bundled.embed_passages(
        [
            "The feline rests for most of the day.",
            "The central bank raised interest rates.",
            "The bridge was opened to traffic.",
        ]
    )

    cosines = passages @ bundled.embed_question("How long does a cat sleep?")

    assert cosines.argmax() == 0
    assert cosines[0] > 0.4 > cosines[1:].max()


@pytest.mark.models
def test_no_texts_give_no_vectors(bundled: Embedder) -> None:
    assert bundled.embed_passages([]).shape == (0, 384)


@pytest.mark.models
def test_the_bundled_model_has_the_published_weights(
    bundled: Embedder,
) -> None:
    assert bundled.fingerprint == Fingerprint(
        "all-MiniLM-L6-v2", BUNDLED_SHA256, "fp32", "mean_tokens", 384
    )


@pytest.mark.models
def test_the_bundled_model_with_a_changed_byte_is_refused(
    bundled_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(bundled_folder, folder)
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(-1, 2)
        last = weights.read(1)[0]
        weights.seek(-1, 2)
        weights.write(bytes([last ^ 1]))
    tampered = BundledEmbedder(folder, "fp32")

    with pytest.raises(NotConfigured, match="are not the published ones"):
        tampered.embed_question("A cat?")
    with pytest.raises(NotConfigured, match="force-reinstall"):
        tampered.embed_passages(["A cat."])


def test_a_folder_of_a_model_is_named_by_its_folder_and_weights(make_model: MakeModel) -> None:
    found = open_embedder(str(make_model(b"weights")), "bf16").fingerprint

    assert found == Fingerprint(
        model="tiny",
        revision="6cfc1e49f5d17776db63b8dfb123cff056d74729d777af75bf13f0022fcf66f3",
        precision="bf16",
        pooling="mean",
        dimension=7,
    )


@pytest.mark.parametrize(
    ("modes", "pooling", "dimension"),
    [
        (["cls_token"], "cls", 7),
        (["mean_tokens"], "mean", 7),
        (["mean_tokens", "max_tokens"], "max+mean", 14),
        (["lasttoken"], "lasttoken", 7),
        ([], "mean", 7),
    ],
)
def test_pooling_is_read_as_older_versions_wrote_it(
    make_model: MakeModel, modes: list[str], pooling: str, dimension: int
) -> None:
    known = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "lasttoken")
    settings = {f"pooling_mode_{mode}": mode in modes for mode in known}
    written = json.dumps({"word_embedding_dimension": 7} | settings)

    found = open_embedder(str(make_model(b"w", pooling=written)), "fp32").fingerprint

    assert (found.pooling, found.dimension) == (pooling, dimension)


def test_other_weights_have_another_fingerprint(tmp_path: Path, make_model: MakeModel) -> None:
    folder = make_model(b"one", b"two")
    before = open_embedder(str(folder), "fp32").fingerprint

    (folder / "model-1.safetensors").write_bytes(b"three")

    assert open_embedder(str(folder), "fp32").fingerprint != before


@pytest.mark.parametrize("name", ["nowhere", "", "."])
def test_a_folder_without_a_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ConfigError, match=f"embedding_model is '{name}', which holds no"):
        open_embedder(name)


def test_a_model_without_weights_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ConfigError, match="holds no model weights"):
        _ = open_embedder(str(make_model())).fingerprint


@pytest.mark.parametrize("pooling", ["{}", "[]", '{"embedding_dimension": "7"}'])
def test_a_model_that_names_no_dimension_is_refused(make_model: MakeModel, pooling: str) -> None:
    with pytest.raises(ConfigError, match="names the dimension of its vectors"):
        _ = open_embedder(str(make_model(b"w", pooling=pooling))).fingerprint


def test_a_model_whose_configuration_is_no_json_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ConfigError, match=r"config\.json cannot be read"):
        _ = open_embedder(str(make_model(b"w", pooling="{"))).fingerprint
