"""A training run from examples to adapter, on a tiny model with random weights."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from citewell.app.answer_values import Evidence
from citewell.app.llms.adapter_card import read_card
from citewell.app.tuning.base_model import open_base
from citewell.app.tuning.checkpoints import CHECKPOINT
from citewell.app.tuning.examples import Example, write_examples
from citewell.app.tuning.learner import Learner
from citewell.app.tuning.train_command import run_train
from citewell.app.tuning.train_data import read_lesson
from citewell.app.tuning.train_options import TrainOptions
from citewell.app.tuning.train_run import Run, teach
from citewell.app.tuning.training import Step
from citewell.app.tuning.validating import Checked
from citewell.retrieval.errors import ConfigError, ModelError, NotConfigured
from citewell.retrieval.settings import Settings

TOWNS = ("oslo", "rome", "paris", "bern")
WORDS = (*TOWNS, "who", "lives", "in", "anna", "bert", "carl", "dora", "not", "found", "nobody")
PEOPLE = ("anna", "bert", "carl", "dora")
TEMPLATE = (
    "{% for m in messages %}<s>{{ m.role }} {{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant{% endif %}"
)
PREFERENCE = ("step", "preference")


class Broken(Exception):
    """What stops a run in its middle."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a Llama of two layers and a tokenizer of single words."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("base")
    named = ("<unk>", "<s>", "</s>", *"[]().:,?/<>123456789", *WORDS, "evidence", "system", "user")
    vocabulary = {word: number for number, word in enumerate(named)}
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    examples = [example(number) for number in range(16)]
    write_examples(folder / "train.jsonl", examples[:12])
    write_examples(folder / "validation.jsonl", examples[12:])
    (folder / "card.json").write_text('{"licence": "CC0"}', encoding="utf-8")
    return folder


def example(number: int) -> Example:
    """Ask who lives in a town; every third time nobody is said to."""
    town, person = TOWNS[number % 4], PEOPLE[number // 4 % 4]
    lines = [f"{person} lives in {town}", f"nobody lives in {TOWNS[(number + 1) % 4]}"]
    known = number % 3 != 0
    evidence = tuple(
        Evidence(place, "d", "", 0, len(text), text, (), 1, 1.0)
        for place, text in enumerate(lines if known else lines[1:], 1)
    )
    return Example(
        id=str(number),
        split="train",
        kind="answer" if known else "absent",
        source="made",
        document="d",
        question=f"who lives in {town}?",
        evidence=evidence,
        target=f"{person}. [1]" if known else "not found",
        rejected=(f"{person}. [2]", "not found") if known else ("nobody. [1]",),
        answers=(person,) if known else (),
    )


def options(model: Path, data: Path, **changed: object) -> TrainOptions:
    plain = TrainOptions(
        data=data,
        name="tiny",
        base=f"transformers:{model}",
        rank=4,
        alpha=8,
        epochs=2,
        rate=0.01,
        batch_tokens=200,
        device="cpu",
        minutes=0.0,
        plain=True,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def train(home: Path, wanted: TrainOptions, broken_after: tuple[str, int] | None = None) -> None:
    """Run what ``run_train`` runs, but stop where told."""

    def tell(step: Step, checked: Checked | None) -> None:
        if (step.stage, step.step) == broken_after:
            raise Broken

    home.mkdir(exist_ok=True)
    base = open_base(wanted.base, "cpu")
    learner = Learner(base, wanted.rank, wanted.alpha, wanted.seed)
    teach(Run(learner, read_lesson(base, wanted), wanted, home, tell))


def test_a_run_leaves_an_adapter_that_the_card_describes(
    tmp_path: Path, model: Path, data: Path
) -> None:
    from safetensors.torch import load_file

    status = run_train(Settings(home=tmp_path), options(model, data))

    folder = tmp_path / "adapters" / "tiny"
    card = read_card(folder)
    tensors = load_file(folder / "adapter.safetensors")
    name = "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight"
    assert status == 0
    assert sorted(file.name for file in folder.iterdir()) == [
        "adapter.json",
        "adapter.safetensors",
        "log.jsonl",
        "loss.svg",
    ]
    assert (card.rank, card.alpha, card.targets[:2]) == (4, 8, ("down_proj", "gate_proj"))
    assert (card.data, card.settings["data"]) == ({"licence": "CC0"}, str(data))
    assert (len(tensors), str(tensors[name].dtype)) == (28, "torch.bfloat16")
    assert (tuple(tensors[name].shape), bool(tensors[name].any())) == ((64, 4), True)


def test_what_is_learned_is_answered_better(tmp_path: Path, model: Path, data: Path) -> None:
    train(tmp_path, options(model, data, epochs=20, preference=False))

    steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text("utf-8").splitlines()]
    losses = [step["loss"] for step in steps if step["kind"] == "step"]
    checked = [step for step in steps if step["kind"] == "validation"]
    assert losses[-1] < losses[0] / 2
    assert (checked[0]["exact"], checked[-1]["exact"]) == (0.0, 0.5)


def test_right_answers_gain_on_wrong_ones(tmp_path: Path, model: Path, data: Path) -> None:
    train(tmp_path, options(model, data, epochs=1, rate=0.05, batch_tokens=100))

    steps = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text("utf-8").splitlines()]
    losses = [step["loss"] for step in steps if (step["kind"], step["stage"]) == PREFERENCE]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("broken_after", [("examples", 3), ("preference", 2)])
def test_a_run_that_was_broken_ends_bit_for_bit_as_if_it_was_not(
    tmp_path: Path, model: Path, data: Path, broken_after: tuple[str, int]
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(whole, options(model, data))

    with pytest.raises(Broken):
        train(broken, options(model, data), broken_after)
    train(broken, options(model, data, resume=True))

    assert (broken / "adapter.safetensors").read_bytes() == (
        whole / "adapter.safetensors"
    ).read_bytes()
    assert timeless(broken / "log.jsonl") == timeless(whole / "log.jsonl")


def timeless(log: Path) -> list[dict[str, object]]:
    rows = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, model: Path, data: Path) -> None:
    with pytest.raises(Broken):
        train(tmp_path, options(model, data), ("examples", 2))

    with pytest.raises(ConfigError, match="with other examples or settings"):
        train(tmp_path, options(model, data, resume=True, rate=0.02))


def test_a_damaged_checkpoint_is_refused(tmp_path: Path, model: Path, data: Path) -> None:
    (tmp_path / CHECKPOINT).write_bytes(b"nothing")

    with pytest.raises(ConfigError, match="is damaged"):
        train(tmp_path, options(model, data, resume=True))


def test_there_is_nothing_to_resume_before_the_first_checkpoint(
    tmp_path: Path, model: Path, data: Path
) -> None:
    with pytest.raises(ConfigError, match="Train without --resume"):
        train(tmp_path, options(model, data, resume=True))


def test_a_rate_that_is_far_too_high_stops_the_run_and_keeps_the_checkpoint(
    tmp_path: Path, model: Path, data: Path
) -> None:
    with pytest.raises(ModelError, match="Train again with a lower --rate than 1e\\+30"):
        train(tmp_path, options(model, data, rate=1e30))

    assert (tmp_path / CHECKPOINT).is_file()


def test_an_adapter_can_be_taught_on(tmp_path: Path, model: Path, data: Path) -> None:
    settings = Settings(home=tmp_path)
    run_train(settings, options(model, data, preference=False))
    first = tmp_path / "adapters" / "tiny"

    run_train(settings, options(model, data, start="tiny", epochs=0, rate=0.0, name="same"))
    run_train(settings, options(model, data, start="tiny", epochs=0, rate=0.1, name="more"))

    before, same, more = (
        (first.with_name(name) / "adapter.safetensors").read_bytes()
        for name in ("tiny", "same", "more")
    )
    assert (same == before, more == before) == (True, False)
    begun = read_card(first.with_name("more")).settings["start"]
    assert isinstance(begun, dict)
    assert (begun["name"], begun["sha256"]) == ("tiny", read_card(first).sha256)


def test_an_adapter_of_another_size_is_not_taught_on(
    tmp_path: Path, model: Path, data: Path
) -> None:
    settings = Settings(home=tmp_path)
    run_train(settings, options(model, data, preference=False))

    with pytest.raises(ConfigError, match=r"with rank 4 and alpha 8\. Go on from it with the same"):
        run_train(
            settings,
            options(model, data, start="tiny", rank=2, name="other"),
        )


def test_an_adapter_is_not_written_over(tmp_path: Path, model: Path, data: Path) -> None:
    folder = tmp_path / "adapters" / "tiny"
    folder.mkdir(parents=True)
    (folder / "adapter.json").write_text("{}", encoding="utf-8")

    with pytest.raises(ConfigError, match="Give another --name"):
        run_train(Settings(home=tmp_path), options(model, data))


def test_without_examples_the_command_that_makes_some_is_named(tmp_path: Path, model: Path) -> None:
    with pytest.raises(ConfigError, match="citewell tune data"):
        run_train(Settings(home=tmp_path), options(model, tmp_path / "none"))


def test_a_file_without_examples_is_refused(tmp_path: Path, model: Path) -> None:
    (tmp_path / "train.jsonl").write_text("\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="holds no examples"):
        run_train(Settings(home=tmp_path), options(model, tmp_path))


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path, model: Path, data: Path) -> None:
    (tmp_path / "adapters").write_text("in the way", encoding="utf-8")

    with pytest.raises(NotConfigured, match="cannot be written to"):
        run_train(Settings(home=tmp_path), options(model, data))


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("gpt", "'gpt' is neither bundled nor transformers:FOLDER"),
        ("transformers:/nowhere", "'/nowhere', which holds no model"),
    ],
)
def test_a_base_that_is_none_is_refused(
    tmp_path: Path, data: Path, model: Path, base: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        run_train(Settings(home=tmp_path), options(model, data, base=base))
