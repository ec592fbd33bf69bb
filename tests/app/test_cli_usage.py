"""The installed command where it refuses, is interrupted, or only shows what it is."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jsonschema
import pytest

from citewell.app.output import schema
from citewell.retrieval.locking import current_writer, writer_lock
from citewell.retrieval.sqlite_store import open_store

CITEWELL = Path(sys.executable).parent / "citewell"
HEAVY = {"torch", "transformers", "sentence_transformers", "chromadb", "streamlit", "langchain"}

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Interrupt = Callable[[signal.Signals], "subprocess.Popen[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of a store; not there yet."""
    return tmp_path / "home"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """An empty folder of documents, named ``docs`` in the folder the command runs in."""
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Variables without any of Citewell's but the home folder."""
    kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}
    return {**kept, "CITEWELL_HOME": str(home)}


@pytest.fixture
def citewell(docs: Path, environment: dict[str, str]) -> Run:
    """Runs the command to its end."""

    def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [CITEWELL, *arguments],
            capture_output=True,
            encoding="utf-8",
            cwd=docs.parent,
            env={**environment, **variables},
            timeout=300,
        )

    return run


def test_a_dry_run_makes_no_store(citewell: Run, home: Path, docs: Path) -> None:
    docs.joinpath("cats.md").write_text("Cats purr.", "utf-8")

    planned = citewell("ingest", "-n", "docs", "--json")

    plan = json.loads(planned.stdout)
    jsonschema.Draft202012Validator(schema("citewell.ingest/1")).validate(plan)
    assert plan["files"] == [{"document": "cats.md", "action": "added", "reason": "new"}]
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ask"], "Give either a question in quotation marks or --input FILE with one a line."),
        (["ask", "why?", "--input", "x"], "Give either a question in quotation marks or --input"),
        (["search", "  "], "The question is blank. Give one in quotation marks."),
        (["search", "x", "--set", "chunk_char=9"], "chunk_char. Did you mean chunk_chars?"),
        (["search", "x", "--set", "k"], "--set takes NAME=VALUE, not 'k'. See: citewell config"),
        (["search", "x", "-k", "0"], "k is 0: it should be greater than or equal to 1."),
        (["search", "x", "--mode", "exact"], "'hybrid', 'dense' or 'lexical'."),
        (["search", "x", "-c", "a b"], "give at most 100 letters, digits, underscores, dots"),
        (["ask", "x", "--set", "llm_api_key=hush"], "Set CITEWELL_LLM_API_KEY, or put it into"),
        (["ingest", "gone"], "gone cannot be ingested: No such file or directory. Give a folder"),
        (["ingest", "-n", "gone"], "gone cannot be ingested: No such file or directory."),
        (["rm"], "Name documents, files or folders to remove, or give --all for all."),
        (["watch", "gone"], "gone cannot be watched: it is no folder. Give the folder it is in."),
        (["serch"], "No such command 'serch'. Did you mean 'search'?"),
        (["ask", "x", "--llm-model", "y"], "No such option: --llm-model"),
        (["search", "x", "-k", "two"], "valid integer"),
    ],
)
def test_wrong_usage_exits_with_2_and_a_hint(
    citewell: Run, arguments: Sequence[str], message: str
) -> None:
    wrong = citewell(*arguments)

    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert message in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert "hush" not in wrong.stderr


def test_a_collection_that_is_not_there_exits_with_3_and_the_command(citewell: Run) -> None:
    searched = citewell("search", "cats", "--collection", "papers")

    assert (searched.returncode, searched.stdout) == (3, "")
    assert "Make it with: citewell ingest PATH --collection papers\n" in searched.stderr


def test_a_second_writer_exits_with_4_and_names_the_first(citewell: Run, home: Path) -> None:
    home.mkdir()
    with writer_lock(home, 0):
        refused = citewell("ingest", "docs", "--set", "lock_timeout=0.2")

    assert (refused.returncode, refused.stdout) == (4, "")
    assert f"Process {os.getpid()} (" in refused.stderr


def test_a_full_disk_behind_standard_output_is_named(environment: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [CITEWELL, "config"],
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )

    assert (run.returncode, run.stderr) == (1, "citewell: [Errno 28] No space left on device\n")


@pytest.fixture
def half_done(docs: Path, home: Path, environment: dict[str, str]) -> Iterator[Interrupt]:
    """Starts an ingest, and sends it a signal while it holds the lock."""
    for number in range(40):
        docs.joinpath(f"{number:02}.txt").write_text(f"Cat number {number} purrs.")
    started: list[subprocess.Popen[str]] = []

    def interrupt(number: signal.Signals) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [CITEWELL, "ingest", docs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment,
        )
        started.append(process)
        end = time.monotonic() + 60
        while current_writer(home) is None and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(number)
        return process

    yield interrupt
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.models
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_an_ingest_and_frees_the_lock(
    half_done: Interrupt, home: Path, number: signal.Signals, status: int
) -> None:
    process = half_done(number)

    output, notices = process.communicate(timeout=300)

    assert (process.returncode, output) == (status, "")
    assert "Traceback" not in notices
    assert current_writer(home) is None
    with writer_lock(home, 0):
        assert current_writer(home) is not None


@pytest.mark.models
def test_an_ingest_that_was_stopped_completes_when_it_is_run_again(
    half_done: Interrupt, citewell: Run, home: Path
) -> None:
    _, notices = half_done(signal.SIGINT).communicate(timeout=300)

    again = citewell("ingest", "docs")

    assert notices == (
        "Stopped. The files that were finished are kept; the same command reads the rest.\n"
    )
    assert again.returncode == 0
    with open_store(home) as store:
        assert store.collection("default").documents == 40


@pytest.mark.parametrize(("number", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_counts_also_where_a_library_makes_an_error_of_it(
    environment: dict[str, str], number: str, status: int
) -> None:
    code = (
        "import signal, sys\n"
        "from citewell.app.cli import app, main\n"
        "@app.command()\n"
        "def wrap() -> None:\n"
        "    try:\n"
        f"        signal.raise_signal(signal.{number})\n"
        "    except BaseException as error:\n"
        "        raise ValueError(error) from error\n"
        "sys.argv = ['citewell', 'wrap']\n"
        "main()\n"
    )

    stopped = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)

    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (status, b"", b"")


def test_names_of_files_cannot_command_the_terminal(citewell: Run, docs: Path) -> None:
    docs.joinpath("\x1b[2J\u202eevil.txt").write_text("Cats purr.", "utf-8")
    docs.joinpath("\x1b[31mevil.xyz").write_text("Cats purr.", "utf-8")

    planned = citewell("ingest", "-n", "docs")

    assert planned.returncode == 0
    assert "\n  \\x1b[2J\\u202eevil.txt (new)\n" in planned.stdout
    assert {"\x1b", "\u202e"}.isdisjoint(planned.stdout)


@pytest.mark.parametrize(
    "command", [[], ["ingest"], ["watch"], ["rm"], ["search"], ["ask"], ["ui"], ["config"]]
)
def test_help_comes_without_loading_anything_heavy(
    environment: dict[str, str], command: Sequence[str]
) -> None:
    code = (
        "import atexit, sys\n"
        "from citewell.app.cli import main\n"
        f"atexit.register(lambda: print(sorted(set(sys.modules) & {HEAVY!r}), file=sys.stderr))\n"
        f"sys.argv = ['citewell', *{command!r}, '--help']\n"
        "main()\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        env=environment,
    )

    assert shown.returncode == 0
    assert shown.stdout.startswith(" ".join(["Usage: citewell", *command, "[OPTIONS]"]))
    assert shown.stderr == "[]\n"


def test_settings_are_printed_with_where_they_come_from(citewell: Run, tmp_path: Path) -> None:
    tmp_path.joinpath("citewell.toml").write_text('llm_api_key = "hush"\nk = 7\n')

    shown = citewell("config", "--set", "k=3", "--json", CITEWELL_MODE="dense")

    config = json.loads(shown.stdout)
    jsonschema.Draft202012Validator(schema("citewell.config/1")).validate(config)
    rows = {name: (row["value"], row["origin"]) for name, row in config["settings"].items()}
    assert rows["k"] == (3, "flag")
    assert rows["mode"] == ("dense", "CITEWELL_MODE")
    assert rows["llm_api_key"] == ("(set)", "citewell.toml")
    assert rows["port"] == (8501, "default")
    assert "hush" not in shown.stdout


def test_settings_are_printed_one_a_pair_of_lines(citewell: Run) -> None:
    shown = citewell("config", "--set", 'stop=["a", "b"]', CITEWELL_HOME="/h")

    lines = shown.stdout.split("\n")
    assert lines[lines.index("stop" + " " * 17 + '["a", "b"]  (from flag)') + 1] == (
        " " * 21 + "Texts at which the language model stops: one, or a JSON list."
    )
    assert max(map(len, lines)) < 100
