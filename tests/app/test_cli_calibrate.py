"""The command calibrate, as a user and as a program run it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.output import schema
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.values import ChunkingSettings

CITEWELL = Path(sys.executable).parent / "citewell"

Run = Callable[..., "subprocess.CompletedProcess[str]"]

SENTENCES = (
    "The glass factory of Ravenholt was founded by Clara Venn in 1871.",
    "Sea otters hold hands while they sleep so that they do not drift apart.",
    "The warranty of the Norvik dishwasher covers repairs for five years.",
    "Basalt columns form when thick lava cools slowly and cracks into hexagons.",
    "The city library of Almere lends out telescopes to members over sixteen.",
    "Employees request holidays at least three weeks ahead in the portal.",
    "The violin maker Antonio Rossi used spruce from the northern Alps.",
    "Saffron threads are harvested by hand early in the autumn mornings.",
    "The lighthouse keeper recorded 212 storms during the winter of 1903.",
    "Compost should be turned every two weeks to let air into the heap.",
    "The railway tunnel below Mount Hale is eleven kilometres long.",
    "Migrating cranes rest on the shallow lakes of the eastern plain.",
)


@pytest.fixture
def citewell(tmp_path: Path) -> Run:
    """Runs the command on the home folder of the test."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}
        return subprocess.run(
            [CITEWELL, *arguments],
            capture_output=True,
            encoding="utf-8",
            env={**kept, "CITEWELL_HOME": str(tmp_path / "home")},
            timeout=300,
        )

    return run


@pytest.fixture
def papers(tmp_path: Path, embedder: Embedder) -> Path:
    """A home folder with an empty collection that is calibrated."""
    with open_store(tmp_path / "home") as store:
        store.create_collection("papers", embedder.fingerprint, ChunkingSettings())
        store.set_calibration("papers", "{}")
    return tmp_path / "home"


def checked(output: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output)
    jsonschema.Draft202012Validator(schema("citewell.calibrate/1")).validate(found)
    return found


def test_a_reset_takes_the_calibration_away(citewell: Run, papers: Path) -> None:
    done = citewell("calibrate", "--reset", "--collection", "papers", "--json")

    assert done.returncode == 0
    assert checked(done.stdout)["kept"] is False
    with open_store(papers) as store:
        assert store.calibration("papers") is None


def test_a_reset_without_a_calibration_says_that_there_was_none(
    citewell: Run, papers: Path
) -> None:
    citewell("calibrate", "--reset", "--collection", "papers")

    done = citewell("calibrate", "--reset", "--collection", "papers")

    assert done.returncode == 0
    assert "There was no calibration of papers" in done.stderr


def test_a_reset_of_a_store_that_is_not_there_names_what_makes_one(citewell: Run) -> None:
    done = citewell("calibrate", "--reset", "--collection", "papers")

    assert done.returncode == 3
    assert "citewell ingest PATH --collection papers" in done.stderr


def test_a_reset_takes_no_questions(citewell: Run, papers: Path) -> None:
    done = citewell("calibrate", "--reset", "--questions", "q.jsonl")

    assert done.returncode == 2
    assert "leave --questions and --plot" in done.stderr


def test_a_plot_of_another_kind_is_refused_before_anything_is_asked(
    citewell: Run, papers: Path
) -> None:
    done = citewell("calibrate", "--plot", "curve.png", "--collection", "papers")

    assert done.returncode == 2
    assert "must end in .svg or .html" in done.stderr


@pytest.mark.models
def test_a_collection_is_calibrated_on_questions_made_from_it(
    citewell: Run, tmp_path: Path
) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number, sentence in enumerate(SENTENCES):
        (docs / f"{number}.txt").write_text(sentence)
    citewell("ingest", str(docs))

    done = citewell("calibrate", "--json", "--plot", str(tmp_path / "curve.svg"))

    assert done.returncode == 0, done.stderr
    found = checked(done.stdout)
    assert found["questions"]["source"] == "made"
    assert found["questions"]["answerable"] >= 10
    assert found["after"]["area"] > 0.8
    assert (tmp_path / "curve.svg").exists()
    assert "So few questions say little" in done.stderr
