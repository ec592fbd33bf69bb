"""Tell a file's format from its bytes, and from its name only where bytes do not tell."""

import re
import zipfile
from pathlib import Path
from typing import Literal

from citewell.ingest.readers.decoding import is_text
from citewell.ingest.readers.unread import is_unread

Format = Literal[
    "pdf",
    "docx",
    "html",
    "markdown",
    "text",
    "jsonl",
    "json",
    "notebook",
    "source",
    "rst",
    "xml",
    "mail",
    "msg",
]

HEAD_BYTES = 4096
PDF_MAGIC_WITHIN = 1024
"""The magic may stand after other bytes: Adobe's readers accept it in the first 1024."""

DOCX_BODY = "word/document.xml"

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROPERTIES = "__properties_version1.0"
"""The stream that makes an OLE file a message of Outlook."""

EXTENSIONS: dict[str, Format] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".txt": "text",
    ".text": "text",
    ".jsonl": "jsonl",
    ".pdf": "pdf",
    ".docx": "docx",
    ".eml": "mail",
    ".mht": "mail",
    ".mhtml": "mail",
    ".msg": "msg",
}

_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MAIL_HEADER = re.compile(rb"(?:>?From [^\n]*|([A-Za-z][\w-]*):[^\n]*|[ \t][^\n]*)(?:\n|\Z)")
_MAIL_NAMES = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"mime-version"}
_LEAST_MAIL_NAMES = 3

_SHOWS_OTHERS: set[Format | None] = {"markdown", "jsonl"}
"""Formats whose text may begin like HTML or hold a PDF's magic, and be about it."""

_PLAIN: set[Format | None] = {"text", "mail"}
"""Formats whose text may hold a PDF's magic further on, and be about it."""


def format_of(path: Path) -> Format | None:
    """Return the format of a regular file; None when it is not one that is read.

    Reads the first 4 KiB, and the directory of a zip or OLE file. A file that cannot be read has
    the format of its name, so that reading it says why. What has a name of no format is text if
    its bytes clearly are.
    """
    named = EXTENSIONS.get(path.suffix.lower())
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return named
    if head.startswith(b"PK\x03\x04") and _is_docx(path):
        return "docx"
    if head.startswith(OLE_MAGIC) and _is_msg(path):
        return "msg"
    if named in _SHOWS_OTHERS:
        return named
    if b"%PDF-" in head[: 5 if named in _PLAIN else PDF_MAGIC_WITHIN]:
        return "pdf"
    if _is_html(head):
        return "html"
    return named or (None if is_unread(path) else _text_format(head))


def _text_format(head: bytes) -> Format | None:
    """Return the format of a file whose name says nothing."""
    if not head or not is_text(head):
        return None
    return "mail" if _is_mail(head) else "text"


def _is_mail(head: bytes) -> bool:
    """Tell whether lines of headers stand first, enough of them those of mail."""
    names: set[bytes] = set()
    start = 0
    while line := _MAIL_HEADER.match(head, start):
        names.add((line[1] or b"").lower())
        start = line.end()
    return len(names & _MAIL_NAMES) >= _LEAST_MAIL_NAMES


def _is_msg(path: Path) -> bool:
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(path) as ole:
            return bool(ole.exists(PROPERTIES))
    except Exception:  # olefile raises errors of many kinds over damaged files
        return False


def _is_docx(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return DOCX_BODY in archive.namelist()
    except Exception:  # zipfile raises errors of many kinds over damaged archives
        return False


def _is_html(head: bytes) -> bool:
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return _HTML_START.match(head.replace(b"\0", b"")) is not None
