"""Make text of tables: a line for each row, cells between tabs, and the header known."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from citewell.ingest.readers.blocks import Block
from citewell.ingest.readers.cleaning import clean_line
from citewell.retrieval.values import Table

CELL_BREAK = "\t"

LONGEST_HEADER_CELL = 100
"""Characters. A row with a longer cell says something; it names no columns."""

MOST_TITLE_ROWS = 5
"""Rows of one cell that may stand above a header."""

_SAMPLE_ROWS = 100
"""A header's names are not found again among the cells of so many rows below it."""

_YEAR = re.compile(r"(?:1[89]|20)\d\d$")
_VALUE = re.compile(
    r"[-+(]*[$€£¥]?\s*[-+(]?\d[\d.,'’\s:/-]*(?:[eE][-+]?\d+|[%‰)€$£¥]|T[\d:.]+Z?)*$"
    r"|(?:true|false|n/?a|-+)$",
    re.IGNORECASE,
)


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        number: Of the row on its sheet, from 1; 0 elsewhere.
        is_header: The document says that the row names the columns.
    """

    cells: Sequence[str]
    number: int = 0
    is_header: bool = False


def table_block(rows: Iterable[Row]) -> Block:
    """Return the rows as a block; without more than one cell in any row they are plain text."""
    table = TableRows()
    for row in rows:
        table.add(row)
    return table.block()


class TableRows:
    """The rows of a table so far. Holds their lines, not their cells: there may be very many.

    Attributes:
        width: Cells of the widest row.
    """

    def __init__(self) -> None:
        self.width = 0
        self._lines: list[str] = []
        self._numbers: list[int] = []
        self._sample: list[list[str]] = []
        self._marked: str | None = None
        self._many = False

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, row: Row) -> None:
        """Add a row unless it is blank, without the blank cells it ends with."""
        cells = [clean_line(cell) for cell in row.cells]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            return
        line = CELL_BREAK.join(cells)
        if row.is_header and self._marked is None and _filled(cells) > 1:
            self._marked = line
        self.width = max(self.width, len(cells))
        self._many = self._many or _filled(cells) > 1
        if len(self._sample) < _SAMPLE_ROWS:
            self._sample.append(cells)
        self._lines.append(line)
        self._numbers.append(row.number)

    def header(self) -> str:
        """Return the row that names the columns; blank when there is none."""
        if self._marked is not None:
            return self._marked
        first = _first_full_row(self._sample)
        if first is None or len(self._lines) < 2 or not _names_columns(self._sample, first):
            return ""
        return CELL_BREAK.join(self._sample[first])

    def block(self) -> Block:
        """Return the rows as a block; without more than one cell in any row they are plain text."""
        text = "\n".join(self._lines)
        return Block(text, table=Table(0, len(text), self.header()) if self._many else None)

    def sheet_block(self, sheet: str, first_column: int, header: str) -> Block:
        """Return the rows as a block that knows where they stand; columns count from 0."""
        text = "\n".join(self._lines)
        last_column = first_column + max(0, self.width - 1)
        columns = f"{column_name(first_column)}:{column_name(last_column)}"
        table = Table(0, len(text), header, sheet, columns, tuple(self._numbers))
        return Block(text, table=table)


def column_name(index: int) -> str:
    """Return the letters of a sheet's column, counted from 0: A to Z, AA and so on."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _filled(cells: Iterable[str]) -> int:
    return sum(map(bool, cells))


def _first_full_row(rows: Sequence[Sequence[str]]) -> int | None:
    for index, cells in enumerate(rows[: MOST_TITLE_ROWS + 1]):
        if _filled(cells) > 1:
            return index
    return None


def _names_columns(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Tell whether a row holds names of columns: all there, all distinct, none a value."""
    cells, below = rows[at], rows[at + 1 :]
    names = [cell for cell in cells if cell]
    if len(names) < max(map(len, rows)) - 1 or len({name.casefold() for name in names}) < len(
        names
    ):
        return False
    if any(len(name) > LONGEST_HEADER_CELL for name in names):
        return False
    years = sum(_YEAR.match(name) is not None for name in names)
    values = sum(_VALUE.match(name) is not None for name in names)
    if values > years or years == len(cells):
        return False
    return bool(below) and not any(
        cell and column < len(cells) and cell == cells[column]
        for row in below
        if row != cells  # a header may be printed again on each page
        for column, cell in enumerate(row)
    )
