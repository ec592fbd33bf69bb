"""The commands that examine and mend a home folder, as a user and as a program run them."""

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
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

CITEWELL = Path(sys.executable).parent / "citewell"
TEXT = "The cat purrs."
TEXT_SHA256 = "50c9dd284ac67862ff7d895fc04987eb7cc6bc18992beaa924198ae097dd9ffd"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


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
def home(tmp_path: Path, embedder: Embedder) -> Path:
    """The home folder of a store of one document."""
    (tmp_path / "cat.txt").write_text(TEXT)
    file = SourceFile(tmp_path / "cat.txt", TEXT_SHA256, "text-1")
    document = Document("cat.txt", "Cat", TEXT)
    chunks = [Chunk("cat.txt", 0, len(TEXT), TEXT)]
    with open_store(tmp_path / "home") as store:
        store.create_collection("pets", embedder.fingerprint, ChunkingSettings())
        embedded = EmbeddedDocument(document, chunks, embedder.embed_passages([TEXT]))
        store.replace_file("pets", file, [embedded])
    return tmp_path / "home"


def checked(output: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output)
    jsonschema.validate(found, schema(name))
    return found


def test_a_sound_home_is_examined_and_nothing_is_to_do(home: Path, citewell: Run) -> None:
    done = citewell("doctor")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Collection pets: 1 documents, 1 chunks\nNothing is damaged.\n"


def test_a_damaged_home_exits_with_1_and_the_command(home: Path, citewell: Run) -> None:
    (home / "citewell.db").write_bytes(b"This is no database. " * 500)

    done = citewell("doctor")

    assert done.returncode == 1
    assert done.stdout.startswith("Damaged: 1\n")
    assert done.stderr == "Now run: citewell rebuild\n"


def test_a_file_that_has_changed_is_named_with_the_command(
    home: Path, citewell: Run, tmp_path: Path
) -> None:
    (tmp_path / "cat.txt").write_text("The cat hisses.")

    done = citewell("doctor")

    assert done.returncode == 0
    assert "cat.txt' has changed." in done.stdout
    assert done.stderr == "Now run: citewell ingest PATH\n"


def test_findings_are_printed_as_json(home: Path, citewell: Run, tmp_path: Path) -> None:
    (tmp_path / "cat.txt").unlink()

    found = checked(citewell("doctor", "--json").stdout, "citewell.doctor/1")

    assert found == {
        "schema": "citewell.doctor/1",
        "sound": True,
        "collections": [{"name": "pets", "documents": 1, "chunks": 1}],
        "damage": [],
        "behind": [
            {
                "collection": "pets",
                "text": f"'{tmp_path / 'cat.txt'}' is gone.",
                "command": "citewell ingest PATH",
            }
        ],
    }


def test_a_rebuild_says_what_it_made(home: Path, citewell: Run) -> None:
    done = citewell("rebuild")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Word indexes made anew: pets\nVector indexes made anew: none needed\n"


def test_a_rebuild_sets_a_damaged_database_aside_and_says_where(home: Path, citewell: Run) -> None:
    (home / "citewell.db").write_bytes(b"This is no database. " * 500)

    found = checked(citewell("rebuild", "--json").stdout, "citewell.rebuild/1")

    assert found == {
        "schema": "citewell.rebuild/1",
        "collections": [],
        "indexed": [],
        "set_aside": str(home / "citewell.db.damaged-1"),
        "saved": 0,
        "lost": 0,
    }
    assert (home / "citewell.db.damaged-1").exists()


def test_a_rebuild_beside_a_writer_exits_with_4_and_names_it(home: Path, citewell: Run) -> None:
    with writer_lock(home, 0):
        done = citewell("rebuild", "--set", "lock_timeout=0")

    assert done.returncode == 4
    assert f"Process {os.getpid()} " in done.stderr


@pytest.mark.parametrize("command", ["doctor", "rebuild"])
def test_a_home_without_a_store_exits_with_3(citewell: Run, command: str) -> None:
    done = citewell(command)

    assert done.returncode == 3
    assert "There is no store in" in done.stderr
