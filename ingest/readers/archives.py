"""Look at a zip archive before anything in it is unpacked."""

import zipfile
from pathlib import Path, PurePosixPath

from citewell.retrieval.errors import ReadError

MOST_MEMBERS = 10_000
MOST_UNPACKED = 200 * 2**20
MOST_RATIO = 100
"""Text packs about ten to one, forms with thousands of like cells fifty to one."""
SMALL = 2**20
"""Bytes up to which a part may be packed as tightly as it likes."""

_OLE_MAGIC = b"\xd0\xcf\x11\xe0"


def check_archive(path: Path) -> None:
    """Raise ReadError unless a document's archive is sound and of a size that can be read.

    The sizes in the directory can be trusted: zipfile gives no more than they say.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        with path.open("rb") as file:
            if file.read(len(_OLE_MAGIC)) == _OLE_MAGIC:
                raise ReadError("needs a password, or is an old Word file (.doc)") from error
        raise ReadError(f"damaged: its archive cannot be opened ({error})") from error
    _check_sizes(members)
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts:
            raise ReadError(f"unsafe: its archive points outside itself ({member.filename!r})")
        if member.flag_bits & 1:
            raise ReadError("needs a password")


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise ReadError(f"unsafe: its archive has {len(members)} members, most is {MOST_MEMBERS}")
    total = sum(member.file_size for member in members)
    if total > MOST_UNPACKED:
        raise ReadError(
            f"unsafe: unpacks to {total / 2**20:.0f} MiB, most is {MOST_UNPACKED / 2**20:.0f} MiB"
        )
    for member in members:
        if member.file_size > max(SMALL, MOST_RATIO * member.compress_size):
            raise ReadError(
                f"unsafe: {member.filename!r} unpacks to more than {MOST_RATIO} times its size"
            )
