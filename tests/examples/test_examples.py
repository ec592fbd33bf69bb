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
TEXT = "Low-rank adaptation, called LoRA, was published by Edward Hu"

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not EXAMPLES, reason=f"{ROOT} is no checkout of Citewell"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home folder of a store that holds one document of the demo."""
    made = tmp_path_factory.mktemp("examples") / "home"
    ingest([ROOT / "corpora/llm-primer/building" / DOCUMENT], load_settings({"home": made}))
    return made


def run(name: str, home: Path, *arguments: str) -> str:
    """Run an example with warnings as errors, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "examples" / f"{name}.py", *arguments],
        env=os.environ | {"CITEWELL_HOME": str(home)},
        capture_output=True,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_five_lines_print_the_passages(home: Path) -> None:
    printed = run("embed_in_five_lines", home)

    assert TEXT in printed
    assert re.findall(r"^\[(\d)\] (.*), page \d$", printed, re.MULTILINE) == [
        ("1", DOCUMENT),
        ("2", DOCUMENT),
        ("3", DOCUMENT),
    ]


def test_the_chain_shows_its_model_numbered_sources_and_the_question(home: Path) -> None:
    printed = run("langchain_chain", home, "What", "is", "LoRA?")

    assert re.search(rf"^\[1\] {DOCUMENT}, characters \d+ to \d+:$", printed, re.MULTILINE)
    assert TEXT in printed
    assert printed.endswith("\nQuestion: What is LoRA?\n")


def test_the_engine_answers_and_names_its_sources(home: Path) -> None:
    printed = run("llama_index_engine", home, "What is LoRA?")

    assert TEXT in printed
    assert "\nSource 1:\n" in printed
    assert "\nQuery: What is LoRA?\n" in printed
    assert re.search(rf"^\[1\] {DOCUMENT}, characters \d+ to \d+$", printed, re.MULTILINE)


def test_the_server_answers_all_that_is_asked_at_once(home: Path) -> None:
    printed = run("async_server", home)

    answers = re.findall(r"^(.*\?)\n\[\{'document': '(.*?)', 'text': ", printed, re.MULTILINE)
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
