"""Look at a zip archive before anything in it is unpacked."""

import struct
import zipfile
from pathlib import Path, PurePosixPath

from citewell.retrieval.errors import ReadError

MOST_MEMBERS = 10_000
MOST_UNPACKED = 200 * 2**20
MOST_RATIO = 100
"""Text packs about ten to one, forms with thousands of like cells fifty to one."""
SMALL = 2**20
"""Bytes up to which a part may be packed as tightly as it likes."""

MOST_DIRECTORY = 16 * 2**20
"""Bytes of an archive's directory that are looked at: of 10,000 members with the longest names."""

_END_MAGIC = b"PK\x05\x06"
_END_WITHIN = 22 + 20 + 65_535
_LOCATOR_MAGIC = b"PK\x06\x07"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"


def check_archive(path: Path) -> None:
    """Raise ReadError unless a document's archive is sound and of a size that can be read.

    The sizes in the directory can be trusted: zipfile gives no more than they say.
    """
    if (size := directory_size(path)) > MOST_DIRECTORY:
        raise ReadError(f"unsafe: its archive's list of members has {size / 2**20:.0f} MiB")
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


def directory_size(path: Path) -> int:
    """Return the bytes of an archive's directory as the archive states them; 0 if it does not.

    Python opens an archive by making an object of each member, a kB for 46 bytes.
    Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_WITHIN))
        tail = file.read()
        end = tail.rfind(_END_MAGIC)
        if end < 0 or len(tail) < end + 16:
            return 0
        (size,) = struct.unpack_from("<L", tail, end + 12)
        locator = tail[max(0, end - 20) : end]
        if not locator.startswith(_LOCATOR_MAGIC):
            return int(size)
        file.seek(min(*struct.unpack_from("<8xQ", locator), path.stat().st_size))
        record = file.read(48)
        return int(struct.unpack_from("<40xQ", record)[0]) if len(record) == 48 else 0
