"""Judging what models write by themselves, and the comparison and the card that come of it."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.answer_values import Evidence
from citewell.app.llms.adapter_card import (
    ADAPTER,
    AdapterCard,
    adapter_folder,
    read_card,
    weights_sha256,
    write_card,
)
from citewell.app.llms.protocol import LanguageModel
from citewell.app.output import schema
from citewell.app.tuning.evaluate_command import (
    EvaluateOptions,
    drafted,
    run_evaluate,
    spread,
)
from citewell.app.tuning.evaluate_command import (
    test_file as file_of,
)
from citewell.app.tuning.evaluate_output import Comparison, evaluate_json, right_by_kind, tables
from citewell.app.tuning.evaluating import Draft, Judged, draft, evaluate, judge
from citewell.app.tuning.examples import Example, write_examples
from citewell.app.tuning.figures import cell, figures_of
from citewell.app.tuning.intervals import declined_at, estimate, percentile
from citewell.app.tuning.model_card import model_card
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings

CITEWELL = str(Path(sys.executable).parent / "citewell")

Scripted = Callable[..., LanguageModel]

TEXTS = ("The tower is 330 metres tall.", "It was built in 1889.", "It is made of iron.")
EVIDENCE = tuple(
    Evidence(number, "tower.md", "Tower", 0, len(text), text, (), 1, 1.0)
    for number, text in enumerate(TEXTS, 1)
)
TALL = Example(
    id="tall",
    split="test",
    kind="answer",
    source="towers",
    document="tower.md",
    question="How tall is the tower?",
    evidence=EVIDENCE,
    target="330 metres. [1]",
    rejected=(),
    answers=("330 metres",),
)
UNKNOWN = replace(
    TALL,
    id="unknown",
    kind="unanswerable",
    question="Who built it?",
    target="not found",
    answers=(),
)
CARD = AdapterCard(
    name="towers",
    base="bundled",
    base_sha256="b" * 64,
    rank=8,
    alpha=16,
    targets=("k_proj", "q_proj"),
    sha256="a" * 64,
    made="2026-11-22",
    settings={"seed": 3, "rate": 0.0005, "data": "/somewhere/towers-data"},
    data={
        "licences": ["CC BY-SA 4.0"],
        "questions": [{"name": "towers.jsonl", "questions": 20}],
        "kinds": {"answer": 12, "absent": 8},
    },
    figures={"validation": {"loss": 0.5}},
)


def judged(text: str, example: Example = TALL, **given: Any) -> Judged:
    values: dict[str, Any] = {"tokens": 5, "first": 0.5, "seconds": 1.0, "pieces": 2} | given
    return judge(example, Draft(text, **values))


# one draft


def test_a_right_draft_is_one_with_the_answer_and_the_number_of_what_holds_it() -> None:
    found = judged("The tower is 330 metres tall. [1]")

    assert (found.contains, found.marked, found.declined, found.seen) == (True, True, False, True)
    assert found.f1 == pytest.approx(2 * 2 / (5 + 2))


def test_a_marker_counts_as_no_word_and_has_to_name_what_holds_the_answer() -> None:
    found = judged("330 metres. [2]")

    assert (found.contains, found.f1, found.marked) == (True, 1.0, False)


def test_a_marker_that_the_target_names_is_right_too() -> None:
    example = replace(TALL, answers=("made of iron in 1889",), target="Iron, 1889. [2][3]")

    assert judged("Iron. [3]", example).marked
    assert not judged("Iron. [1]", example).marked


def test_only_the_refusal_at_the_beginning_declines() -> None:
    assert judged("Not found.").declined
    assert not judged("330 metres. [1] not found").declined
    assert not judged("").declined


def test_a_draft_that_declines_holds_nothing() -> None:
    found = judged("not found. 330 metres. [1]")

    assert (found.declined, found.contains, found.f1) == (True, False, 0.0)


def test_what_is_thought_before_the_answer_is_no_part_of_it() -> None:
    written = Draft("It may be 12.</think>330 metres. [1]", 9, 0.1, 0.2, 3)

    assert judge(TALL, written, thinks=True).f1 == 1.0


# drafts of a model


def test_a_model_is_asked_each_example_by_the_prompt_that_suits_it(scripted: Scripted) -> None:
    model: Any = scripted(["330 metres. [1]", "not found"])
    told: list[tuple[int, int]] = []

    found = list(evaluate(model, [TALL, UNKNOWN], Settings(), lambda *at: told.append(at)))

    assert [(each.contains, each.declined) for each in found] == [(True, False), (False, True)]
    assert told == [(1, 2), (2, 2)]
    assert "[1] (Tower) The tower is 330 metres tall." in model.shown[0][-1].content
    assert len(model.shown[0]) > 2, "a model that was not taught is shown examples"


class Taught:
    """Was tuned, and says how likely it is to decline: less where the question has a height."""

    name = "tuned:x"
    place = "this machine"
    context_tokens = None
    taught = True

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def stream(self, messages: Any, settings: Any) -> Any:
        self.shown.append(messages)
        yield "330 metres. [1]"

    def log_probability(self, messages: Any, reply: str) -> float:
        return -5.0 if "tall" in messages[-1].content.rpartition("Question:")[2] else -1.0

    def close(self) -> None:
        """Nothing is held."""


def test_a_model_that_can_say_how_likely_it_declines_is_asked_that_too() -> None:
    model = Taught()

    found = list(evaluate(model, [TALL, UNKNOWN], Settings(), scored=True))

    assert [each.refusal for each in found] == [-5.0, -1.0]
    assert figures_of(found)["declined, unanswerable, at 15 % false"].value == 1.0
    assert len(model.shown[0]) == 2, "a model that was taught is told nothing but the question"


def test_a_draft_counts_its_tokens_and_pieces(scripted: Scripted) -> None:
    written = draft(scripted(["330 metres tall. [1]"]), [], Settings())

    assert (written.text, written.tokens, written.pieces) == ("330 metres tall. [1]", 4, 4)
    assert written.first is not None
    assert written.first <= written.seconds


# figures


def test_each_figure_is_over_the_drafts_that_it_is_about() -> None:
    unseen = replace(TALL, answers=("300 metres",), target="")
    found = figures_of(
        [
            judged("330 metres. [1]"),
            judged("330 metres. [2]"),
            judged("In 1889. [2]"),
            judged("In 1889. [2]", unseen),
            judged("not found"),
            judged("not found", UNKNOWN),
            judged("Eiffel. [1]", UNKNOWN),
        ]
    )

    values = {name: (round(each.value, 3), each.count) for name, each in found.items()}
    assert values["contains an accepted answer"] == (0.4, 5)
    assert values["token F1"] == (0.4, 5)
    assert values["marker right, of answers"] == (0.25, 4)
    assert values["marker right, where the evidence answers"] == (0.333, 3)
    assert values["marker right, of right answers"] == (0.5, 2)
    assert values["declined, unanswerable"] == (0.5, 2)
    assert values["declined, answerable (false)"] == (0.2, 5)
    assert values["evidence holds the answer"] == (0.8, 5)


def test_speed_is_that_of_drafts_in_pieces_from_the_first_one_on() -> None:
    slow, whole = judged("a b", tokens=5, first=0.5, seconds=1.0), judged("a b", pieces=1)

    assert figures_of([slow, whole])["tokens a second, median"].value == 8.0
    assert figures_of([slow, whole])["tokens a second, median"].count == 1


def test_a_figure_over_nothing_is_left_out_and_a_dash() -> None:
    assert "declined, unanswerable" not in figures_of([judged("330 metres. [1]")])
    assert cell("token F1", None) == "-"


def test_a_cell_holds_value_interval_and_number() -> None:
    assert cell("token F1", estimate([0.5, 0.5])) == "0.500 [0.500, 0.500] n 2"
    assert cell("seconds a draft, median", estimate([2.0], percentile(0.5))) == "2.0 [2.0, 2.0] n 1"


def test_the_threshold_declines_no_more_of_the_answerable_than_allowed() -> None:
    sure, unsure = [0.9, 0.8, 0.7, 0.2], [0.1, 0.3, 0.75]

    assert declined_at(sure, unsure, allowed=0.25).value == pytest.approx(2 / 3)
    assert declined_at(sure, unsure, allowed=0.0).value == pytest.approx(1 / 3)
    assert math.isnan(declined_at(sure, [], allowed=0.15).value)


# comparison and card


@pytest.fixture
def compared() -> Comparison:
    """A model that says too much, and one that was taught."""
    untaught = [judged("It is a tower. [2]"), judged("Eiffel. [1]", UNKNOWN)]
    taught = [judged("330 metres. [1]"), judged("not found", UNKNOWN)]
    return Comparison(
        Path("towers/test.jsonl"),
        {"bundled-base": untaught, "tuned:towers": taught},
        "tuned:towers",
    )


def test_models_stand_side_by_side(compared: Comparison) -> None:
    figures, kinds = tables(compared)

    assert figures.splitlines()[0] == "|  | bundled-base | tuned:towers |"
    assert (
        "| token F1 | 0.000 [0.000, 0.000] n 1 | 1.000 [1.000, 1.000] n 1 |" in figures.splitlines()
    )
    assert "| unanswerable | 0.000 [0.000, 0.000] n 1 | 1.000 [1.000, 1.000] n 1 |" in kinds


def test_right_is_to_decline_where_there_is_no_answer(compared: Comparison) -> None:
    found = right_by_kind(compared.drafts["tuned:towers"])

    assert {kind: each.value for kind, each in found.items()} == {
        "answer": 1.0,
        "unanswerable": 1.0,
    }


def test_the_json_follows_its_schema(compared: Comparison) -> None:
    found = evaluate_json(compared, Path("MODEL_CARD.md"))

    jsonschema.Draft202012Validator(schema("citewell.tune-evaluate/1")).validate(found)
    assert [each["name"] for each in found["models"]] == ["bundled-base", "tuned:towers"]
    assert found["models"][1]["figures"]["token F1"]["value"] == 1.0
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_model_card_says_data_licences_settings_figures_and_limits(
    compared: Comparison,
) -> None:
    lines = model_card(CARD, compared).splitlines()

    assert lines[0] == "# towers"
    assert "- licences: CC BY-SA 4.0" in lines
    assert "  - name towers.jsonl, questions 20" in lines
    assert "  - absent: 8" in lines
    assert "- seed: 3" in lines
    assert "- rate: 0.0005" in lines
    assert "- data: towers-data" in lines
    assert f"- `adapter.safetensors`, SHA-256 {'a' * 64}" in lines
    assert "| token F1 | 0.000 [0.000, 0.000] n 1 | 1.000 [1.000, 1.000] n 1 |" in lines
    assert "## Limits" in lines


def test_a_card_without_figures_says_how_to_get_them() -> None:
    assert "None were measured: `citewell tune evaluate`." in model_card(CARD, None)


def test_examples_of_a_limit_are_spread() -> None:
    examples = [replace(TALL, id=str(number)) for number in range(10)]

    assert [each.id for each in spread(examples, 4)] == ["0", "2", "5", "7"]
    assert spread(examples, None) == examples


def test_of_a_made_set_those_for_testing_are_taken(tmp_path: Path) -> None:
    assert file_of(tmp_path) == tmp_path / "test.jsonl"
    assert file_of(tmp_path / "own.jsonl") == tmp_path / "own.jsonl"


# the command


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A made set with two examples for testing."""
    folder = tmp_path / "data"
    folder.mkdir()
    write_examples(folder / "test.jsonl", [TALL, UNKNOWN])
    return folder


def kept(home: Path, **given: Any) -> Settings:
    folder = adapter_folder(home, "towers")
    folder.mkdir(parents=True)
    write_card(folder, replace(CARD, **given))
    return Settings(home=home)


def test_without_data_the_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = kept(tmp_path / "home")

    with pytest.raises(ConfigError, match="/somewhere/towers-data, which towers was made from"):
        run_evaluate(settings, EvaluateOptions("towers"), as_json=False)
    with pytest.raises(ConfigError, match=r"no data is named\. Give --data FOLDER"):
        run_evaluate(settings, EvaluateOptions("bundled"), as_json=False)


def test_an_adapter_that_is_not_there_is_named(tmp_path: Path, data: Path) -> None:
    with pytest.raises(ConfigError, match=r"no adapter in .*nothing.*citewell tune train"):
        run_evaluate(Settings(home=tmp_path), EvaluateOptions("nothing", data), as_json=False)


def test_a_set_without_examples_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").touch()

    with pytest.raises(ConfigError, match="holds no examples"):
        run_evaluate(Settings(), EvaluateOptions("bundled", tmp_path), as_json=False)


def test_no_model_writes_nothing() -> None:
    with pytest.raises(ConfigError, match="'none' writes nothing"):
        drafted("none", [TALL], Settings())


def test_a_model_of_any_kind_is_measured_and_gets_no_card(
    tmp_path: Path, data: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"transformers:{tiny_model}"
    settings = Settings(home=tmp_path / "home", max_tokens=4)

    assert run_evaluate(settings, EvaluateOptions(name, data, "none"), as_json=True) == 0

    found = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema("citewell.tune-evaluate/1")).validate(found)
    assert (found["model"], found["examples"], found["model_card"]) == (name, 2, None)
    assert [each["name"] for each in found["models"]] == [name]


def taught(home: Path, base: Path) -> Path:
    """Make an adapter of nothing for a model in a folder. Returns its folder."""
    import torch
    from safetensors.torch import save_file

    folder = adapter_folder(home, "towers")
    folder.mkdir(parents=True)
    layer = "base_model.model.model.layers.0.self_attn.q_proj"
    tensors = {
        f"{layer}.lora_A.weight": torch.ones(8, 32),
        f"{layer}.lora_B.weight": torch.zeros(32, 8),
    }
    save_file(tensors, folder / ADAPTER)
    card = replace(
        CARD,
        base=f"transformers:{base}",
        base_sha256=weights_sha256(base),
        sha256=file_sha256(folder / ADAPTER),
        targets=("q_proj",),
    )
    write_card(folder, card)
    return folder


def test_an_adapter_keeps_its_figures_and_gets_a_model_card(
    tmp_path: Path, data: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(home=tmp_path / "home", max_tokens=4)
    folder = taught(settings.home, tiny_model)

    assert run_evaluate(settings, EvaluateOptions("towers", data, limit=1), as_json=False) == 0

    printed = capsys.readouterr()
    assert f"|  | transformers:{tiny_model} | tuned:towers |" in printed.out
    assert f"The model card is {folder / 'MODEL_CARD.md'}." in printed.err
    assert "Measured on 1 example kept for testing" in (folder / "MODEL_CARD.md").read_text("utf-8")
    figures: Any = read_card(folder).figures
    assert figures["validation"] == {"loss": 0.5}
    assert figures["test"]["examples"] == 1
    assert "token F1" in figures["test"]["models"]["tuned:towers"]["figures"]


def test_the_command_says_what_to_do_without_an_adapter(tmp_path: Path, data: Path) -> None:
    command = [CITEWELL, "tune", "evaluate", "towers", f"--data={data}", f"--home={tmp_path}"]

    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)

    assert done.returncode == ConfigError.exit_code
    assert done.stderr.startswith("citewell: There is no adapter in")
    assert "citewell tune train" in done.stderr
