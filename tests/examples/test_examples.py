"""Each example runs as it stands, in a process of its own, over documents of the demo."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from citewell.ingest.run import ingest
from citewell.retrieval.settings import load_settings

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
DOCUMENT = "parameter-efficient-fine-tuning.pdf"
QUESTIONS = {"langchain_chain": ["What", "is", "LoRA?"], "llama_index_engine": ["What is LoRA?"]}
TEXT = "Low-rank adaptation, called LoRA, was published by Edward Hu"

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not EXAMPLES, reason=f"{ROOT} is no checkout of Citewell"),
]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each example prints over one document of the demo, with warnings as errors."""
    home = tmp_path_factory.mktemp("examples") / "home"
    ingest([ROOT / "corpora/llm-primer/building" / DOCUMENT], load_settings({"home": home}))
    running = {
        path.stem: subprocess.Popen(
            [sys.executable, "-W", "error", path, *QUESTIONS.get(path.stem, ())],
            env=os.environ | {"CITEWELL_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for path in EXAMPLES
    }
    ended = {
        name: (*process.communicate(), process.returncode) for name, process in running.items()
    }
    assert {name: end[1:] for name, end in ended.items()} == dict.fromkeys(running, ("", 0))
    return {name: end[0] for name, end in ended.items()}


def test_five_lines_print_the_passages(printed: dict[str, str]) -> None:
    output = printed["embed_in_five_lines"]

    assert TEXT in output
    assert re.findall(r"^\[(\d)\] (.*), page \d$", output, re.MULTILINE) == [
        ("1", DOCUMENT),
        ("2", DOCUMENT),
        ("3", DOCUMENT),
    ]


def test_the_chain_shows_its_model_numbered_sources_and_the_question(
    printed: dict[str, str],
) -> None:
    output = printed["langchain_chain"]

    assert re.search(rf"^\[1\] {DOCUMENT}, characters \d+ to \d+:$", output, re.MULTILINE)
    assert TEXT in output
    assert output.endswith("\nQuestion: What is LoRA?\n")


def test_the_engine_answers_and_names_its_sources(printed: dict[str, str]) -> None:
    output = printed["llama_index_engine"]

    assert TEXT in output
    assert "\nSource 1:\n" in output
    assert "\nQuery: What is LoRA?\n" in output
    assert re.search(rf"^\[1\] {DOCUMENT}, characters \d+ to \d+$", output, re.MULTILINE)


def test_the_server_answers_all_that_is_asked_at_once(printed: dict[str, str]) -> None:
    output = printed["async_server"]

    answers = re.findall(r"^(.*\?)\n\[\{'document': '(.*?)', 'text': ", output, re.MULTILINE)
    assert answers == [
        ("What is low-rank adaptation?", DOCUMENT),
        ("How many values does LoRA train?", DOCUMENT),
        ("What is QLoRA?", DOCUMENT),
    ]


def test_each_example_is_run_here() -> None:
    assert [path.stem for path in EXAMPLES] == [
        "async_server",
        "embed_in_five_lines",
        "langchain_chain",
        "llama_index_engine",
    ]
