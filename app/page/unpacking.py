"""Unpack an uploaded archive: regular files only, never outside its folder, within limits."""

import gzip
import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from citewell.app.page.upload_names import RefusedName, safe_name
from citewell.ingest.readers.archives import MOST_MEMBERS, MOST_UNPACKED, check_archive
from citewell.retrieval.errors import ReadError

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")

_DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    gzip.BadGzipFile,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
)


def is_archive(name: str, path: Path) -> bool:
    """Tell whether a file is one to unpack, by its name and its content.

    Documents that are archives inside, such as those of Word, are not.
    """
    lower = name.lower()
    if lower.endswith(".zip"):
        return zipfile.is_zipfile(path)
    return lower.endswith(_TARS) and tarfile.is_tarfile(path)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the files of an archive into an empty folder. Links and hidden files are left out.

    Raises:
        ReadError: If it is damaged, needs a password, unpacks to too much, points outside itself,
            or holds no file.
    """
    count = 0
    members = _zip_members if zipfile.is_zipfile(archive) else _tar_members
    try:
        for name, file in members(archive):
            count += _write(folder, name, file)
    except _DAMAGED as error:
        raise ReadError(f"damaged: its archive cannot be unpacked ({error})") from error
    if not count:
        raise ReadError("its archive holds no file that could be read")


def _write(folder: Path, name: str, file: IO[bytes]) -> bool:
    """Write a member below the folder. Returns whether it was meant to be read."""
    try:
        place = folder / safe_name(name)
    except RefusedName as error:
        if "hidden" in str(error):
            return False
        raise ReadError(f"unsafe: {name!r} in its archive is refused, for {error}") from error
    above = place.relative_to(folder).parents
    if place.exists() or any((folder / part).is_file() for part in above):
        raise ReadError(f"damaged: {name!r} stands in its archive twice")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    return True


def _zip_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            mode = member.external_attr >> 16
            if member.is_dir() or (mode & 0o170000) not in (0, 0o100000):
                continue
            with archive.open(member) as file:
                yield member.filename, file


def _tar_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    total = 0
    with tarfile.open(path) as archive:
        for number, member in enumerate(archive, start=1):
            total += member.size
            if number > MOST_MEMBERS or total > MOST_UNPACKED:
                raise ReadError(
                    f"unsafe: its archive unpacks to more than {MOST_MEMBERS:,} files or "
                    f"{MOST_UNPACKED // 2**20} MiB"
                )
            file = archive.extractfile(member) if member.isreg() else None
            if file is not None:
                with file:
                    yield member.name, file
