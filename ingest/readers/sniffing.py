"""Tell a file's format from its bytes, and from its name only where bytes do not tell."""

import re
import zipfile
from pathlib import Path
from typing import Literal

Format = Literal["pdf", "docx", "html", "markdown", "text", "jsonl"]

HEAD_BYTES = 4096
PDF_MAGIC_WITHIN = 1024
"""The magic may stand after other bytes: Adobe's readers accept it in the first 1024."""

DOCX_BODY = "word/document.xml"

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
}

_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SHOWS_OTHERS: set[Format | None] = {"markdown", "jsonl"}
"""Formats whose text may begin like HTML or hold a PDF's magic, and be about it."""


def format_of(path: Path) -> Format | None:
    """Return the format of a regular file; None when it is not one that is read.

    Reads the first 4 KiB, and the directory of a zip. A file that cannot be read has the format
    of its name, so that reading it says why.
    """
    named = EXTENSIONS.get(path.suffix.lower())
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return named
    if head.startswith(b"PK\x03\x04") and _is_docx(path):
        return "docx"
    if named in _SHOWS_OTHERS:
        return named
    if b"%PDF-" in head[: 5 if named == "text" else PDF_MAGIC_WITHIN]:
        return "pdf"
    if _is_html(head):
        return "html"
    return named


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
