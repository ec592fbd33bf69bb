"""Names of uploaded files, made safe to have below a folder of this machine."""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from citewell.ingest.folder import HIDDEN, shown

MOST_NAME_BYTES = 180
"""Of a part of a name; file systems take 255, and a temporary name takes some beside."""

MOST_PARTS = 20
"""Folders in folders, with the file."""

_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
"""What names on one system or another cannot hold, beside what cannot be shown."""

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
"""Names of devices on Windows, with any ending.
Source: learn.microsoft.com, Naming Files, Paths, and Namespaces."""


class RefusedName(ValueError):
    """A name under which nothing is saved; the message is the reason, for the user."""


def safe_name(name: str) -> PurePosixPath:
    """Return the path below a folder that an uploaded file is saved under.

    Parts that some system cannot hold are altered, always in the same way: the same name comes
    to the same path. Either kind of slash ends a folder.

    Raises:
        RefusedName: If the name leads out of the folder, is hidden, blank or too deep.
    """
    given = unicodedata.normalize("NFC", name).replace("\\", "/")
    if given.startswith("/") or re.match(r"[A-Za-z]:", given):
        raise RefusedName("its name is that of a place on a disk, not of a file to add")
    parts = [part for part in given.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise RefusedName("its name leads out of the folder that it came in")
    if not parts or not "".join(parts).strip():
        raise RefusedName("it has no name")
    if any(part.startswith(HIDDEN) for part in parts):
        raise RefusedName("hidden files are not read")
    if len(parts) > MOST_PARTS:
        raise RefusedName(f"it lies in more than {MOST_PARTS - 1} folders")
    return PurePosixPath(*map(safe_part, parts))


def safe_part(part: str) -> str:
    """Return one part of a path as all systems can hold it."""
    encoded = part.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    safe = _FORBIDDEN.sub("_", shown(encoded)).strip().rstrip(". ") or "_"
    if _RESERVED.match(safe):
        safe = f"_{safe}"
    return safe if len(safe.encode()) <= MOST_NAME_BYTES else _shortened(safe)


def _shortened(part: str) -> str:
    """Cut a name, keeping its ending; a digest tells it from others that begin alike."""
    digest = hashlib.sha256(part.encode()).hexdigest()[:8]
    ending = PurePosixPath(part).suffix
    ending = ending if len(ending.encode()) <= MOST_NAME_BYTES // 4 else ""
    room = MOST_NAME_BYTES - len(f"-{digest}{ending}".encode())
    stem = part[: len(part) - len(ending)].encode()[:room].decode("utf-8", "ignore")
    return f"{stem}-{digest}{ending}"
