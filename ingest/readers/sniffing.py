"""Tell a file's format from its bytes, and from its name only where bytes do not tell."""

import re
from pathlib import Path
from typing import Literal

from citewell.ingest.readers.containers import OLE_MAGIC, ZIP_MAGIC, ole_format, zip_format
from citewell.ingest.readers.decoding import is_text
from citewell.ingest.readers.source_languages import LANGUAGES
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
    "pptx",
    "sheet",
    "odt",
    "rtf",
    "epub",
    "csv",
    "ole",
]

HEAD_BYTES = 4096
PDF_MAGIC_WITHIN = 1024
"""The magic may stand after other bytes: Adobe's readers accept it in the first 1024."""

RTF_MAGIC = b"{\\rtf"

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
    ".json": "json",
    ".geojson": "json",
    ".webmanifest": "json",
    ".ndjson": "jsonl",
    ".ipynb": "notebook",
    **dict.fromkeys((".rst", ".rest"), "rst"),
    **dict.fromkeys((".xml", ".rss", ".atom", ".dita", ".opml", ".dbk", ".docbook", ".tei"), "xml"),
    **dict.fromkeys(LANGUAGES, "source"),
    **dict.fromkeys((".docm", ".dotx", ".dotm"), "docx"),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"), "pptx"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".ods"), "sheet"),
    **dict.fromkeys((".odt", ".ott", ".odp", ".otp"), "odt"),
    ".rtf": "rtf",
    ".epub": "epub",
    **dict.fromkeys((".csv", ".tsv", ".tab"), "csv"),
    **dict.fromkeys((".doc", ".dot", ".ppt", ".pps"), "ole"),
}

_HTML_START = re.compile(
    rb"(?>\s|<\?xml[^>]*>|<!--.*?-->)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
"""Never goes back to take two comments for one, which would double the time with each of them."""

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MAIL_HEADER = re.compile(rb"(?:>?From [^\n]*|([A-Za-z][\w-]*):[^\n]*|[ \t][^\n]*)(?:\n|\Z)")
_MAIL_NAMES = {b"from", b"to", b"date", b"subject", b"received", b"message-id", b"mime-version"}
_LEAST_MAIL_NAMES = 3

_SHOWS_OTHERS: set[Format | None] = {"markdown", "jsonl", "source", "json", "notebook", "rst"}
"""Formats whose text may begin like HTML or hold a PDF's magic, and be about it."""

_PLAIN: set[Format | None] = {"text", "mail", "xml"}
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
    if found := _contained(path, head):
        return found
    if named == "source" and head and not is_text(head):
        return None  # as the .ts of a recording
    if named in _SHOWS_OTHERS:
        return named
    if b"%PDF-" in head[: 5 if named in _PLAIN else PDF_MAGIC_WITHIN]:
        return "pdf"
    if _is_html(head):
        return "html"
    if named == "sheet" and _is_table(head):
        return "csv"
    return named or (None if is_unread(path) else _text_format(head))


def _text_format(head: bytes) -> Format | None:
    """Return the format of a file whose name says nothing."""
    if not head or not is_text(head):
        return None
    if head.lstrip().startswith(b"<?xml"):
        return "xml"
    return "mail" if _is_mail(head) else "text"


def _is_mail(head: bytes) -> bool:
    """Tell whether lines of headers stand first, enough of them those of mail."""
    names: set[bytes] = set()
    start = 0
    while line := _MAIL_HEADER.match(head, start):
        names.add((line[1] or b"").lower())
        start = line.end()
    return len(names & _MAIL_NAMES) >= _LEAST_MAIL_NAMES


def _contained(path: Path, head: bytes) -> Format | None:
    """Return the format of what a container holds, or a word processor wrote; None of others."""
    if head.startswith(ZIP_MAGIC):
        return zip_format(path)
    if head.startswith(OLE_MAGIC):
        return ole_format(path)
    return "rtf" if head.startswith(RTF_MAGIC) else None


def _is_table(head: bytes) -> bool:
    """Tell whether what is named like a workbook is a table of plain text, as programs export."""
    return is_text(head) and not head.lstrip().startswith(b"<")


def _is_html(head: bytes) -> bool:
    for bom in _BOMS:
        head = head.removeprefix(bom)
    return _HTML_START.match(head.replace(b"\0", b"")) is not None
