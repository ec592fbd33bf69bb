"""The part of a table that a quote stands in: what names its columns, and the rows around it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from citewell.app.page.excerpts import ELLIPSIS, Excerpt
from citewell.retrieval.values import Document, Table

AROUND = 3
"""Rows shown on each side of the quote."""

MOST_ROWS = 24
"""Rows of the quote that are shown."""

MOST_CHARACTERS = 240
"""Of a cell, on each side of the quote."""

MOST_HEADER_ROWS = 6

_LINE = re.compile(r"[^\n]+")
_BARRED = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"[\s|:+-]*-[\s|:+-]*")
"""The line below the header of a Markdown table."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        cells: What each says; the quote is the part of it that is quoted, blank in most.
        number: That of the sheet; None elsewhere.
    """

    cells: tuple[Excerpt, ...]
    number: int | None = None

    @property
    def quoted(self) -> bool:
        """Whether a part of it is quoted."""
        return any(cell.quote for cell in self.cells)

    @property
    def whole(self) -> bool:
        """Whether all it says is quoted."""
        return self.quoted and not any(cell.before or cell.after for cell in self.cells)


@dataclass(frozen=True, slots=True)
class TableExcerpt:
    """Some rows of a table.

    Attributes:
        header: The rows that name the columns.
        rows: Those that are quoted and the ones around them.
        above: Rows left out between the header and these.
        below: Rows left out after these.
    """

    header: tuple[Row, ...]
    rows: tuple[Row, ...]
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    cells: tuple[str, ...]
    row: Row

    @property
    def texts(self) -> list[str]:
        return [stripped for cell in self.cells if (stripped := cell.strip())]


def table_excerpt(document: Document, start: int, end: int) -> TableExcerpt | None:
    """Return the part of a table that a span stands in; None where it begins outside of one."""
    table = _table_at(document, start)
    if table is None:
        return None
    lines = list(_lines(document.text, table, start, end))
    quoted = [number for number, line in enumerate(lines) if line.row.quoted]
    if not quoted:
        return None
    named = min(_header_rows(lines, table.header), quoted[0])
    first = max(quoted[0] - AROUND, named)
    last = min(quoted[-1], quoted[0] + MOST_ROWS) + AROUND + 1
    header = tuple(line.row for line in lines[:named]) or _stated(table.header, lines[quoted[0]])
    rows = tuple(line.row for line in lines[first:last])
    return TableExcerpt(header, rows, first - named, max(len(lines) - last, 0))


def _table_at(document: Document, offset: int) -> Table | None:
    for table in document.tables:
        if table.start <= offset < table.end:
            return table
    return _barred_table(document.text, offset)


def _barred_table(text: str, offset: int) -> Table | None:
    """Return the table around an offset in a text that draws tables with bars, as Markdown does."""
    begin = end = text.rfind("\n", 0, offset) + 1
    for line in _lines_before(text, begin):
        begin -= len(line) + 1
    for line in takewhile(_is_barred, text[end:].split("\n")):
        end += len(line) + 1
    lines = text[begin : max(end - 1, begin)].split("\n")
    if len(lines) < 2 or not _RULE.fullmatch(lines[1]) or offset >= end:
        return None
    return Table(begin, end - 1, lines[0])


def _lines_before(text: str, start: int) -> Iterator[str]:
    while start and _is_barred(line := text[text.rfind("\n", 0, start - 1) + 1 : start - 1]):
        yield line
        start -= len(line) + 1


def _is_barred(line: str) -> bool:
    return line.lstrip().startswith("|")


def _lines(text: str, table: Table, start: int, end: int) -> Iterator[_Line]:
    """Yield the rows of a table, with what is quoted of each cell."""
    found = (line for line in _LINE.finditer(text, table.start, table.end))
    for number, line in enumerate(found):
        if _is_barred(line[0]) and _RULE.fullmatch(line[0]):
            continue
        spans = list(_cells(line[0]))
        cells = tuple(line[0][slice(*span)] for span in spans)
        quoted = tuple(
            _cell(line[0][first:last], start - line.start() - first, end - line.start() - first)
            for first, last in spans
        )
        row = Row(quoted, table.rows[number] if number < len(table.rows) else None)
        yield _Line(line.start(), cells, row)


def _cells(line: str) -> Iterator[tuple[int, int]]:
    """Yield the span of each cell in a row."""
    if not _is_barred(line):
        first = 0
        for cell in line.split("\t"):
            yield first, first + len(cell)
            first += len(cell) + 1
        return
    bars = [bar.start() for bar in _BARRED.finditer(line)]
    ends = bars[1:] if not line[bars[-1] + 1 :].strip() else [*bars[1:], len(line)]
    for bar, last in zip(bars, ends, strict=False):
        yield bar + 1, last


def _cell(text: str, start: int, end: int) -> Excerpt:
    """Return a cell, of which the span is quoted; white space at its edges is not shown."""
    right = len(text.rstrip())
    left = min(len(text) - len(text.lstrip()), right)
    start, end = min(max(start, left), right), max(min(end, right), left)
    if start >= end:
        return Excerpt(_cut(text[left:right]), "", "")
    return Excerpt(_cut(text[left:start], at_end=False), text[start:end], _cut(text[end:right]))


def _cut(text: str, *, at_end: bool = True) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return (
        f"{text[:MOST_CHARACTERS]} {ELLIPSIS}"
        if at_end
        else f"{ELLIPSIS} {text[-MOST_CHARACTERS:]}"
    )


def _header_rows(lines: Sequence[_Line], header: str) -> int:
    """Return how many rows at the top name the columns: up to the last that the header holds."""
    held = [
        number
        for number, line in enumerate(lines[:MOST_HEADER_ROWS], start=1)
        if line.texts and all(text in header for text in line.texts)
    ]
    return max(held, default=0)


def _stated(header: str, row: _Line) -> tuple[Row, ...]:
    """Return a header that does not stand in the table as a row, if it fits the others."""
    line = header.rpartition("\n")[2]
    cells = tuple(Excerpt(line[slice(*span)].strip(), "", "") for span in _cells(line))
    return (Row(cells),) if header.strip() and 1 < len(cells) <= len(row.cells) else ()
