"""An export is used only if it is whole and close to the model it was made of."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from citewell.retrieval.embedding_files import read_fingerprint
from citewell.retrieval.embedding_torch import load_model
from citewell.retrieval.exporting import Export, Refusal, make_export, read_export
from citewell.retrieval.values import Fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FINGERPRINT = Fingerprint("tiny", "0" * 64, "fp32", "mean", 32)


@pytest.fixture(scope="module")
def model(
    tmp_path_factory: pytest.TempPathFactory, save_embedding_model: Callable[..., Path]
) -> "SentenceTransformer":
    """A small model, loaded."""
    folder = save_embedding_model(tmp_path_factory.mktemp("models") / "tiny")
    assert read_fingerprint(folder, "tiny", "fp32").dimension == 32
    return load_model(folder, "fp32", "cpu")


@pytest.fixture(scope="module")
def exported(
    tmp_path_factory: pytest.TempPathFactory, model: "SentenceTransformer"
) -> dict[str, bytes]:
    """The files of an export of the model."""
    folder = tmp_path_factory.mktemp("home") / "export"
    make_export(lambda: model, FINGERPRINT, folder)
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.fixture
def folder(exported: dict[str, bytes], tmp_path: Path) -> Path:
    """The folder of an export."""
    for name, content in exported.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_an_export_is_read_as_it_was_made(folder: Path) -> None:
    found = read_export(folder)

    assert isinstance(found, Export)
    assert (found.max_tokens, found.padding) == (48, 0)


def test_nothing_is_left_beside_an_export(model: "SentenceTransformer", tmp_path: Path) -> None:
    (tmp_path / "export.part").mkdir()
    (tmp_path / "export.part" / "model.bin").write_bytes(b"half of one")

    make_export(lambda: model, FINGERPRINT, tmp_path / "export")

    assert [path.name for path in tmp_path.iterdir()] == ["export"]
    assert sorted(path.name for path in (tmp_path / "export").iterdir()) == [
        "about.json",
        "model.bin",
        "model.xml",
        "tokenizer.json",
    ]


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "tokenizer.json"])
def test_an_export_with_a_changed_byte_counts_as_none(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])

    assert read_export(folder) is None


@pytest.mark.parametrize("name", ["model.xml", "model.bin", "tokenizer.json", "about.json"])
def test_an_export_with_a_missing_file_counts_as_none(folder: Path, name: str) -> None:
    (folder / name).unlink()

    assert read_export(folder) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 2}', "{"])
def test_an_export_that_is_not_described_counts_as_none(folder: Path, content: str) -> None:
    (folder / "about.json").write_text(content, "utf-8")

    assert read_export(folder) is None


def test_a_model_whose_export_embeds_otherwise_is_refused(
    model: "SentenceTransformer", tmp_path: Path
) -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    class Odd(torch.nn.Module):
        """Turns the vectors of long texts round, which a graph made of a short one does not."""

        def forward(self, features: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            if features["input_ids"].shape[1] > 20:
                features["sentence_embedding"] = features["sentence_embedding"].flip(1)
            return features

    odd = SentenceTransformer(modules=[*model, Odd()])

    made = make_export(lambda: odd, FINGERPRINT, tmp_path / "export")

    assert isinstance(made, Refusal)
    assert made.reason.startswith("the export's vectors have a cosine of only ")
    assert read_export(tmp_path / "export") == made


def test_a_refusal_counts_until_another_version_is_installed(tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import BoW

    words = SentenceTransformer(modules=[BoW(["cat", "dog"])])
    made = make_export(lambda: words, FINGERPRINT, tmp_path / "export")

    assert isinstance(made, Refusal)
    assert read_export(tmp_path / "export") == made
    about = tmp_path / "export" / "about.json"
    content = json.loads(about.read_text("utf-8"))
    content["made_with"]["openvino"] = "2020.1"
    about.write_text(json.dumps(content), "utf-8")
    assert read_export(tmp_path / "export") is None


def test_a_folder_that_cannot_be_written_is_an_error(
    model: "SentenceTransformer", tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")

    with pytest.raises(NotADirectoryError, match="file"):
        make_export(lambda: model, FINGERPRINT, tmp_path / "file" / "export")
