"""Uploaded files, kept below the home folder: one folder a collection, which is then ingested.

A file that is uploaded again takes the place of the one of its name, so its documents change
and do not double. An archive becomes a folder of its name, which a newer one replaces as a whole.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import BinaryIO, Protocol

from citewell.app.page.unpacking import is_archive, unpack
from citewell.app.page.upload_names import RefusedName, safe_name, safe_part
from citewell.ingest.folder import sha256_of
from citewell.retrieval.errors import ReadError, StoreError

FOLDER_NAME = "uploads"
_BLOCK = 2**20
_saving = Lock()


class Upload(Protocol):
    """A file as the browser sent it; its name may be a path below the folder it came in."""

    @property
    def name(self) -> str: ...
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not saved, and why, in words that follow its name."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of some uploads.

    Attributes:
        files: Where each file or unpacked archive is now.
        refused: What was not saved.
    """

    files: tuple[Path, ...]
    refused: tuple[Refused, ...]


def uploads_folder(home: Path, collection: str) -> Path:
    """Return the folder of what is uploaded to a collection; it need not be there."""
    return (home / FOLDER_NAME / safe_part(collection)).resolve()


def save_uploads(home: Path, collection: str, uploads: Iterable[Upload], max_mb: int) -> Saved:
    """Save uploads below the home folder, each as a whole or not at all.

    Two of one name that come together are both kept, the second with a number.

    Args:
        max_mb: Largest file in MiB.

    Raises:
        StoreError: If the folder cannot be written to.
    """
    folder = uploads_folder(home, collection)
    saved: dict[Path, None] = {}
    refused = []
    with _saving, _disk_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for upload in uploads:
            try:
                saved[_save(folder, upload, max_mb * 2**20, saved)] = None
            except (RefusedName, ReadError) as error:
                refused.append(Refused(upload.name, str(error)))
    return Saved(tuple(saved), tuple(refused))


def count_uploads(home: Path, collection: str) -> int:
    """Return how many files are kept of what was uploaded to a collection."""
    folder = uploads_folder(home, collection)
    return sum(path.is_file() for path in folder.rglob("*"))


def drop_uploads(home: Path, collection: str) -> None:
    """Delete all that was uploaded to a collection from the disk."""
    folder = uploads_folder(home, collection)
    with _disk_errors(folder):
        if folder.exists():
            shutil.rmtree(folder)


def drop_upload(home: Path, collection: str, path: Path) -> bool:
    """Delete an uploaded file from the disk, with folders that it leaves empty.

    Returns whether it was one; any other file stays.
    """
    folder = uploads_folder(home, collection)
    if not is_upload(home, collection, path):
        return False
    with _disk_errors(folder):
        path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder:
            break
        with suppress(OSError):
            parent.rmdir()
    return True


def is_upload(home: Path, collection: str, path: Path) -> bool:
    """Tell whether a file is one that was uploaded to a collection."""
    return path.resolve().is_relative_to(uploads_folder(home, collection))


def _save(folder: Path, upload: Upload, most: int, saved: Iterable[Path]) -> Path:
    name = safe_name(upload.name)
    part = _written(folder, upload, most)
    try:
        place = _free_place(folder, name, part, frozenset(saved))
        archive = is_archive(name.name, part)
        _make_way(place, folder, archive=archive)
        if archive:
            return _unpacked(part, place, folder)
        part.replace(place)
        return place
    finally:
        part.unlink(missing_ok=True)


def _written(folder: Path, upload: Upload, most: int) -> Path:
    """Write an upload into a hidden file, which no ingest sees."""
    number, name = tempfile.mkstemp(prefix=".upload-", dir=folder)
    with os.fdopen(number, "wb") as file:
        try:
            size = _copy(upload, file, most)
            if not size:
                raise RefusedName("it is empty")
        except BaseException:
            Path(name).unlink()
            raise
    return Path(name)


def _copy(upload: Upload, file: BinaryIO, most: int) -> int:
    size = 0
    while block := upload.read(_BLOCK):
        size += len(block)
        if size > most:
            raise RefusedName(
                f"it is larger than {most // 2**20:,} MiB (the setting max_upload_mb)"
            )
        file.write(block)
    return size


def _free_place(folder: Path, name: PurePosixPath, part: Path, saved: frozenset[Path]) -> Path:
    """Return where a file goes: to its name, unless another that came with it is there."""
    place = folder / name
    number = 2
    while place in saved and not (place.is_file() and sha256_of(place) == sha256_of(part)):
        place = folder / name.with_name(f"{name.stem} ({number}){name.suffix}")
        number += 1
    return place


def _make_way(place: Path, folder: Path, *, archive: bool) -> None:
    """Make the folders above a place. Raises RefusedName where another kind of thing is there."""
    if place.is_dir() and not archive:
        raise RefusedName("a folder of its name was uploaded before; give the file another name")
    for above in place.relative_to(folder).parents:
        if (folder / above).is_file():
            raise RefusedName(
                f"a file {str(above)!r} was uploaded before, where its folder belongs"
            )
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _unpacked(part: Path, place: Path, folder: Path) -> Path:
    """Unpack an archive beside its place, then let it take that in one step."""
    fresh = Path(tempfile.mkdtemp(prefix=".unpacked-", dir=folder))
    try:
        unpack(part, fresh)
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        return fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written to ({error.strerror or error}). "
            "Free some space there, or give yourself write permission, and try again."
        ) from error
