"""What models write by themselves is measured beside each other, also with an adapter apart."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from bench.answer_run import Column, Plan, columns
from bench.answer_sets import AnswerSet
from bench.draft_examples import examples_of
from bench.drafts import as_json, as_text, main, side_by_side
from bench.drawing import draw
from bench.models import opened
from bench.questions import GoldQuestion
from bench.tune_curve import chart, table
from bench.unmerged import UnmergedModel
from citewell.app.answer_values import Evidence
from citewell.app.llms.adapter_card import ADAPTER, AdapterCard, write_card
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.reading.reader import open_reader
from citewell.app.tuning.evaluating import Draft, Judged, judge
from citewell.app.tuning.examples import Example, read_examples, write_examples
from citewell.app.tuning.intervals import Estimate

TEXT = "The tower is 330 metres tall. It was built in 1889."
TALL = Example(
    id="tall",
    split="test",
    kind="answer",
    source="towers",
    document="tower.md",
    question="How tall is the tower?",
    evidence=(Evidence(1, "tower.md", "Tower", 0, 29, TEXT[:29], (), 1, 1.0),),
    target="",
    rejected=(),
    answers=("330 metres",),
)
ASK = (Message("user", "cat or dog ?"),)


def drafted(*texts: str) -> dict[str, list[Judged]]:
    return {"towers": [judge(TALL, Draft(text, 3, 0.1, 0.2, 2)) for text in texts]}


# tables


def test_models_stand_side_by_side_and_sets_below_each_other() -> None:
    one = drafted("330 metres. [1]") | {"bridges": drafted("It is old.")["towers"]}

    lines = as_text({"a": one, "b": one}).splitlines()

    assert "| towers | a | b |" in lines
    assert "| token F1 | 1.000 [1.000, 1.000] n 1 | 1.000 [1.000, 1.000] n 1 |" in lines
    assert "| token F1 | 0.500 [0.000, 1.000] n 2 | 0.500 [0.000, 1.000] n 2 |" in lines


def test_of_one_set_there_is_no_table_of_all() -> None:
    assert "| all |" not in as_text({"a": drafted("330 metres. [1]")})


def test_drafts_can_be_read_with_their_evidence() -> None:
    text = side_by_side({"a": drafted("330 metres. [1]"), "b": drafted("It is old.")}, 1)

    assert "## How tall is the tower?\n\nAccepted: 330 metres" in text
    assert "[1] The tower is 330 metres tall." in text
    assert "**a**: 330 metres. [1]\n\n**b**: It is old." in text


def test_figures_and_drafts_are_written_as_values() -> None:
    found = as_json({"a": drafted("330 metres. [1]")})

    assert found["a"]["towers"]["figures"]["token F1"]["value"] == 1.0
    assert found["a"]["towers"]["drafts"] == [
        {
            "id": "tall",
            "text": "330 metres. [1]",
            "declined": False,
            "contains": True,
            "f1": 1.0,
            "marked": True,
        }
    ]


# columns of whole answers


def test_each_system_with_a_model_answers_with_each_and_one_without_answers_once() -> None:
    plan = Plan(["Citewell", "Citewell, no model"], ["bundled-base", "bundled"], Path("work"))

    assert [each.title for each in columns(plan)] == [
        "Citewell, bundled-base",
        "Citewell, bundled",
        "Citewell, no model",
    ]


def test_a_single_model_is_not_named_in_each_column() -> None:
    plan = Plan(["naive chain", "best two"], ["bundled"], Path("work"))

    assert columns(plan) == [
        Column("naive chain", "bundled", "naive chain"),
        Column("best two", "none", "best two"),
    ]


# the evidence


@pytest.mark.models
def test_questions_get_the_evidence_that_answering_shows_and_it_is_kept(tmp_path: Path) -> None:
    corpus = tmp_path / "tower.md"
    corpus.write_text(f"# Tower\n\n{TEXT}\n", "utf-8")
    height = GoldQuestion("a", "How tall is the tower?", ("330 metres",), frozenset(), (), True)
    builder = GoldQuestion("b", "Who built the tower?", ("Eiffel",), frozenset(), (), False)
    asked = AnswerSet("towers", corpus, (height, builder))

    found = examples_of(asked, tmp_path / "work", "report", open_reader())

    assert [each.kind for each in found] == ["answer", "unanswerable"]
    assert [each.answers for each in found] == [("330 metres",), ()]
    assert "330 metres tall" in found[0].evidence[0].text
    assert list(read_examples(tmp_path / "work" / "drafts" / "towers-report.jsonl")) == found


# an adapter beside the weights


def adapter(folder: Path, base: Path, size: float) -> Path:
    """Make an adapter that changes one layer's queries by so much."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir()
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {
        f"{layer}.lora_A.weight": torch.ones(2, 32),
        f"{layer}.lora_B.weight": torch.full((32, 2), size),
    }
    save_file(tensors, folder / ADAPTER)
    card = AdapterCard(
        name="towers",
        base=f"transformers:{base}",
        base_sha256="b" * 64,
        rank=2,
        alpha=4,
        targets=("q_proj",),
        sha256="a" * 64,
        made="2026-11-22",
    )
    write_card(folder, card)
    return folder


def test_an_adapter_of_nothing_changes_nothing_and_another_does(
    tmp_path: Path, tiny_model: Path
) -> None:
    base = UnmergedModel(None, f"transformers:{tiny_model}", taught=False)
    nothing, something = (
        UnmergedModel(adapter(tmp_path / str(size), tiny_model, size)) for size in (0.0, 5.0)
    )

    logs = [each.log_probability(ASK, "not found") for each in (base, nothing, something)]

    assert logs[0] == pytest.approx(logs[1])
    assert logs[2] != pytest.approx(logs[0])
    assert (base.taught, something.taught) == (False, True)


def test_the_probabilities_of_a_token_and_the_end_are_those_of_the_model(tiny_model: Path) -> None:
    model = UnmergedModel(None, f"transformers:{tiny_model}")
    words = ("cat", "dog", "horse", "not", "found", "tower", "metres")

    shares = [math.exp(model.log_probability(ASK, word)) for word in words]

    assert 0 < sum(shares) < 1


def test_a_reply_comes_whole_and_no_longer_than_allowed(tiny_model: Path) -> None:
    model = UnmergedModel(None, f"transformers:{tiny_model}")

    (reply,) = model.stream(ASK, GenerationSettings(max_tokens=4))

    assert 0 <= model.count_tokens(reply) <= 4


def test_an_adapter_is_named_by_its_folder(tmp_path: Path, tiny_model: Path) -> None:
    model = opened(f"unmerged:{adapter(tmp_path / 'a', tiny_model, 1.0)}", tmp_path)

    assert isinstance(model, UnmergedModel)
    assert opened("none", tmp_path) is None


def test_the_command_measures_a_file_of_examples(
    tmp_path: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_examples(tmp_path / "towers.jsonl", [TALL, replace(TALL, id="b", answers=())])
    name = f"unmerged:transformers:{tiny_model}"
    command = [str(tmp_path / "towers.jsonl"), "--llm", name, "--sweep", "--show", "1"]

    assert main([*command, "--json", str(tmp_path / "found.json")]) == 0

    printed = capsys.readouterr().out
    assert f"| towers | {name} |" in printed
    assert "| declined, unanswerable, at 15 % false |" in printed
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert [each["id"] for each in found[name]["towers"]["drafts"]] == ["tall", "b"]


# more examples


def test_the_curve_shows_shares_over_the_number_of_examples() -> None:
    def known(value: float) -> dict[str, Estimate]:
        return {"token F1": Estimate(value, value, value, 9)}

    curve = {0: known(0.1), 200: known(0.3), 2000: known(0.5)}

    drawn = chart("towers", curve)

    assert drawn.lines == {"token F1": [(200.0, 0.3), (2000.0, 0.5)]}
    assert ">0.25<" in draw([drawn])
    assert table("towers", curve).splitlines() == [
        "| towers | 0 examples | 200 examples | 2,000 examples |",
        "|---|---|---|---|",
        "| token F1 | 0.100 [0.100, 0.100] n 9 | 0.300 [0.300, 0.300] n 9 "
        "| 0.500 [0.500, 0.500] n 9 |",
    ]
