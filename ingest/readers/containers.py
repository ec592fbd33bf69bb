"""Tell what office programs and mail programs keep in containers: zip archives and OLE files.

Sources: ECMA-376 part 2 (Office Open XML), OASIS OpenDocument 1.3 part 2 section 3.3 (mimetype),
EPUB 3.3 section 4.2 (OCF), [MS-CFB] (OLE compound files), [MS-OFFCRYPTO] section 2.3 (encryption).
"""

import re
import zipfile
from pathlib import Path
from typing import Literal

from citewell.ingest.readers.archives import MOST_DIRECTORY, directory_size
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

Contained = Literal["docx", "pptx", "sheet", "odt", "epub", "msg", "ole"]

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

PROPERTIES = "__properties_version1.0"
"""The stream that makes an OLE file a message of Outlook."""

LONGEST_TYPE = 200
"""Bytes of the member that says what an archive holds."""

_BY_TYPE: dict[str, Contained] = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.presentation": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "sheet",
    "application/epub+zip": "epub",
}
_BY_MEMBER: tuple[tuple[re.Pattern[str], Contained], ...] = (
    (re.compile(r"word/document\d*\.xml"), "docx"),
    (re.compile(r"ppt/presentation\d*\.xml"), "pptx"),
    (re.compile(r"xl/workbook\d*\.(?:xml|bin)"), "sheet"),
    (re.compile(r"META-INF/container\.xml"), "epub"),
)
_BY_STREAM: tuple[tuple[str, Contained, str], ...] = (
    ("encryptedpackage", "ole", "needs a password"),
    ("worddocument", "ole", "old Word format (.doc): save it as .docx"),
    ("powerpoint document", "ole", "old PowerPoint format (.ppt): save it as .pptx"),
    (PROPERTIES, "msg", ""),
    ("workbook", "sheet", ""),
    ("book", "sheet", ""),
)


def zip_format(path: Path) -> Contained | None:
    """Return the format of a zip archive's content; None when no reader reads it."""
    try:
        if directory_size(path) > MOST_DIRECTORY:
            return None
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= LONGEST_TYPE:
                declared = archive.read("mimetype").decode("latin-1").strip()
                return _BY_TYPE.get(declared.removesuffix("-template"))
    except Exception:  # zipfile raises errors of many kinds over damaged archives
        return None
    for pattern, found in _BY_MEMBER:
        if any(map(pattern.fullmatch, names)):
            return found
    return None


def ole_format(path: Path) -> Contained | None:
    """Return the format of an OLE file's content; None when no reader reads it."""
    found = _ole_content(path)
    return found[1] if found else None


def refuse_ole(path: Path, name: str) -> list[Document]:
    """Raise ReadError, whose reason says which old or encrypted format a file has."""
    found = _ole_content(path)
    raise ReadError((found and found[2]) or "damaged: its content cannot be told")


def _ole_content(path: Path) -> tuple[str, Contained, str] | None:
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(str(path)) as file:
            streams = {entry[0].lower() for entry in file.listdir()}
    except Exception:  # olefile raises errors of many kinds over damaged files
        return None
    return next((found for found in _BY_STREAM if found[0] in streams), None)
