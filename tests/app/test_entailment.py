"""An entailment model is read from a folder, by the names of its labels."""

import json
from pathlib import Path

import pytest

from citewell.app.entailment import open_entailment
from citewell.retrieval.errors import ConfigError

LABELS = {"0": "contradiction", "1": "ENTAILMENT", "2": "neutral"}
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cats", "sleep", "bark")


def make(folder: Path, favoured: int, labels: dict[str, str]) -> Path:
    """Write a small BERT whose head always favours one label."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=32,
        id2label={int(key): value for key, value in labels.items()},
        label2id={value: int(key) for key, value in labels.items()},
    )
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.zero_()
        model.classifier.bias[favoured] = 1.0
    model.save_pretrained(folder)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    BertTokenizer(vocab=vocabulary, model_max_length=32).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("favoured", "expected"), [(0, False), (1, True), (2, False)])
def test_the_label_named_entailment_decides(tmp_path: Path, favoured: int, expected: bool) -> None:
    model = open_entailment(str(make(tmp_path / "nli", favoured, LABELS)))

    assert model.name == "nli"
    assert model.entails("Cats sleep.", "Cats bark.") is expected


@pytest.mark.parametrize("labels", [{}, {"0": "LABEL_0"}, {"0": "yes", "1": "no"}])
def test_a_model_without_the_label_is_refused(tmp_path: Path, labels: dict[str, str]) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"id2label": labels}), encoding="utf-8")

    with pytest.raises(ConfigError, match="one must be called entailment"):
        open_entailment(str(tmp_path))


def test_a_model_that_is_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        open_entailment(str(tmp_path / "none"))


def test_weights_that_are_no_safetensors_are_refused(tmp_path: Path) -> None:
    folder = make(tmp_path / "nli", 1, LABELS)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    model = open_entailment(str(folder))

    with pytest.raises(ConfigError, match="cannot be loaded"):
        model.entails("Cats sleep.", "Cats sleep.")
