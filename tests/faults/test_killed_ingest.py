"""A process that is killed loses nothing that was stored, and the next run completes the rest."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.sqlite_store import open_store

DYING = Path(__file__).with_name("dying.py")

# The run over changed files writes five times, in some hundred statements.
CASES = [
    *(("again", "write", n) for n in range(1, 6)),
    *(("again", "statement", n) for n in range(3, 90, 9)),
    *(("first", "statement", n) for n in range(2, 72, 9)),
]


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    home: Path

    def ingest(self) -> IngestReport: ...
    def texts(self) -> dict[str, str]: ...
    def on_disk(self) -> dict[str, str]: ...
    def findings(self) -> list[object]: ...


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a place for each case, in which a run was killed."""
    root = tmp_path_factory.mktemp("killed")
    lines = [f"{'-'.join(map(str, case))} {' '.join(map(str, case))}" for case in CASES]
    done = subprocess.run(
        [sys.executable, DYING, root],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "".join(f"{line.split()[0]} -9\n" for line in lines), done.stderr
    return root


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_run_killed_anywhere_is_completed_by_the_next(
    killed: Path, place_at: Callable[[Path], Place], case: tuple[str, str, int]
) -> None:
    place = place_at(killed / "-".join(map(str, case)))
    held = held_whole(place)

    report = place.ingest()

    assert place.texts() == place.on_disk()
    assert place.findings() == []
    assert report.unchanged == len(held & place.on_disk().items())


def held_whole(place: Place) -> set[tuple[str, str]]:
    """Return the name and text of each document in the store; none is there in part."""
    with open_store(place.home) as store:
        if not store.collections():
            return set()
        unfinished = [file for file in store.files("pets").values() if not file.sha256]
        assert unfinished == []
    return set(place.texts().items())
