"""A chat model in a folder: a tiny one with random weights, made here."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.app.llms.adapter_card import (
    ADAPTER,
    AdapterCard,
    adapter_folder,
    weights_sha256,
    write_card,
)
from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.llms.transformers_model import TransformersModel
from citewell.retrieval.errors import ConfigError, ModelError, NotConfigured
from citewell.retrieval.settings import Settings

ASK = (Message("system", "be brief"), Message("user", "does the cat sleep"))
WORDS = (
    *("does", "the", "cat", "sleep", "be", "brief", "dog", "horse", "yes", "no"),
    *("system", "user", "assistant", "a", "b", "c", "d", "e", "f", "g"),
)
TEMPLATE = (
    "{% for m in messages %}<s>{{ m.role }} {{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant{% endif %}"
)


def make_model(folder: Path, template: str | None) -> Path:
    """Save a Llama of two layers with random weights and a tokenizer of single words."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {word: n for n, word in enumerate(["<unk>", "<s>", "</s>", *WORDS])}
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=200,
        bos_token_id=1,
        eos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("chat"), TEMPLATE)


@pytest.fixture(scope="module")
def model(folder: Path) -> Iterator[TransformersModel]:
    model = TransformersModel(folder)
    yield model
    model.close()


def text_of(model: TransformersModel, settings: GenerationSettings) -> str:
    return "".join(model.stream(ASK, settings))


def test_it_writes_no_more_tokens_than_allowed(model: TransformersModel) -> None:
    few, many = (text_of(model, GenerationSettings(max_tokens=n)) for n in (5, 20))

    assert (0 < len(few.split()) <= 5, many.startswith(few), many > few) == (True, True, True)


def test_text_comes_in_more_than_one_piece(model: TransformersModel) -> None:
    assert len(list(model.stream(ASK, GenerationSettings(max_tokens=20)))) > 1


def test_temperature_0_gives_the_same_text_each_time(model: TransformersModel) -> None:
    settings = GenerationSettings(max_tokens=10)

    assert text_of(model, settings) == text_of(model, settings)


def test_the_seed_fixes_what_sampling_gives(model: TransformersModel) -> None:
    first, again, other = (
        text_of(model, GenerationSettings(max_tokens=20, temperature=2.0, top_k=20, seed=seed))
        for seed in (1, 1, 2)
    )

    assert (first == again, first == other) == (True, False)


def test_a_stop_text_ends_the_answer_and_is_left_out(model: TransformersModel) -> None:
    settings = GenerationSettings(max_tokens=30, temperature=2.0, seed=1)
    whole = text_of(model, settings)
    stop = whole.split()[5]

    stopped = text_of(
        model, GenerationSettings(max_tokens=30, temperature=2.0, seed=1, stop=(stop,))
    )

    assert (stopped, bool(stopped)) == (whole[: whole.index(stop)], True)


def test_the_answer_is_cut_at_the_most_characters(model: TransformersModel) -> None:
    whole = text_of(model, GenerationSettings(max_tokens=20))

    assert text_of(model, GenerationSettings(max_tokens=20, max_chars=7)) == whole[:7]


def test_closing_the_iterator_lets_the_next_answer_begin(model: TransformersModel) -> None:
    before = text_of(model, GenerationSettings(max_tokens=9))
    pieces = model.stream(ASK, GenerationSettings(max_tokens=150))
    next(pieces)
    pieces.close()

    assert text_of(model, GenerationSettings(max_tokens=9)) == before


def test_an_answer_that_takes_too_long_is_stopped(model: TransformersModel) -> None:
    with pytest.raises(ModelError, match=r"The model in .* took longer than 0\.001 s"):
        text_of(model, GenerationSettings(max_tokens=150, timeout=0.001))


def test_a_prompt_beyond_the_context_is_refused(model: TransformersModel) -> None:
    with pytest.raises(ModelError, match=r"prompt has 14 tokens; the model reads 200 .* of 190"):
        text_of(model, GenerationSettings(max_tokens=190))


def test_it_can_be_closed_and_used_again(folder: Path) -> None:
    model = TransformersModel(folder)
    before = text_of(model, GenerationSettings(max_tokens=4))
    model.close()
    model.close()

    assert text_of(model, GenerationSettings(max_tokens=4)) == before


def test_its_name_and_place(model: TransformersModel, folder: Path) -> None:
    assert (model.name, model.place) == (f"transformers:{folder}", "this machine")


def test_a_base_model_is_refused(tmp_path: Path) -> None:
    make_model(tmp_path, None)

    with pytest.raises(NotConfigured, match="has no chat template: it is a base model"):
        TransformersModel(tmp_path)


def test_a_template_is_found_in_a_file_of_its_own(tmp_path: Path) -> None:
    make_model(tmp_path, None)
    (tmp_path / "chat_template.jinja").write_text(TEMPLATE)

    assert text_of(TransformersModel(tmp_path), GenerationSettings(max_tokens=3)) != ""


def test_its_tokens_and_its_context_are_those_of_its_files(model: TransformersModel) -> None:
    assert (model.count_tokens("does the cat sleep"), model.context_tokens) == (4, 200)


def test_a_model_in_the_cache_of_the_hub_is_found_by_its_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "models--org--chat"
    (repository / "snapshots").mkdir(parents=True)
    (repository / "snapshots" / "abc").symlink_to(folder)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("abc")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    model = open_model("transformers:org/chat", Settings(home=tmp_path))

    assert model is not None
    assert (model.name, model.context_tokens) == ("transformers:org/chat", 200)


def test_what_a_template_opens_as_thinking_is_marked_as_thinking(tmp_path: Path) -> None:
    template = TEMPLATE.replace("<s>assistant{% endif", "<s>assistant <think>{% endif")
    model = TransformersModel(make_model(tmp_path, template))

    assert text_of(model, GenerationSettings(max_tokens=3)).startswith("<think>")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent', which holds no model"):
        TransformersModel(tmp_path / "absent")


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    model = TransformersModel(make_model(tmp_path, TEMPLATE))
    (tmp_path / "model.safetensors").write_bytes(b"damaged")

    with pytest.raises(ConfigError, match="cannot be loaded"):
        next(model.stream(ASK, GenerationSettings()))


def test_code_in_the_folder_is_not_run(tmp_path: Path) -> None:
    make_model(tmp_path, TEMPLATE)
    ran = tmp_path / "ran"
    (tmp_path / "own.py").write_text(f"open({str(ran)!r}, 'w').close()\n")
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {
        "model_type": "own",
        "auto_map": {"AutoConfig": "own.C", "AutoModelForCausalLM": "own.M"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))

    with pytest.raises(ConfigError, match="cannot be loaded"):
        next(TransformersModel(tmp_path).stream(ASK, GenerationSettings()))
    assert not ran.exists()


def put_adapter(home: Path, base: Path, sha256: str, shape: tuple[int, int]) -> None:
    """Write an adapter named ``mine`` that changes one layer of a model much."""
    import torch
    from safetensors.torch import save_file

    folder = adapter_folder(home, "mine")
    folder.mkdir(parents=True)
    layer = "base_model.model.model.layers.1.mlp.down_proj"
    torch.manual_seed(1)
    halves = {"A": torch.randn(1, shape[1]), "B": torch.randn(shape[0], 1)}
    stored = {f"{layer}.lora_{half}.weight": halves[half] for half in halves}
    save_file(stored, folder / ADAPTER)
    card = AdapterCard(
        name="mine",
        base=f"transformers:{base}",
        base_sha256=sha256,
        rank=1,
        alpha=100,
        targets=("down_proj",),
        sha256=hashlib.sha256((folder / ADAPTER).read_bytes()).hexdigest(),
        made="2026-11-22",
    )
    write_card(folder, card)


def tuned(home: Path) -> TransformersModel:
    model = open_model("tuned:mine", Settings(home=home))
    assert isinstance(model, TransformersModel)
    return model


def test_an_adapter_changes_what_is_written(
    folder: Path, model: TransformersModel, tmp_path: Path
) -> None:
    put_adapter(tmp_path, folder, weights_sha256(folder), (16, 32))
    taught, settings = tuned(tmp_path), GenerationSettings(max_tokens=20)

    assert (model.taught, taught.taught, taught.name) == (False, True, "tuned:mine")
    assert text_of(taught, settings) != text_of(model, settings)


def test_an_adapter_of_other_weights_is_refused(folder: Path, tmp_path: Path) -> None:
    put_adapter(tmp_path, folder, "0" * 64, (16, 32))

    with pytest.raises(ConfigError, match="was taught on other weights than are in"):
        text_of(tuned(tmp_path), GenerationSettings())


def test_an_adapter_that_does_not_fit_is_refused(folder: Path, tmp_path: Path) -> None:
    put_adapter(tmp_path, folder, weights_sha256(folder), (16, 31))

    with pytest.raises(ConfigError, match=r"changes .*down_proj of the shape \(16, 31\)"):
        text_of(tuned(tmp_path), GenerationSettings())
