"""One process at a time writes, and a second one is told who does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from citewell.retrieval.errors import StoreBusy, StoreError
from citewell.retrieval.locking import Writer, current_writer, writer_lock

HOLD = """
import sys, time
from pathlib import Path
from citewell.retrieval.locking import writer_lock

sys.argv = ["/usr/bin/citewell", "ingest", "docs"]
with writer_lock(Path("HOME"), 5):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(home: Path) -> "subprocess.Popen[str]":
    """Start a process that holds the lock until its input ends; returns once it does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.replace("HOME", str(home))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_writer_is_told_who_is_writing(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        with (
            pytest.raises(
                StoreBusy,
                match=rf"Process {holder.pid} \(citewell ingest docs\) is writing to {tmp_path}",
            ),
            writer_lock(tmp_path, 0.2),
        ):
            pass
        holder.communicate("")


def test_a_second_writer_gets_the_lock_when_the_first_ends_in_time(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        assert holder.stdin is not None
        holder.stdin.close()

        with writer_lock(tmp_path, 30):
            writer = current_writer(tmp_path)

    assert writer is not None
    assert writer.pid == os.getpid()


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        holder.kill()
        holder.wait()

        with writer_lock(tmp_path, 0):
            writer = current_writer(tmp_path)

    assert writer is not None
    assert writer.pid == os.getpid()


def test_what_a_killed_writer_left_behind_is_not_a_writer(tmp_path: Path) -> None:
    with hold(tmp_path) as holder:
        assert current_writer(tmp_path) == Writer(holder.pid, "citewell ingest docs")
        holder.kill()
        holder.wait()

    assert (tmp_path / "writer.json").exists()
    assert current_writer(tmp_path) is None


def test_after_the_block_nobody_is_writing(tmp_path: Path) -> None:
    with writer_lock(tmp_path, 0):
        pass

    assert current_writer(tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == ["writer.lock"]


def test_an_error_in_the_block_frees_the_lock(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError, match="division"), writer_lock(tmp_path, 0):
        _ = 1 / 0

    with writer_lock(tmp_path, 0):
        assert current_writer(tmp_path) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"pid": "x", "command": ""}', '{"pid": 1}'])
def test_a_garbled_note_of_the_writer_is_no_writer(tmp_path: Path, text: str) -> None:
    (tmp_path / "writer.json").write_text(text)

    assert current_writer(tmp_path) is None


def test_a_writer_of_another_user_counts_as_writing(tmp_path: Path) -> None:
    (tmp_path / "writer.json").write_text(json.dumps({"pid": 1, "command": "init"}))

    assert current_writer(tmp_path) == Writer(1, "init")


def test_a_home_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(StoreError, match=r"file cannot be locked for writing"),
        writer_lock(tmp_path / "file", 0),
    ):
        pass
