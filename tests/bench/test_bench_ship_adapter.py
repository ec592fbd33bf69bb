"""What ``bench.ship_adapter`` takes into the package."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.ship_adapter import main, ship
from citewell.app.llms.adapter_card import ADAPTER, AdapterCard, read_card, write_card
from citewell.app.llms.adapter_files import shipped_adapter
from citewell.app.llms.smollm2 import GGUF_SHA256
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError


def put_adapter(folder: Path, rows: int = 192, *, value: float = 0.5) -> Path:
    """Write an adapter of the bundled model in fp32, for one layer."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    layer = "base_model.model.model.layers.0.self_attn.k_proj"
    halves = {"A": torch.full((16, 576), value), "B": torch.zeros(rows, 16)}
    stored = {f"{layer}.lora_{half}.weight": halves[half] for half in halves}
    save_file(stored, folder / ADAPTER)
    card = AdapterCard(
        name="mine",
        base="bundled",
        base_sha256=GGUF_SHA256,
        rank=16,
        alpha=32,
        targets=("k_proj",),
        sha256=file_sha256(folder / ADAPTER),
        made="2026-11-22",
    )
    write_card(folder, card)
    return folder


def test_it_is_kept_in_sixteen_bits_with_what_stands_beside_it(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    source, to = put_adapter(tmp_path / "mine"), tmp_path / "package" / "bundled"
    digest = read_card(source).sha256
    (source / "MODEL_CARD.md").write_text(f"# mine\n\n|tuned:mine|, determined, {digest}", "utf-8")
    adapter = shipped_adapter(to, ship(source, to))

    assert (adapter.card.name, adapter.card.made) == ("bundled", "2026-11-22")
    assert {str(values.dtype) for values in load_file(to / ADAPTER).values()} == {"torch.float16"}
    told = (to / "MODEL_CARD.md").read_text("utf-8")
    assert told == f"# bundled\n\n|bundled|, determined, {adapter.card.sha256}"


def test_where_the_data_were_is_nobodys_business(tmp_path: Path) -> None:
    source = put_adapter(tmp_path / "mine")
    write_card(source, replace(read_card(source), settings={"data": "/home/ann/data", "rank": 16}))
    ship(source, tmp_path / "to")

    assert read_card(tmp_path / "to").settings == {"data": "data", "rank": 16}


def test_the_line_for_the_code_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([str(put_adapter(tmp_path / "mine")), "--to", str(tmp_path / "to")])

    digest = read_card(tmp_path / "to").sha256
    assert (status, capsys.readouterr().out) == (0, f'SHIPPED_SHA256 = "{digest}"\n')


def test_a_folder_without_adapter_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--to", str(tmp_path / "to")]) == 1
    assert "There is no adapter in" in capsys.readouterr().err


def test_one_of_another_model_is_refused(tmp_path: Path) -> None:
    source = put_adapter(tmp_path / "mine")
    write_card(source, replace(read_card(source), base="transformers:/m", base_sha256="0"))

    with pytest.raises(ConfigError, match="was taught on transformers:/m, not on the bundled"):
        ship(source, tmp_path / "to")


def test_one_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"of the shape \(100, 576\), not \(192, 576\)"):
        ship(put_adapter(tmp_path / "mine", rows=100), tmp_path / "to")


def test_numbers_that_sixteen_bits_do_not_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds weights that are no numbers in 16 bit"):
        ship(put_adapter(tmp_path / "mine", value=1e6), tmp_path / "to")
