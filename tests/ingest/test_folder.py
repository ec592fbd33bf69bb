"""A look at folders finds what can be read, and opens nothing else."""

import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.ingest.folder import Remark, Scan, scan, shown
from citewell.retrieval.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    (folder / "sub").mkdir(parents=True)
    (folder / "cats.md").write_text("# Cats\n")
    (folder / "sub" / "dogs.txt").write_text("dogs")
    return folder


def names(found: Scan) -> list[str]:
    return [file.name for file in found.files]


def test_files_are_named_by_their_path_below_the_folder(folder: Path) -> None:
    assert names(scan([folder], 1)) == ["cats.md", "sub/dogs.txt"]


def test_a_file_given_itself_is_named_by_its_own_name(folder: Path) -> None:
    assert names(scan([folder / "sub" / "dogs.txt"], 1)) == ["dogs.txt"]


def test_a_found_file_carries_path_folder_hash_and_reader(folder: Path) -> None:
    (file,) = scan([folder / "sub"], 1).files

    assert (file.path, file.folder) == (folder / "sub" / "dogs.txt", folder / "sub")
    assert file.sha256 == hashlib.sha256(b"dogs").hexdigest()
    assert file.reader.startswith("text-")


def test_a_relative_path_is_made_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    assert scan([Path("sub")], 1).files[0].path == folder / "sub" / "dogs.txt"


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere cannot be ingested: No such file"):
        scan([tmp_path / "nowhere"], 1)


def test_hidden_files_and_folders_are_left_out(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "notes.txt").write_text("x")
    (folder / ".hidden.txt").write_text("x")
    (folder / "~$open.docx").write_text("x")

    found = scan([folder], 1)

    assert names(found) == ["cats.md", "sub/dogs.txt"]
    assert (found.skipped, found.failed) == ({}, {})


def test_a_hidden_folder_given_itself_is_read(folder: Path) -> None:
    (folder / ".notes").mkdir()
    (folder / ".notes" / "a.txt").write_text("x")

    assert names(scan([folder / ".notes"], 1)) == ["a.txt"]


def test_a_format_that_is_not_read_is_skipped(folder: Path) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n")
    (folder / "backup.tar.gz").write_bytes(b"plain words, whatever the name says")
    (folder / "talk").write_bytes(b"OggS\0")
    (folder / "empty").write_bytes(b"")
    (folder / "LICENSE").write_bytes(b"\0\1\2")

    assert set(scan([folder], 1).skipped.values()) == {
        Remark("photo.png", "an image is not read: only text is"),
        Remark("backup.tar.gz", "an archive is not opened: unpack it first"),
        Remark("talk", "a recording is not read: add a transcript of it"),
        Remark("empty", "empty"),
        Remark("LICENSE", "binary data in no format that is read"),
    }


def test_text_is_found_whatever_it_is_called(folder: Path) -> None:
    (folder / "LICENSE").write_text("Permission is hereby granted.")
    (folder / "server.log.1").write_text("10:00 started\n")

    assert names(scan([folder], 1)) == ["LICENSE", "cats.md", "server.log.1", "sub/dogs.txt"]


def test_symbolic_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "loop").symlink_to(folder)

    found = scan([folder], 1)

    assert names(found) == ["cats.md", "sub/dogs.txt"]
    assert {name for name, _ in found.skipped.values()} == {"link.txt", "loop"}
    assert {reason for _, reason in found.skipped.values()} == {
        "a symbolic link, which is not followed"
    }


def test_a_link_given_itself_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)

    assert scan([tmp_path / "link"], 1).files[0].path == folder / "cats.md"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(ConfigError, match="loop cannot be ingested"):
        scan([tmp_path / "loop"], 1)


def test_pipes_and_sockets_are_never_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "s.txt"))
        found = scan([folder], 1)

    assert dict(found.skipped.values()) == {"pipe.txt": "a named pipe", "s.txt": "a socket"}


def test_a_device_given_itself_is_never_opened() -> None:
    assert list(scan([Path("/dev/zero")], 1).skipped.values()) == [Remark("zero", "a device")]


def test_a_file_over_the_size_limit_fails_with_both_sizes(folder: Path) -> None:
    with (folder / "big.txt").open("wb") as big:
        big.truncate(3 * 2**20)

    assert list(scan([folder], 2).failed.values()) == [Remark("big.txt", "3 MiB; max_file_mb is 2")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_fails_and_the_rest_is_found(folder: Path) -> None:
    (folder / "sub").chmod(0)

    found = scan([folder], 1)
    (folder / "sub").chmod(0o700)

    assert names(found) == ["cats.md"]
    assert list(found.failed.values()) == [Remark("sub", "cannot be read: Permission denied")]


def test_folders_given_twice_are_found_once(folder: Path) -> None:
    assert names(scan([folder, folder / "sub", folder], 1)) == ["cats.md", "sub/dogs.txt"]


def test_the_folder_of_the_store_is_left_out(folder: Path) -> None:
    assert names(scan([folder], 1, leave_out=folder / "sub")) == ["cats.md"]


@pytest.fixture
def deep_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a file below more folders than Python nests calls."""
    where = tmp_path
    for _ in range(1200):
        where = where / "d"
        where.mkdir()
    (where / "a.txt").write_text("x")
    yield tmp_path
    (where / "a.txt").unlink()
    while where != tmp_path:  # what clears up after pytest nests calls
        where.rmdir()
        where = where.parent


def test_a_tree_deeper_than_a_call_stack_is_walked(deep_folder: Path) -> None:
    assert names(scan([deep_folder], 1)) == ["d/" * 1200 + "a.txt"]


@pytest.fixture
def long_path(folder: Path) -> Iterator[None]:
    """Folders below ``sub`` whose path is longer than 4,096 bytes, the most that Linux takes."""
    name = "x" * 250
    parents = [os.open(folder / "sub", os.O_RDONLY)]
    for _ in range(20):
        os.mkdir(name, dir_fd=parents[-1])
        parents.append(os.open(name, os.O_RDONLY, dir_fd=parents[-1]))
    os.close(parents.pop())
    yield
    for parent in reversed(parents):
        os.rmdir(name, dir_fd=parent)
        os.close(parent)


@pytest.mark.usefixtures("long_path")
def test_a_path_longer_than_the_system_takes_fails_and_the_rest_is_found(folder: Path) -> None:
    found = scan([folder], 1)

    assert names(found) == ["cats.md", "sub/dogs.txt"]
    assert [reason for _, reason in found.failed.values()] == ["cannot be read: File name too long"]


@pytest.mark.parametrize(
    ("name", "printable"),
    [
        ("plain name.md", "plain name.md"),
        ("caf\udce9.txt", r"caf\xe9.txt"),
        ("red\x1b[31m.txt", r"red\x1b[31m.txt"),
        ("two\nlines.txt", r"two\nlines.txt"),
        ("gnp\u202eexe.txt", r"gnp\u202eexe.txt"),
        ("Re\u0301sume\u0301.md", "Résumé.md"),
        ("10.00\u202fAM 👩\u200d🔬.txt", "10.00\u202fAM 👩\u200d🔬.txt"),
    ],
)
def test_names_are_shown_as_printable_text(name: str, printable: str) -> None:
    assert shown(name) == printable


def test_a_name_that_is_not_utf8_is_found_and_shown_escaped(folder: Path) -> None:
    (folder / "caf\udce9.txt").write_text("x")

    assert names(scan([folder], 1)) == ["caf\\xe9.txt", "cats.md", "sub/dogs.txt"]
