"""What is there: the files below folders, without opening what is no regular file."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from citewell.ingest.readers import reader_for, why_unread
from citewell.retrieval.errors import ConfigError

HIDDEN = (".", "~$")
"""How the names of hidden files begin, and of those that Office makes beside an open file."""

_SHOWN_FORMATS = "\u200c\u200d"
"""Joiners, which are part of words in some scripts and of some emoji."""

_KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link, which is not followed",
}


class Remark(NamedTuple):
    """Why a file was not taken in."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A regular file that a reader can read.

    Attributes:
        path: Absolute path, without symbolic links.
        name: Path below the given folder with forward slashes; its own name if it was given.
        folder: The given folder, or the one it is in if it was given itself.
        sha256: Of its bytes, in hex.
        reader: Id of its reader.
        size: In bytes.
    """

    path: Path
    name: str
    folder: Path
    sha256: str
    reader: str
    size: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What a look at some folders and files found. Each path is in one part only.

    Attributes:
        roots: The folders and files given, as absolute paths.
        files: In the order of the roots, below each sorted by path.
        skipped: What is not meant to be read.
        failed: What should be read and cannot be; may hold folders.
    """

    roots: tuple[Path, ...]
    files: tuple[FoundFile, ...] = ()
    skipped: Mapping[Path, Remark] = field(default_factory=dict)
    failed: Mapping[Path, Remark] = field(default_factory=dict)


def scan(
    paths: Sequence[Path],
    max_file_mb: int,
    leave_out: Path | None = None,
    on_file: Callable[[], None] = lambda: None,
) -> Scan:
    """Find the files that can be read, with the SHA-256 of each.

    Files and folders whose names begin with a dot are left out unless they are given themselves.

    Args:
        paths: Folders and files. Symbolic links are followed here, and nowhere below.
        max_file_mb: Largest file in MiB that is read.
        leave_out: A folder to pass over wherever it is, such as the store's own.
        on_file: Called after each file that was looked at.

    Raises:
        ConfigError: If one of ``paths`` does not exist.
    """
    roots = tuple(root_of(path) for path in paths)
    look = _Look(max_file_mb, leave_out.resolve() if leave_out else None, on_file)
    for root in roots:
        look.below(root)
    return Scan(roots, tuple(look.files), look.skipped, look.failed)


def shown(name: str) -> str:
    """Return a file's name as printable text: NFC, what cannot be shown as ``\\x1b`` and such."""
    return "".join(map(_shown_character, unicodedata.normalize("NFC", name)))


def _shown_character(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of the name that is not UTF-8 (PEP 383)
        return f"\\x{ord(character) - 0xDC00:02x}"
    space = unicodedata.category(character) == "Zs"
    if character.isprintable() or space or character in _SHOWN_FORMATS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def root_of(path: Path) -> Path:
    """Return a path that the user named as an absolute one, without symbolic links.

    Raises:
        ConfigError: If it does not exist.
    """
    try:
        return path.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{shown(str(path))} cannot be ingested: {reason}. Give a folder or a file. "
            "To drop what was read from it before: citewell rm PATH"
        ) from error


class _Look:
    """One look at the disk, and what it has found so far."""

    def __init__(
        self, max_file_mb: int, leave_out: Path | None, on_file: Callable[[], None]
    ) -> None:
        self._max_file_mb = max_file_mb
        self._on_file = on_file
        self._seen = {leave_out}
        self.files: list[FoundFile] = []
        self.skipped: dict[Path, Remark] = {}
        self.failed: dict[Path, Remark] = {}

    def below(self, root: Path) -> None:
        """Look at a given folder and all below it, or at a given file."""
        folder = root if root.is_dir() else root.parent
        waiting = [root]  # a list and not recursion: trees can be deeper than calls
        while waiting:
            path = waiting.pop()
            if path in self._seen:
                continue
            self._seen.add(path)
            name = shown(path.name if path == folder else path.relative_to(folder).as_posix())
            try:
                status = path.lstat()
                if stat.S_ISDIR(status.st_mode):
                    entries = [at for at in path.iterdir() if not at.name.startswith(HIDDEN)]
                    waiting += sorted(entries, reverse=True)
                else:
                    self._at_file(path, name, folder, status)
                    self._on_file()
            except OSError as error:
                reason = f"cannot be read: {error.strerror or type(error).__name__}"
                self.failed[path] = Remark(name, reason)

    def _at_file(self, path: Path, name: str, folder: Path, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            kind = _KINDS.get(stat.S_IFMT(status.st_mode), "no regular file")
            self.skipped[path] = Remark(name, kind)
        elif (reader := reader_for(path)) is None:
            self.skipped[path] = Remark(name, why_unread(path))
        elif status.st_size > self._max_file_mb * 2**20:
            reason = f"{status.st_size / 2**20:,.0f} MiB; max_file_mb is {self._max_file_mb}"
            self.failed[path] = Remark(name, reason)
        else:
            size = status.st_size
            self.files.append(FoundFile(path, name, folder, sha256_of(path), reader.id, size))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
