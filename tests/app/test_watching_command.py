"""The watch command as a user runs it: it follows a folder, and a signal ends it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from citewell.app.watching import Watcher
from citewell.ingest.folder import Remark
from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.errors import StoreBusy
from citewell.retrieval.locking import current_writer
from citewell.retrieval.sqlite_store import open_store

Capture = pytest.CaptureFixture[str]
Start = Callable[[], "subprocess.Popen[str]"]

CITEWELL = Path(sys.executable).parent / "citewell"


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Start]:
    """Starts ``citewell watch docs`` with one document in the folder."""
    docs = tmp_path / "docs"
    docs.mkdir()
    docs.joinpath("cats.md").write_text("Cats purr.")
    kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [CITEWELL, "watch", docs],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**kept, "CITEWELL_HOME": str(tmp_path / "home")},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.models
def test_it_follows_a_folder_until_ctrl_c_ends_it(watching: Start, tmp_path: Path) -> None:
    process = watching()
    assert process.stdout is not None
    assert " added 1 (1 chunk in " in process.stdout.readline()

    tmp_path.joinpath("docs", "dogs.md").write_text("Dogs bark.")
    assert " added 1 (1 chunk in " in process.stdout.readline()

    process.send_signal(signal.SIGINT)
    rest, notices = process.communicate(timeout=60)

    assert (process.returncode, rest) == (130, "")
    assert notices == "Watching for changes. Collection default; Ctrl-C ends it.\n"
    assert current_writer(tmp_path / "home") is None
    with open_store(tmp_path / "home") as store:
        assert [each.name for each in store.documents("default")] == ["cats.md", "dogs.md"]


def report(added: int = 0, renamed: int = 0, failed: tuple[Remark, ...] = ()) -> IngestReport:
    return IngestReport(added, 0, 5, 0, (), failed, added, 0.25, renamed=renamed)


def test_a_run_that_changed_nothing_is_not_told(capsys: Capture) -> None:
    Watcher("pets", as_json=False)(report())

    assert tuple(capsys.readouterr()) == ("", "")


def test_what_a_run_changed_is_told_in_a_line(capsys: Capture) -> None:
    Watcher("pets", as_json=False)(report(added=2, renamed=1))

    clock, _, rest = capsys.readouterr().out.partition(" ")
    assert clock.count(":") == 2
    assert rest == "added 2, renamed 1 (2 chunks in 0.2 s)\n"


def test_a_file_that_fails_is_told_once(capsys: Capture) -> None:
    told = Watcher("pets", as_json=False)
    bad = Remark("bad\x1b.pdf", "damaged")

    told(report(failed=(bad,)))
    told(report(failed=(bad,)))

    output, notices = capsys.readouterr()
    assert output.endswith(" failed 1 (0 chunks in 0.2 s)\n")
    assert output.count("\n") == 1
    assert notices == "  failed: bad.pdf: damaged\n"


def test_a_file_that_fails_again_after_it_was_mended_is_told_again(capsys: Capture) -> None:
    told = Watcher("pets", as_json=False)
    bad = Remark("bad.pdf", "damaged")

    for failed in ((bad,), (), (bad,)):
        told(report(failed=failed))

    assert capsys.readouterr().err == "  failed: bad.pdf: damaged\n" * 2


def test_an_error_of_a_run_is_told(capsys: Capture) -> None:
    Watcher("pets", as_json=False)(StoreBusy("Process 7 is writing."))

    assert tuple(capsys.readouterr()) == ("", "citewell: Process 7 is writing.\n")


def test_a_run_is_told_as_the_json_of_an_ingest(capsys: Capture) -> None:
    Watcher("pets", as_json=True)(report(added=1))

    output = capsys.readouterr().out
    assert output.startswith('{"schema": "citewell.ingest/1", "collection": "pets", "dry_run"')
