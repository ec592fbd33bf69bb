"""Measure the sheets of a workbook before it is opened.

A sheet is held as a grid from its first to its last cell, so two cells in opposite corners of an
``.xlsx``, or one that an ``.ods`` repeats, would ask for more memory than any machine has.
"""

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from citewell.ingest.readers.xml_parts import refuse_encrypted, walk_part
from citewell.retrieval.errors import ReadError

MOST_GRID = 32_000_000
"""Cells, with those that are blank, at 32 bytes each: a full-length sheet of 30 columns."""

_BLOCK_BYTES = 2**20
_LONGEST_REFERENCE = 20
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{0,3})(\d{1,7})["']""")

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def check_sheets(path: Path) -> None:
    """Raise ReadError if a sheet spans too many cells, is damaged or needs a password."""
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    with zipfile.ZipFile(path) as archive:
        refuse_encrypted(archive)
        for name in archive.namelist():
            try:
                if _SHEET.fullmatch(name):
                    with archive.open(name) as part:
                        _check(*_extent(part))
                elif name == "content.xml":
                    with archive.open(name) as part:
                        _check_opendocument(part)
            except (LxmlError, zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise ReadError(f"damaged: its part {name} cannot be read ({error})") from error


def _check(rows: int, columns: int) -> None:
    if rows * columns > MOST_GRID:
        raise ReadError(
            f"unsafe: a sheet spans {rows:,} rows and {columns:,} columns, most is {MOST_GRID:,} "
            "cells. Delete the cells that stand far from the others"
        )


def _extent(part: IO[bytes]) -> tuple[int, int]:
    """Return the last row and column that a worksheet names."""
    last_row = 0
    names: set[bytes] = set()
    rest = b""
    while block := part.read(_BLOCK_BYTES):
        found = _REFERENCE.findall(rest + block)
        names.update(name for name, _ in found)
        last_row = max(last_row, max((int(row) for _, row in found), default=0))
        rest = block[-_LONGEST_REFERENCE:]
    return last_row, max(map(_column_number, names), default=0)


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - ord("A") + 1
    return number


def _check_opendocument(part: IO[bytes]) -> None:
    """Check each table: rows and cells count as often as they are repeated, but for blank ends."""
    rows = last_row = last_column = 0
    for _, element in walk_part(part, f"{_TABLE}table-row", f"{_TABLE}table"):
        if element.tag == f"{_TABLE}table":
            rows = last_row = last_column = 0
            continue
        rows += _repeats(element, "rows")
        if width := _width(element):
            last_row, last_column = rows, max(last_column, width)
            _check(last_row, last_column)
        element.clear()


def _width(row: Any) -> int:
    """Return the column of the last cell of a row that is not blank; 0 if all are."""
    columns = width = 0
    for cell in row:
        columns += _repeats(cell, "columns")
        if cell.get(_VALUE_TYPE) is not None or len(cell):
            width = columns
    return width


def _repeats(element: Any, what: str) -> int:
    number = element.get(f"{_TABLE}number-{what}-repeated") or "1"
    return int(number) if number.isdecimal() and len(number) < 10 else MOST_GRID + 1
