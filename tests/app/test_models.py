"""The commands about language models: list, use, prompts, and the trial of a model."""

import json
import os
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import jsonschema
import pytest

from citewell.app.llms.protocol import LanguageModel
from citewell.app.models import run_list, run_prompts, run_use
from citewell.app.models_fitness import Fitness, Outcome, judge, trials, try_model
from citewell.app.models_list import list_models
from citewell.app.models_output import fitness_json, pull_json
from citewell.app.models_prompts import copy_prompts
from citewell.app.models_pull import Pulled
from citewell.app.models_use import changed_toml, use_model
from citewell.app.output import schema
from citewell.app.prompting import check_prompts
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings


class Server(Protocol):
    """What these tests use of the double."""

    @property
    def host(self) -> str: ...
    @property
    def address(self) -> str: ...


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder and an empty cache of the hub."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for name in list(os.environ):
        if name.startswith("CITEWELL_"):
            monkeypatch.delenv(name)


def put_model(folder: Path, template: str | None, kind: str = "LlamaForCausalLM") -> None:
    """Write the files by which a model is known, with weights of ten bytes."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"architectures": [kind]}))
    tokenizer = {"chat_template": template} if template else {}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    (folder / "model.safetensors").write_bytes(b"0" * 10)


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return the line of JSON that was printed, once it has passed its schema."""
    value: dict[str, object] = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema(str(value["schema"]))).validate(value)
    return value


def test_pulled_and_cached_models_are_listed_with_their_state(tmp_path: Path) -> None:
    home = tmp_path / "home"
    put_model(home / "models/org/chat", "{{ messages }}")
    put_model(home / "models/org/base", None)
    put_model(home / "models/org/embeds", None, kind="BertModel")
    cached = tmp_path / "hub/models--big--chat"
    put_model(cached / "snapshots/abc", "{{ messages }}")
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text("abc")

    listed = list_models(Settings(home=home, llm="transformers:org/chat"))
    assert [(each.name, each.size, each.state, each.in_use) for each in listed[2:]] == [
        ("transformers:org/base", 10, "base", False),
        ("transformers:org/chat", 10, "ready", True),
        ("transformers:big/chat", 10, "ready", False),
    ]


def test_the_bundled_model_is_listed_first(tmp_path: Path) -> None:
    first, second = list_models(Settings(home=tmp_path))[:2]

    assert (first.name, first.state, first.in_use) == ("bundled", "ready", True)
    assert (second.name, second.state, second.in_use) == ("bundled-base", "ready", False)


def test_a_gguf_file_that_cannot_be_read_is_listed_so(tmp_path: Path) -> None:
    path = tmp_path / "models/files/broken.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"broken")

    last = list_models(Settings(home=tmp_path))[-1]
    assert (last.name, last.state) == ("gguf:files/broken.gguf", "unreadable")


def test_models_of_the_server_are_listed(
    model_server: Callable[[str], Server], tmp_path: Path
) -> None:
    server = model_server("ok")

    listed = list_models(Settings(home=tmp_path, llm_base_url=server.address))
    assert [(each.name, each.place) for each in listed[2:]] == [
        ("openai:small", server.host),
        ("openai:test", server.host),
    ]


def test_a_server_that_is_down_is_listed_so(tmp_path: Path, closed_address: str) -> None:
    last = list_models(Settings(home=tmp_path, llm_base_url=closed_address))[-1]

    assert (last.name, last.state) == ("openai:", "unreachable")


def test_the_list_is_printed_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = run_list(Settings(home=tmp_path, llm="none"), as_json=True)

    assert (status, printed(capsys)["in_use"]) == (0, "none")


def test_the_list_says_when_no_model_is_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_list(Settings(home=tmp_path, llm="none"), as_json=False)

    assert "No model is in use (llm = none): answers quote" in capsys.readouterr().err


def test_the_list_marks_the_model_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_list(Settings(home=tmp_path), as_json=False)

    assert re.search(r"^\*  bundled +\d+ MB  ready  ", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'llm = "none"\n'),
        ("k = 3", 'k = 3\nllm = "none"\n'),
        ('# mine\nllm = "bundled"  # why\nk = 3\n', '# mine\nllm = "none"\nk = 3\n'),
        ("llm_timeout = 9\n", 'llm_timeout = 9\nllm = "none"\n'),
    ],
)
def test_one_setting_is_changed_and_the_rest_stays(before: str, after: str) -> None:
    assert changed_toml(before, {"llm": "none"}) == after


@pytest.mark.parametrize("text", ['llm = """\nbundled"""\n', 'stop = """\nllm = 1"""\n'])
def test_a_file_that_cannot_be_changed_line_by_line_is_left_alone(text: str) -> None:
    with pytest.raises(ValueError, match="a form that is not changed by machine"):
        changed_toml(text, {"llm": "none"})


def test_a_choice_is_written_where_settings_are_read(tmp_path: Path) -> None:
    Path("citewell.toml").write_text("k = 3\n")
    put_model(tmp_path / "chat", "{{ messages }}")

    path = use_model(f"transformers:{tmp_path / 'chat'}", Settings(home=tmp_path))
    assert tomllib.loads(path.read_text()) == {"k": 3, "llm": f"transformers:{tmp_path / 'chat'}"}
    assert [each.name for each in tmp_path.iterdir() if "toml" in each.name] == ["citewell.toml"]


def test_the_address_of_a_server_is_written_too(tmp_path: Path) -> None:
    address = "http://127.0.0.1:1/v1"
    path = use_model("openai:test", Settings(home=tmp_path, llm_base_url=address))

    assert tomllib.loads(path.read_text()) == {"llm": "openai:test", "llm_base_url": address}


def test_a_base_model_is_not_taken_into_use(tmp_path: Path) -> None:
    put_model(tmp_path / "base", None)

    with pytest.raises(NotConfigured, match="it is a base model"):
        use_model(f"transformers:{tmp_path / 'base'}", Settings(home=tmp_path))
    assert not Path("citewell.toml").exists()


def test_a_file_that_cannot_be_changed_is_told_with_what_to_write(tmp_path: Path) -> None:
    Path("citewell.toml").write_text("k = [\n")

    with pytest.raises(ConfigError, match=r'cannot be changed: .* Write into it .* llm = "none"'):
        use_model("none", Settings.model_construct(home=tmp_path, llm_base_url=None))


def test_a_variable_that_outranks_the_choice_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITEWELL_LLM", "bundled")
    run_use("none", Settings(home=tmp_path), as_json=True)

    assert printed(capsys)["overruled_by"] == "CITEWELL_LLM"


def test_copied_prompts_pass_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "own"
    run_prompts(folder, as_json=True)

    assert printed(capsys)["files"] == [f"{name}.txt" for name in _in_order(check_prompts(folder))]


def _in_order(names: Sequence[str]) -> list[str]:
    techniques = ("zero-shot", "few-shot", "chain-of-thought", "taught")
    order = [*(f"answer-{technique}" for technique in techniques), "standalone"]
    return [name for name in order if name in names]


def test_edited_prompts_are_not_written_over(tmp_path: Path) -> None:
    copy_prompts(tmp_path)

    with pytest.raises(ConfigError, match=r"answer-zero-shot\.txt is there already. Delete it"):
        copy_prompts(tmp_path)


def test_what_was_pulled_is_printed_as_json() -> None:
    value = pull_json(Pulled("gguf:org/name/a.gguf", Path("/home/models"), ("a.gguf",), 7))

    jsonschema.Draft202012Validator(schema("citewell.model-pull/1")).validate(value)
    assert value["files"] == ["a.gguf"]


Scripted = Callable[[Sequence[str]], LanguageModel]


def perfect() -> list[str]:
    """Replies that say what the evidence says, or that it says nothing."""
    replies = []
    for trial in trials():
        holds = (text for text in trial.evidence if any(each in text for each in trial.answer))
        replies.append(next(holds, "not found"))
    return replies


@pytest.fixture
def tried(scripted: Scripted, embedder: Embedder) -> Callable[..., Fitness]:
    """Tries a model that gives these replies."""

    def run(replies: Sequence[str]) -> Fitness:
        return judge(list(try_model(scripted(replies), Settings(), embedder)))

    return run


def test_ten_questions_are_asked_some_without_an_answer_and_some_with_a_trap() -> None:
    asked = trials()

    assert len(asked) == 10
    assert sum(not each.answer for each in asked) == 2
    assert sum(bool(each.planted) for each in asked) == 2


def test_a_model_that_says_what_the_evidence_says_is_fit(tried: Callable[..., Fitness]) -> None:
    found = tried(perfect())

    assert (found.verdict, found.right, found.declined) == ("fit", 8, 2)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("not found", "declined"), ("The moon is made of cheese.", "dropped"), ("[1]", "silent")],
)
def test_a_model_that_never_answers_is_unfit(
    reply: str, outcome: Outcome, tried: Callable[..., Fitness]
) -> None:
    found = tried([reply])

    assert found.verdict == "unfit"
    assert {each.outcome for each in found.tried} == {outcome}


def test_a_model_that_obeys_what_is_planted_is_not_fit(tried: Callable[..., Fitness]) -> None:
    replies = [
        f"{reply} {trial.planted}." for reply, trial in zip(perfect(), trials(), strict=True)
    ]
    found = tried(replies)

    assert [each.outcome for each in found.tried].count("obeyed") == 2
    assert found.verdict == "limited"


def test_what_came_is_printed_as_json(tried: Callable[..., Fitness]) -> None:
    value = fitness_json("scripted", "few-shot", tried(perfect()))

    jsonschema.Draft202012Validator(schema("citewell.model-test/1")).validate(value)
    assert [each["outcome"] for each in value["questions"]][-2:] == ["declined"] * 2
