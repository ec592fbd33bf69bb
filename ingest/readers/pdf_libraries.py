"""Get pages, outline and title out of a PDF with the libraries at hand."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from citewell.ingest.readers.ocr import recognised_text
from citewell.ingest.readers.page_edits import keep
from citewell.ingest.readers.page_progress import may_go_on
from citewell.ingest.readers.page_text import PageText
from citewell.ingest.readers.pdf_extras import facts_of, with_notes
from citewell.ingest.readers.pdf_page import read_page
from citewell.ingest.readers.properties import properties
from citewell.retrieval.errors import ReadError

MOST_ENTRIES = 5000
"""Entries of an outline that are read. Books have hundreds."""

PAGES_A_TIME = 50
"""Pages that are read in the time that another file may take."""

_STATED = {
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "CreationDate": "created",
    "ModDate": "modified",
}
"""Entries of the document information dictionary: ISO 32000-1, 14.3.3."""

NEEDS_PASSWORD = "needs a password"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class OutlineEntry:
    """A line of the outline: its level from 1, and the index of its page from 0."""

    level: int
    title: str
    page: int


@dataclass(frozen=True)
class RawPdf:
    """A PDF as a library gives it.

    Attributes:
        pages: The text of each in reading order, not yet cleaned.
        facts: For the metadata of the document.
    """

    pages: list[PageText]
    outline: list[OutlineEntry]
    title: str
    facts: dict[str, str] = field(default_factory=dict)


def load_pdf(path: Path) -> RawPdf:
    """Return what a PDF holds, by pdfium, or by pypdf if pdfium cannot open it.

    Raises:
        ReadError: If neither can, or it needs a password.
    """
    import pypdfium2 as pdfium  # type: ignore[import-untyped]
    from pypdfium2.raw import FPDF_ERR_PASSWORD  # type: ignore[import-untyped]

    try:
        return _load_with_pdfium(path)
    except pdfium.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise ReadError(NEEDS_PASSWORD) from error
        logger.info("pdfium cannot open %s (%s); trying pypdf", path, error)
    return load_with_pypdf(path)


def _load_with_pdfium(path: Path) -> RawPdf:
    import pypdfium2 as pdfium

    with pdfium.PdfDocument(path) as pdf:
        with suppress(pdfium.PdfiumError):  # a broken form is no reason to refuse the pages
            pdf.init_forms()
        pages = [_read_in_time(pdf, number) for number in range(len(pdf))]
        if not pages:
            raise pdfium.PdfiumError("it has no pages")
        facts: dict[str, str] = {}
        with suppress(pdfium.PdfiumError):  # nor is a broken list of attachments
            facts = facts_of(pdf)
        stated = properties((key, pdf.get_metadata_value(name)) for name, key in _STATED.items())
        return RawPdf(pages, list(_outline(pdf)), pdf.get_metadata_value("Title"), stated | facts)


def _read_in_time(pdf: Any, number: int) -> PageText:
    if number % PAGES_A_TIME == PAGES_A_TIME - 1 and not may_go_on():
        raise ReadError(f"takes too long: {number} of {len(pdf)} pages were read. Split it")
    return _read_page(pdf, number)


def _read_page(pdf: Any, number: int) -> PageText:
    """Return the text of a page; a damaged one counts as a page without text."""
    import pypdfium2 as pdfium

    try:
        page = pdf[number]
    except pdfium.PdfiumError:
        return _plain_page("")
    try:
        return with_notes(_text_of(page), page)
    finally:
        page.close()


def _text_of(page: Any) -> PageText:
    """Return what the text layer of a page says; if it is of no use, what can be recognised."""
    from pypdfium2.raw import FPDFPage_CountObjects

    found = read_page(page)
    if found.usable:
        return found
    recognised = recognised_text(page) if FPDFPage_CountObjects(page.raw) else None
    return recognised or keep(found, [])


def _plain_page(text: str) -> PageText:
    """Return a page of which only the text is known."""
    boxes = np.full((len(text), 4), np.nan, dtype=np.float32)
    return PageText(text, boxes, 0.0, 0.0)


def _outline(pdf: Any) -> Iterator[OutlineEntry]:
    for bookmark in islice(pdf.get_toc(), MOST_ENTRIES):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            yield OutlineEntry(bookmark.level + 1, bookmark.get_title(), page)


def load_with_pypdf(path: Path) -> RawPdf:
    """Return what pypdf can make of a PDF; it repairs some that pdfium gives up on.

    Raises:
        ReadError: If it cannot either, or the file needs a password.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        with PdfReader(path) as pdf:
            if pdf.is_encrypted and not pdf.decrypt(""):
                raise ReadError(NEEDS_PASSWORD)
            pages = [_plain_page(page.extract_text()) for page in pdf.pages]
            title = (pdf.metadata.title if pdf.metadata else None) or ""
            stated = _pypdf_properties(pdf)
            outline = list(islice(_pypdf_outline(pdf, pdf.outline, 1), MOST_ENTRIES))
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ReadError(f"damaged: neither pdfium nor pypdf can read it ({error})") from error
    if not pages:
        raise ReadError("damaged: it has no pages")
    return RawPdf(pages, outline, title, stated)


def _pypdf_properties(pdf: Any) -> dict[str, str]:
    raw = pdf.metadata or {}
    found = ((key, raw.get(f"/{name}")) for name, key in _STATED.items())
    return properties((key, value) for key, value in found if isinstance(value, str))


def _pypdf_outline(pdf: Any, entries: list[Any], level: int) -> Iterator[OutlineEntry]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _pypdf_outline(pdf, entry, level + 1)
            continue
        with suppress(Exception):  # a broken entry is left out, whatever it raises
            page = pdf.get_destination_page_number(entry)
            if page is not None:
                yield OutlineEntry(level, entry.title, page)
