"""Read spreadsheets (.xlsx, .xlsm, .xlsb, .xls, .ods): what the cells show, not how they get it."""

import datetime
import zipfile
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from citewell.ingest.readers.archives import check_archive
from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.sheet_checks import check_sheets
from citewell.ingest.readers.tables import Row, TableRows
from citewell.ingest.readers.titles import choose_title
from citewell.ingest.readers.xml_parts import declared_properties
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MOST_CELLS = 2_000_000
"""Cells with something in them that are read of one workbook."""

CellValue = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)


def read_sheets(path: Path, name: str) -> list[Document]:
    """Return the workbook as one document; each sheet is a section, if there are several.

    Rows that touch are one table. Rows of a single cell above a table are its title, and text.
    Hidden sheets are read and named in the metadata, as is where reading stopped in one too large.

    Raises:
        ReadError: If it is damaged, unsafe, needs a password, or is blank.
    """
    facts: dict[str, str] = {}
    if zipfile.is_zipfile(path):
        check_archive(path)
        check_sheets(path)
        facts = declared_properties(path)
    workbook = _Workbook(_open(path))
    text, headings, tables, _ = join_blocks(workbook.blocks())
    title = choose_title(name, facts.pop("title", None))
    return [
        Document(
            name=name,
            title=title,
            text=text,
            headings=headings,
            metadata=facts | workbook.facts,
            tables=tables,
        )
    ]


def _open(path: Path) -> "CalamineWorkbook":
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise ReadError("needs a password") from error
    except (CalamineError, ValueError) as error:
        raise ReadError(f"damaged: it is no workbook that can be read ({error})") from error


class _Workbook:
    """Walks the sheets, and counts the cells that it has read."""

    def __init__(self, book: "CalamineWorkbook") -> None:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        kept = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        hidden = [sheet.name for sheet in kept if sheet.visible != SheetVisibleEnum.Visible]
        self.facts = {"hidden_sheets": ", ".join(hidden)} if hidden else {}
        self._book = book
        self._names = [sheet.name for sheet in kept]
        self._cells = 0

    def blocks(self) -> Iterator[Block]:
        """Yield the headings, titles and tables of all sheets in order."""
        for name in self._names:
            if "cells_left_out" in self.facts:
                break
            sheet = self._sheet(name)
            blocks = _sheet_blocks(name, self._rows(sheet, name), (sheet.start or (0, 0))[1])
            first = next(blocks, None)
            if first is not None:
                if len(self._names) > 1:
                    yield Block(name, level=1)
                yield first
                yield from blocks

    def _sheet(self, name: str) -> "CalamineSheet":
        from python_calamine import CalamineError

        try:
            return self._book.get_sheet_by_name(name)
        except (CalamineError, ValueError) as error:
            raise ReadError(f"damaged: the sheet {name!r} cannot be read ({error})") from error

    def _rows(self, sheet: "CalamineSheet", name: str) -> Iterator[Row]:
        for number, values in enumerate(sheet.iter_rows(), start=1):
            blank = values.count("") == len(values)  # quick: there may be a million of them
            cells = [] if blank else [_shown(value) for value in values]
            self._cells += sum(map(bool, cells))
            if self._cells > MOST_CELLS:
                self.facts["cells_left_out"] = (
                    f"from {name}, row {number} on: more than {MOST_CELLS:,} cells"
                )
                return
            yield Row(cells, number)


def _sheet_blocks(name: str, rows: Iterator[Row], first_column: int) -> Iterator[Block]:
    """Yield the titles and table of each group of rows that touch.

    A table without a header goes on with the one above it, if it is no wider.
    """
    header, place, width = "", -1, 0
    for group in _groups(rows):
        left = min(_first_filled(row.cells) for row in group)
        titles = _titles(group)
        yield from (Block(row.cells[_first_filled(row.cells)]) for row in titles)
        table = TableRows()
        for row in group[len(titles) :]:
            table.add(Row(row.cells[left:], row.number))
        own = table.header()
        if own or left != place or table.width > width or table.width == 1:
            header, place, width = own, left, table.width
        yield table.sheet_block(name, first_column + left, header)


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        if any(row.cells):
            group.append(row)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _titles(group: Sequence[Row]) -> list[Row]:
    """Return the rows of one cell above a table; none of a group that has only such rows."""
    titles = list(takewhile(lambda row: sum(map(bool, row.cells)) == 1, group))
    return titles if len(titles) < len(group) else []


def _first_filled(cells: Sequence[str]) -> int:
    return next(index for index, cell in enumerate(cells) if cell)


def _shown(value: CellValue) -> str:
    """Return a cell's value as text: dates in ISO 8601, numbers with the 15 digits of Excel."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00").removesuffix(":00")
    if isinstance(value, datetime.time):
        return value.isoformat("seconds").removesuffix(":00")
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value.isoformat()
