"""What chunks need of tables: whole rows, the names of their columns and where their cells are."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from citewell.ingest.chunking_prose import bounded
from citewell.retrieval.sentences import Span
from citewell.retrieval.values import Table

_LINE = re.compile(r"[^\n]+")
_PLAIN_NAME = re.compile(r"(?!(?:[A-Za-z]{1,3}\d+|[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*)$)[^\W\d][\w.]*$")
"""The name of a sheet that needs no quotes: no spaces or signs, and not like a cell's, as Q1."""


class Tables:
    """The tables of a document.

    Args:
        chars: Most characters in a chunk, with the header of its rows.
    """

    def __init__(self, text: str, tables: Sequence[Table], chars: int) -> None:
        self._text = text
        self.chars = chars
        self._known = [_Known(text, each, chars) for each in tables if each.start < each.end]
        self._starts = [each.table.start for each in self._known]

    def segments(self, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Yield the stretches that make up a span, each with whether it lies in a table."""
        for known in self._between(start, end):
            begin, stop = max(known.table.start, start), min(known.table.end, end)
            yield start, begin, False
            yield begin, stop, True
            start = stop
        yield start, end, False

    def holds(self, offset: int) -> bool:
        """Tell whether an offset lies in a table."""
        return self._at(offset) is not None

    def room(self, start: int) -> int:
        """Return the most characters of a chunk that begins at an offset, beside its header."""
        known = self._at(start)
        header = known.header_at(start) if known else ""
        return self.chars - len(header) - 1 if header else self.chars

    def header(self, start: int, end: int) -> str:
        """Return the header of the rows that a chunk begins with; blank when it holds it.

        A row that leaves too little room for it has as much of it as fits.
        """
        known = self._at(start)
        header = known.header_at(start) if known else ""
        return _beginning(header, self.chars - (end - start) - 1)

    def place(self, start: int, end: int) -> str:
        """Return the range of cells in a chunk, such as ``Costs!A2:H15``; one for each sheet."""
        sheets: dict[str, list[_Cells]] = {}
        for known in self._between(start, end):
            if known.table.rows and known.table.columns:
                sheets.setdefault(known.table.sheet, []).append(known.cells(start, end))
        return ", ".join(_place(sheet, cells) for sheet, cells in sheets.items())

    def extent(self, start: int, end: int) -> Iterator[Span]:
        """Yield a part of a table from its first row to its last; nothing if it is blank.

        A blank cell at the beginning stays: the other cells of the row are counted from it.
        """
        stretch = self._text[start:end]
        if not stretch.strip():
            return
        blank = stretch[: len(stretch) - len(stretch.lstrip())]
        row = blank[blank.rfind("\n") + 1 :]
        cell = row.find("\t")
        begin = start + len(blank) - (len(row) - cell if cell >= 0 else 0)
        yield begin, start + len(stretch.rstrip())

    def atoms(self, start: int, end: int) -> Iterator[Span]:
        """Yield a part of a table: whole if it fits, else row by row, rows too long in parts."""
        for begin, stop in self.extent(start, end):
            if stop - begin <= self.room(begin):
                yield begin, stop
                continue
            for line in _LINE.finditer(self._text, begin, stop):
                for row in self.extent(*line.span()):
                    yield from self._bounded(*row)

    def _bounded(self, start: int, end: int) -> Iterator[Span]:
        if end - start <= self.chars:
            yield start, end
        else:
            yield from bounded(self._text, start, end, self.room(end - 1))

    def _at(self, offset: int) -> "_Known | None":
        index = bisect_right(self._starts, offset) - 1
        return self._known[index] if index >= 0 and offset < self._known[index].table.end else None

    def _between(self, start: int, end: int) -> Iterator["_Known"]:
        """Yield the tables that share a character with a span."""
        index = max(bisect_right(self._starts, start) - 1, 0)
        while index < len(self._known) and self._starts[index] < end:
            if self._known[index].table.end > start:
                yield self._known[index]
            index += 1


class _Cells(NamedTuple):
    first_column: str
    last_column: str
    first_row: int
    last_row: int


class _Known:
    """A table, where its header stands in it and where its lines begin."""

    def __init__(self, text: str, table: Table, chars: int) -> None:
        self.table = table
        self._text = text
        self._header = _beginning(table.header, chars // 2)
        self._header_start = text.find(table.header, table.start, table.end) if table.header else -1

    def header_at(self, start: int) -> str:
        """Return what a chunk that begins at an offset in it needs to name its columns."""
        return self._header if start > self._header_start else ""

    def cells(self, start: int, end: int) -> "_Cells":
        """Return the cells of a span that shares a character with it."""
        first_column, _, last_column = self.table.columns.partition(":")
        return _Cells(
            first_column,
            last_column or first_column,
            self._number(max(start, self.table.start)),
            self._number(min(end, self.table.end) - 1),
        )

    def _number(self, offset: int) -> int:
        line = bisect_right(self._line_starts, offset) - 1
        return self.table.rows[min(line, len(self.table.rows) - 1)]

    @cached_property
    def _line_starts(self) -> list[int]:
        lines = _LINE.finditer(self._text, self.table.start, self.table.end)
        return [line.start() for line in lines]


def _beginning(header: str, most: int) -> str:
    """Return as many cells of a header as fit."""
    if len(header) <= most:
        return header
    return header[slice(*next(bounded(header, 0, len(header), most)))] if most > 0 else ""


def _place(sheet: str, cells: Sequence[_Cells]) -> str:
    """Return the range that holds all of the cells."""
    first = min((each.first_column for each in cells), key=_column_order)
    last = max((each.last_column for each in cells), key=_column_order)
    first += str(min(each.first_row for each in cells))
    last += str(max(each.last_row for each in cells))
    cell_range = first if first == last else f"{first}:{last}"
    if not sheet:
        return cell_range
    name = sheet if _PLAIN_NAME.match(sheet) else "'" + sheet.replace("'", "''") + "'"
    return f"{name}!{cell_range}"


def _column_order(column: str) -> tuple[int, str]:
    return len(column), column
