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
"""Rows that may stand above a header."""

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
        if row.is_header and self._marked is None and (_filled(cells) > 1 or not cells[0]):
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
        found = _header_row(self._sample)
        return CELL_BREAK.join(self._sample[found]) if found is not None else ""

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


def _header_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which row names the columns: rows above it hold words, but for fewer columns."""
    used = len({column for cells in rows for column, cell in enumerate(cells) if cell})
    for index, cells in enumerate(rows[: MOST_TITLE_ROWS + 1]):
        names = [cell for cell in cells if cell]
        if len(names) < 2:
            continue
        if _holds_values(cells) or (len(rows) == 1 and len(names) < 3):
            break
        if len(names) >= used - 1 and _are_names(names):
            below = rows[index + 1 :]
            return None if _recurs(cells, below) else index
    return None


def _holds_values(cells: Sequence[str]) -> bool:
    """Tell whether a row holds numbers or dates; years may be names, if not alone."""
    values = sum(_VALUE.match(cell) is not None for cell in cells)
    years = sum(_YEAR.match(cell) is not None for cell in cells)
    return values > years or years == len(cells) or (years == 1 and bool(cells[0]))


def _are_names(names: Sequence[str]) -> bool:
    distinct = len({name.casefold() for name in names}) == len(names)
    return distinct and max(map(len, names)) <= LONGEST_HEADER_CELL


def _recurs(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a cell stands in its column again, as values do and names do not.

    A whole header may: it is printed again on each page.
    """
    return any(
        cell and column < len(cells) and cell == cells[column]
        for row in below
        if row != cells
        for column, cell in enumerate(row)
    )
