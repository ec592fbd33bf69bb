"""What a PDF holds beside the text of its pages: form fields, notes, attachments, page labels."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from citewell.ingest.readers.cleaning import clean_line
from citewell.ingest.readers.page_text import PageText
from citewell.ingest.readers.pdf_glyphs import shown

MOST_NOTES = 500
"""Fields and notes of a page that are read."""

MOST_ATTACHMENTS = 100

LONGEST_VALUE = 20_000
"""Bytes of a note or a value that are read."""


def with_notes(page: PageText, source: Any) -> PageText:
    """Return a page with its form fields and notes at its end, one a line.

    Every character of a line has the rectangle of its field or note as its box.
    """
    import pypdfium2.raw as raw  # type: ignore[import-untyped]

    for number in range(min(raw.FPDFPage_GetAnnotCount(source), MOST_NOTES)):
        with _annotation(source, number) as note:
            text = clean_line(_text(source, note))
            if text and text not in page.text:
                page = _with_line(page, text, _place(source, note))
    return page


@contextmanager
def _annotation(source: Any, number: int) -> Iterator[Any]:
    import pypdfium2.raw as raw

    note = raw.FPDFPage_GetAnnot(source, number)
    try:
        yield note
    finally:
        if note:
            raw.FPDFPage_CloseAnnot(note)


def _text(source: Any, note: Any) -> str:
    """Return what a note says, or the name and value of a form field; blank for other things."""
    import pypdfium2.raw as raw

    if not note:
        return ""
    kind = raw.FPDFAnnot_GetSubtype(note)
    if kind == raw.FPDF_ANNOT_WIDGET:
        return _field(source, note)
    if kind in {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP}:
        return ""
    return _string(raw.FPDFAnnot_GetStringValue, note, b"Contents")


def _field(source: Any, note: Any) -> str:
    import pypdfium2.raw as raw

    form = source.formenv
    if form is None:
        return ""
    kind = raw.FPDFAnnot_GetFormFieldType(form, note)
    name = _string(raw.FPDFAnnot_GetFormFieldAlternateName, form, note) or _string(
        raw.FPDFAnnot_GetFormFieldName, form, note
    )
    if kind in {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}:
        checked = raw.FPDFAnnot_IsChecked(form, note)
        value = _string(raw.FPDFAnnot_GetFormFieldExportValue, form, note) if checked else ""
    elif kind == raw.FPDF_FORMFIELD_PUSHBUTTON:
        value = ""
    else:
        value = _string(raw.FPDFAnnot_GetFormFieldValue, form, note)
    return f"{name}: {value}" if name and value.strip() else value


def _string(function: Any, *arguments: Any) -> str:
    """Return what a function of pdfium writes as UTF-16 into a buffer."""
    length = min(function(*arguments, None, 0), LONGEST_VALUE)
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    function(*arguments, buffer, length)
    return bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace")


def _place(source: Any, note: Any) -> list[float]:
    """Return the rectangle of an annotation on the page as shown: x0, top, x1, bottom."""
    import pypdfium2.raw as raw

    found = raw.FS_RECTF()
    if not raw.FPDFAnnot_GetRect(note, found):
        return [np.nan] * 4
    stored = np.array([[found.left, found.top, found.right, found.bottom]], dtype=np.float32)
    place: list[float] = shown(source, stored)[0].tolist()
    return place


def _with_line(page: PageText, line: str, place: list[float]) -> PageText:
    """Return a page with one more line of text, all of it at one place."""
    end = "\n" if page.text else ""
    nowhere = np.full((len(end), 4), np.nan, dtype=np.float32)
    boxes = np.tile(np.array(place, dtype=np.float32), (len(line), 1))
    return replace(
        page, text=page.text + end + line, boxes=np.concatenate([page.boxes, nowhere, boxes])
    )


def facts_of(pdf: Any) -> dict[str, str]:
    """Return the names of embedded files and the page labels that are not plain numbers.

    Both are lists with one entry a line; of the labels there is one for each page.
    """
    count = min(max(pdf.count_attachments(), 0), MOST_ATTACHMENTS)
    names = [clean_line(pdf.get_attachment(number).get_name()) for number in range(count)]
    labels = [clean_line(pdf.get_page_label(number)) for number in range(len(pdf))]
    differ = any(label not in {"", str(at)} for at, label in enumerate(labels, start=1))
    facts = {"attachments": "\n".join(names), "page_labels": "\n".join(labels) if differ else ""}
    return {name: value for name, value in facts.items() if value}
