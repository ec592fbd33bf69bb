"""A cross-encoder scores passages for a question, from a folder or the cache of the hub."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import read_json
from citewell.retrieval.reranking import open_reranker

if TYPE_CHECKING:
    from transformers import BertConfig, BertForSequenceClassification

CAT = 7
TEXTS = ("the horse runs", "the cat sleeps", "a dog", "the cat cat cat", "how long is a day ?")


@pytest.fixture(scope="module")
def cats(tmp_path_factory: pytest.TempPathFactory, save_tokenizer: Callable[[Path], None]) -> Path:
    """A cross-encoder whose score rises with the share of the word ``cat`` in a pair.

    Its one layer gives each token the mean of all, and each word is a unit vector of its own.
    """
    import torch
    from transformers import BertForSequenceClassification

    model = BertForSequenceClassification(_config(layers=1, labels=1))
    for name, weight in model.named_parameters():
        torch.nn.init.zeros_(weight)
        if name.endswith("LayerNorm.weight"):
            torch.nn.init.ones_(weight)
        mixes = ("word_embeddings.weight", "value.weight", "attention.output.dense.weight")
        if name.endswith((*mixes, "pooler.dense.weight")):
            torch.nn.init.eye_(weight)
    model.classifier.weight.data[0, CAT] = 1.0
    return _save(model, tmp_path_factory.mktemp("models") / "cats", save_tokenizer)


@pytest.fixture(scope="module")
def random(
    tmp_path_factory: pytest.TempPathFactory, save_tokenizer: Callable[[Path], None]
) -> Path:
    """A cross-encoder with two layers of random weights, large enough to tell texts apart."""
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(7)
    model = BertForSequenceClassification(_config(layers=2, labels=1))
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return _save(model, tmp_path_factory.mktemp("models") / "random", save_tokenizer)


def _config(layers: int, labels: int) -> "BertConfig":
    from transformers import BertConfig

    config = BertConfig(
        vocab_size=34,
        hidden_size=34,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=48,
    )
    config.num_labels = labels
    return config


def _save(
    model: "BertForSequenceClassification", folder: Path, save_tokenizer: Callable[[Path], None]
) -> Path:
    model.save_pretrained(folder)
    save_tokenizer(folder)
    return folder


def test_the_better_passage_has_the_higher_score(cats: Path) -> None:
    scores = open_reranker(str(cats)).rerank("what does the cat eat ?", TEXTS)

    assert scores.dtype == np.float32
    assert scores.shape == (5,)
    assert scores.argsort()[::-1][:2].tolist() == [3, 1]


def test_scores_are_those_of_sentence_transformers(random: Path) -> None:
    from sentence_transformers import CrossEncoder

    texts = [
        f"{'the cat sleeps all day . ' * (number % 7)}{TEXTS[number % 5]}" for number in range(30)
    ]
    expected = CrossEncoder(str(random)).predict([("what is a cat ?", text) for text in texts])

    scores = open_reranker(str(random)).rerank("what is a cat ?", texts)

    assert scores == pytest.approx(expected, abs=1e-5)
    assert np.ptp(scores) > 0.1


def test_what_a_long_passage_says_behind_the_limit_does_not_count(random: Path) -> None:
    reranker = open_reranker(str(random))

    scores = reranker.rerank("cat ?", ["the dog " * 30, "the dog " * 30 + "cat " * 9, "the cat"])

    assert scores[0] == scores[1]
    assert scores[0] != scores[2]


def test_no_texts_have_no_scores(random: Path) -> None:
    assert open_reranker(str(random)).rerank("what ?", []).shape == (0,)


def test_threads_that_rerank_at_the_same_time_get_their_own_scores(random: Path) -> None:
    reranker = open_reranker(str(random))
    questions = [f"{'very ' * number}long ?" for number in range(6)]
    alone = [reranker.rerank(question, TEXTS) for question in questions]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda question: reranker.rerank(question, TEXTS), questions))

    assert np.stack(found) == pytest.approx(np.stack(alone), abs=1e-6)


def test_a_reranker_is_called_by_its_folder(random: Path) -> None:
    assert open_reranker(str(random)).name == "random"


@pytest.mark.parametrize("model", ["org/cats", "cats"])
def test_a_name_is_looked_up_in_the_local_cache_of_the_hub(
    cats: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    name = model if "/" in model else f"cross-encoder/{model}"
    repository = tmp_path / "hub" / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0123abcd", "utf-8")
    shutil.copytree(cats, repository / "snapshots" / "0123abcd")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    reranker = open_reranker(model)

    assert reranker.name == name
    assert reranker.rerank("what ?", TEXTS).argmax() == 3


def test_a_name_that_is_nowhere_here_is_refused_with_what_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(ConfigError, match=r"'some/model' is no folder.* citewell models pull NAME"):
        open_reranker("some/model")


def test_a_model_that_only_embeds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}', "utf-8")

    with pytest.raises(ConfigError, match="is no cross-encoder"):
        open_reranker(str(tmp_path))


def test_a_model_of_several_classes_is_refused(
    tmp_path: Path, save_tokenizer: Callable[[Path], None]
) -> None:
    from transformers import BertForSequenceClassification

    model = BertForSequenceClassification(_config(layers=1, labels=3))
    reranker = open_reranker(str(_save(model, tmp_path / "classes", save_tokenizer)))

    with pytest.raises(ConfigError, match="gives 3 scores"):
        reranker.rerank("what ?", ["a cat"])


def test_a_model_without_weights_is_refused(cats: Path, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    shutil.copytree(cats, folder, ignore=shutil.ignore_patterns("*.safetensors"))

    with pytest.raises(ConfigError, match=r"empty cannot be loaded: .* safetensors"):
        open_reranker(str(folder)).rerank("what ?", ["a cat"])


def test_a_model_that_brings_code_does_not_run_it(cats: Path, tmp_path: Path) -> None:
    folder = tmp_path / "foreign"
    shutil.copytree(cats, folder)
    config = read_json(folder / "config.json")
    config["model_type"] = "foreign"
    config["auto_map"] = {
        "AutoConfig": "foreign.Config",
        "AutoModelForSequenceClassification": "foreign.Model",
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "foreign.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n", "utf-8")

    with pytest.raises(ConfigError, match="cannot be loaded"):
        open_reranker(str(folder)).rerank("what ?", ["a cat"])
    assert not (tmp_path / "ran").exists()
