"""Adapters: their cards, their weights, and what of them does not fit."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from citewell.app.llms.adapter_card import (
    ADAPTER,
    CARD,
    AdapterCard,
    adapter_folder,
    read_card,
    weights_sha256,
    write_card,
)
from citewell.app.llms.adapter_files import Adapter, own_adapter, read_changes, shipped_adapter
from citewell.app.llms.bundled import BundledModel
from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import TaughtModel
from citewell.app.llms.smollm2 import GGUF_SHA256
from citewell.app.models_list import list_models
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings

CARD_OF_MINE = AdapterCard(
    name="mine",
    base="bundled",
    base_sha256=GGUF_SHA256,
    rank=2,
    alpha=4,
    targets=("q_proj",),
    sha256="",
    made="2026-11-22",
    settings={"seed": 0},
)
LAYER = "base_model.model.model.layers.0.mlp.down_proj"


def put_adapter(
    home: Path, card: AdapterCard = CARD_OF_MINE, names: tuple[str, ...] = ("A", "B")
) -> Path:
    """Write an adapter of rank 2 for a layer of three rows and two columns."""
    import torch
    from safetensors.torch import save_file

    folder = adapter_folder(home, card.name)
    folder.mkdir(parents=True)
    halves = {
        "A": torch.tensor([[1.0, 2.0], [0.0, 1.0]], dtype=torch.bfloat16),
        "B": torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.0]], dtype=torch.bfloat16),
    }
    save_file({f"{LAYER}.lora_{name}.weight": halves[name[0]] for name in names}, folder / ADAPTER)
    digest = hashlib.sha256((folder / ADAPTER).read_bytes()).hexdigest()
    write_card(folder, replace(card, sha256=digest))
    return folder


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_card(tmp_path, CARD_OF_MINE)

    assert read_card(tmp_path) == CARD_OF_MINE


def test_without_a_card_the_command_that_makes_an_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no adapter in .*\(no adapter.json\).* citewell tune"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"version": 2}, "card of version 2; this Citewell reads 1"),
        ({"rank": 0}, r"adapter\.json is no card of an adapter: rank: "),
        ({"rank": "many"}, r"adapter\.json is no card of an adapter: rank: "),
    ],
)
def test_a_card_that_cannot_be_used_is_refused(
    changed: dict[str, object], message: str, tmp_path: Path
) -> None:
    write_card(tmp_path, CARD_OF_MINE)
    values = json.loads((tmp_path / CARD).read_text("utf-8"))
    (tmp_path / CARD).write_text(json.dumps(values | changed), "utf-8")

    with pytest.raises(ConfigError, match=message):
        read_card(tmp_path)


@pytest.mark.parametrize("name", ["", "..", "../mine", "a b", ".hidden", "x" * 65])
def test_a_name_that_is_no_folder_of_its_own_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="An adapter cannot be named"):
        adapter_folder(tmp_path, name)


def test_the_hash_of_weights_is_of_all_their_files(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"one")
    one = weights_sha256(tmp_path)
    (tmp_path / "b.safetensors").write_bytes(b"two")

    assert (one, weights_sha256(tmp_path)) == (
        "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
        "52c093303a4935fbd3ce80f15eea5e967b440566a84232e5e413c324bbfd5aae",
    )


def test_a_folder_without_weights_has_no_hash(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no model \(no \*.safetensors\)"):
        weights_sha256(tmp_path)


def test_a_change_is_the_product_of_its_halves_times_alpha_by_rank(tmp_path: Path) -> None:
    folder = put_adapter(tmp_path)
    changes = read_changes(Adapter(folder, read_card(folder)))

    assert list(changes) == ["model.layers.0.mlp.down_proj"]
    change = changes["model.layers.0.mlp.down_proj"]
    assert change.shape == (3, 2)
    assert change.matrix().tolist() == [[2.0, 4.0], [0.0, 2.0], [1.0, 2.0]]


def test_half_a_change_is_refused(tmp_path: Path) -> None:
    folder = put_adapter(tmp_path, names=("A",))

    with pytest.raises(ConfigError, match="holds only half of a change"):
        read_changes(Adapter(folder, read_card(folder)))


def test_weights_that_are_not_of_lora_are_refused(tmp_path: Path) -> None:
    folder = put_adapter(tmp_path, names=("A", "Bias"))

    with pytest.raises(ConfigError, match=r"holds '.*lora_Bias.weight', which is not of LoRA"):
        read_changes(Adapter(folder, read_card(folder)))


def test_an_adapter_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    put_adapter(tmp_path)

    with pytest.raises(ConfigError, match=r"no adapter named 'other' .* There are: mine\."):
        own_adapter(tmp_path, "other")


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    folder = put_adapter(tmp_path)
    with (folder / ADAPTER).open("ab") as file:
        file.write(b"x")

    with pytest.raises(ConfigError, match="is damaged or another: its SHA-256 is"):
        own_adapter(tmp_path, "mine")


def test_missing_weights_are_told(tmp_path: Path) -> None:
    (put_adapter(tmp_path) / ADAPTER).unlink()

    with pytest.raises(ConfigError, match=r"There is no adapter\.safetensors in"):
        own_adapter(tmp_path, "mine")


def test_a_damaged_adapter_of_the_package_leaves_the_model_without_it(tmp_path: Path) -> None:
    folder = put_adapter(tmp_path)

    with pytest.raises(NotConfigured, match=r"reinstall .* citewell\. .*CITEWELL_LLM=bundled-base"):
        shipped_adapter(folder, "0" * 64)


def test_the_adapter_of_the_package_is_known_by_its_hash(tmp_path: Path) -> None:
    folder = put_adapter(tmp_path)
    adapter = shipped_adapter(folder, read_card(folder).sha256)

    assert adapter == Adapter(folder, read_card(folder))


def test_the_model_of_an_adapter_is_asked_as_it_was_taught(tmp_path: Path) -> None:
    put_adapter(tmp_path)
    model = open_model("tuned:mine", Settings(home=tmp_path))

    assert isinstance(model, BundledModel)
    assert isinstance(model, TaughtModel)
    assert (model.name, model.taught, BundledModel(tmp_path).taught) == ("tuned:mine", True, False)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"base_sha256": "0" * 64}, "was taught on weights with the SHA-256 0000.* tune train"),
        ({"base": "openai:gpt"}, "was taught on 'openai:gpt', which Citewell cannot run"),
        ({"base": "transformers:/absent"}, r"'/absent', which holds no model"),
    ],
)
def test_an_adapter_of_another_model_is_refused(
    changed: dict[str, str], message: str, tmp_path: Path
) -> None:
    card = replace(CARD_OF_MINE, **changed)  # type: ignore[arg-type]
    put_adapter(tmp_path, card)

    with pytest.raises(ConfigError, match=message):
        open_model("tuned:mine", Settings(home=tmp_path))


def test_models_that_were_taught_are_listed_with_their_state(tmp_path: Path) -> None:
    put_adapter(tmp_path)
    (put_adapter(tmp_path, replace(CARD_OF_MINE, name="torn")) / CARD).write_text("{")

    listed = list_models(Settings(home=tmp_path, llm="tuned:mine"))
    assert [
        (each.name, each.state, each.in_use) for each in listed if each.name.startswith("tuned:")
    ] == [("tuned:mine", "ready", True), ("tuned:torn", "damaged", False)]
