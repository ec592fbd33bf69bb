"""Find tables on a page by their figures: rows of numbers that stand below one another.

A table of words alone is left as lines: by geometry it cannot be told from other short text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from citewell.ingest.readers.pdf_pieces import NUMBER_GAP, Piece, apart, joint, line_height, rows_of

FARTHEST = 2.5
"""White space between two rows of a table, in heights of a line, at the most."""

MOST_LABELS = 3
"""Rows without figures that may follow one another inside a table."""

LONGEST_LABEL = 16
"""Words of a row without figures, at the most; what is longer is prose."""

LONGEST_NAME = 12
"""Words of a cell that names a column, on one line, at the most."""

MOST_HEADER_ROWS = 6

STRAY = 0.15
"""Share of rows with figures below which what is left of the figures is no column."""

HEADER_GAP = 1.6
"""White space below a row of a header, in heights of a line, at the most."""

CENTRED = 0.08
"""Distance from the middle of all columns, by their width, of what stands over all of them."""

RAISED = 0.8
"""Height of the sign of a footnote in heights of the word before it, at the most."""

MOST_ROWS = 1000
"""Rows of a page on which tables are looked for; drawings made of text have more."""

_FIGURE = re.compile(
    r"(?:[$€£¥]|US\$|EUR|CHF)?\s*[-–(]?\s*(?:[$€£¥]\s*)?\d[\d.,'’ ]*\s*(?:%|bps|x)?\s*\)?\s*%?\**"
    r"|[$€£¥]?\s*[—–-]+\s*%?|n/?[am]|nm|\*+",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[$€£¥(]|US\$|\(\$|\$\(|-\$")
_CLOSING = re.compile(r"[)%]+|pts?")
_FOOTNOTE = re.compile(r"(?:\(\w{1,2}\)|\w{1,2}|\*)+(?:,\s?\w{1,2})*")
_PERIOD = re.compile(
    r"(?:fy|q[1-4]|h[12])?\s*'?(?:19|20)\d\d\*?|(?:q[1-4]|fy)\s*'?\d\d", re.IGNORECASE
)
_GOES_ON = re.compile(r"(?:[,(&/-]|\b(?:and|or|of|in|to|for|from|by|the|on|at|with|net))$")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its pieces in reading order, and from where to where they reach."""

    pieces: tuple[Piece, ...]
    x0: float
    x1: float

    @property
    def text(self) -> str:
        """Its words, with a blank between pieces."""
        first, *rest = self.pieces
        pairs = zip(self.pieces, rest, strict=False)
        return first.text + "".join(joint(one, other) + other.text for one, other in pairs)

    @property
    def figure(self) -> bool:
        """True for a number, an amount, or a dash that stands for one."""
        return bool(_FIGURE.fullmatch(self.text))


Row = list[Cell]


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table: its rows from the top, each with a cell or None for every column.

    Attributes:
        header: What names the columns, cells parted by tabs; blank if nothing does.
    """

    rows: list[list[Cell | None]]
    header: str


@dataclass(slots=True)
class _Grid:
    """Columns of figures while rows are added: where each reaches, and the rows that have it."""

    columns: list[tuple[float, float, frozenset[int]]] = field(default_factory=list)

    def add(self, number: int, row: Row) -> bool:
        """Add a row; False, and no change, if two of its cells would share a column."""
        columns = list(self.columns)
        for cell in row:
            over = [each for each in columns if each[0] < cell.x1 and cell.x0 < each[1]]
            rows = frozenset({number}).union(*(each[2] for each in over))
            if len(rows) != 1 + sum(len(each[2]) for each in over):
                return False
            left = min([cell.x0, *(each[0] for each in over)])
            right = max([cell.x1, *(each[1] for each in over)])
            columns = [each for each in columns if each not in over]
            columns.append((left, right, rows))
        self.columns = sorted(columns)
        return True

    def over(self, cell: Cell) -> list[int]:
        """Return the numbers of the columns that a cell stands above or below."""
        return [
            number
            for number, (left, right, _) in enumerate(self.columns)
            if left < cell.x1 and cell.x0 < right
        ]


def find_tables(pieces: Sequence[Piece]) -> list[FoundTable]:
    """Return the tables among the pieces of a region, from the top."""
    rows = [_cells(row) for row in rows_of(pieces)]
    height = line_height(pieces)
    found: list[FoundTable] = []
    at = done = 0
    while at < len(rows) <= MOST_ROWS:
        end, grid = _extent(rows, at, height)
        if _is_table(rows[at:end], grid):
            grid = _without_strays(grid)
            top = _header_top(rows, done, at, grid, height)
            _add_named_columns(grid, rows[top:at], top)
            found.append(_table(rows[top:end], grid))
            at = done = end
        else:
            at += 1
    return found


def _cells(row: Sequence[Piece]) -> Row:
    """Return the pieces of a row as cells: a currency sign goes to the number after it."""
    cells: list[list[Piece]] = []
    for piece in row:
        if cells and _belongs(cells[-1][-1], piece):
            cells[-1].append(piece)
        else:
            cells.append([piece])
    return [_cell(cell) for cell in cells]


def _belongs(before: Piece, piece: Piece) -> bool:
    """Tell whether a piece is a part of the cell before it."""
    if _CURRENCY.fullmatch(before.text) or _CLOSING.fullmatch(piece.text):
        return True
    gap = apart(before, piece)
    raised = gap < 1 and piece.height < RAISED * before.height
    return gap < NUMBER_GAP or (raised and bool(_FOOTNOTE.fullmatch(piece.text)))


def _cell(pieces: Sequence[Piece]) -> Cell:
    return Cell(tuple(pieces), min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces))


def _extent(rows: Sequence[Row], first: int, height: float) -> tuple[int, _Grid]:
    """Return the end of the table that may begin with a row, and its columns of figures."""
    grid = _Grid()
    end = first
    for at in range(first, len(rows)):
        row = rows[at]
        if at > first and _gap(rows[at - 1], row) > FARTHEST * height:
            break
        if _has_figures(row):
            if not grid.add(at, _beyond_label(row)):
                break
            end = at + 1
        elif at == first or at - end >= MOST_LABELS or not _is_inside(row, grid):
            break
    return end, grid


def _gap(above: Row, below: Row) -> float:
    return min(_pieces(below), key=_top).top - max(_pieces(above), key=_bottom).bottom


def _pieces(row: Row) -> list[Piece]:
    return [piece for cell in row for piece in cell.pieces]


def _top(piece: Piece) -> float:
    return piece.top


def _bottom(piece: Piece) -> float:
    return piece.bottom


def _has_figures(row: Row) -> bool:
    return len(row) > 1 and any(cell.figure for cell in row[1:])


def _beyond_label(row: Row) -> Row:
    return row if row[0].figure else row[1:]


def _is_label(row: Row) -> bool:
    words = sum(piece.words for piece in _pieces(row))
    short = 0 < words <= LONGEST_LABEL or bool(_PERIOD.fullmatch(row[0].text))
    return len(row) <= 2 and short and not row[-1].text.endswith(".")


def _is_inside(row: Row, grid: _Grid) -> bool:
    """Tell whether a row without figures is a part of a table; prose runs across its columns."""
    across = row[0].x0 < grid.columns[0][0] and len(grid.over(row[0])) > 1
    return _is_label(row) and not across


def _is_table(rows: Sequence[Row], grid: _Grid) -> bool:
    """Tell whether enough rows have figures in enough columns, and few have words there."""
    data = [row for row in rows if _has_figures(row)]
    if len(data) < 2:
        return False
    beyond = [cell for row in data for cell in _beyond_label(row)]
    figures = sum(cell.figure for cell in beyond)
    shared = [column for column in grid.columns if len(column[2]) > 1]
    fewest = 2 if len(shared) > 1 else 3
    return bool(shared) and len(data) >= fewest and figures >= 0.5 * len(beyond)


def _without_strays(grid: _Grid) -> _Grid:
    """Return the columns without those at the left that are parts of a few long labels."""
    columns = list(grid.columns)
    rows = len(frozenset().union(*(column[2] for column in columns)))
    while len(columns) > 1 and len(columns[0][2]) < STRAY * rows:
        del columns[0]
    return _Grid(columns)


def _add_named_columns(grid: _Grid, head: Sequence[Row], first: int) -> None:
    """Add the columns that have a name and no figure; ``first`` is the number of the first row."""
    for number, row in enumerate(head, start=first):
        left = grid.columns[0][0]
        grid.add(number, [cell for cell in row if not grid.over(cell) and cell.x0 > left])


def _header_top(rows: Sequence[Row], least: int, first: int, grid: _Grid, height: float) -> int:
    """Return the first of the rows above a table that name its columns.

    Labels may stand between these and the first figures.
    """
    top = first
    for at in range(first - 1, max(least, first - MOST_HEADER_ROWS) - 1, -1):
        row = rows[at]
        if _gap(row, rows[at + 1]) > HEADER_GAP * height:
            break
        if _names_columns(row, grid, height):
            top = at
        elif not _is_label(row) or any(grid.over(cell) for cell in row):
            break
    return top


def _names_columns(row: Row, grid: _Grid, height: float) -> bool:
    first_column = grid.columns[0][0]
    beyond = row[1:] if row[0].x1 <= first_column and not grid.over(row[0]) else row
    return (
        bool(beyond)
        and any(grid.over(cell) for cell in beyond)
        and all(cell.x0 > first_column - 4 * height for cell in beyond)
        and all(len(cell.text.split()) <= LONGEST_NAME for cell in row)
        and not beyond[-1].text.endswith((".", ":", ";"))
    )


def _table(rows: Sequence[Row], grid: _Grid) -> FoundTable:
    head = list(takewhile(_is_header, rows))
    while head and not any(grid.over(cell) for cell in head[-1]):
        head.pop()
    above, names = _column_names(head, grid)
    body = [_placed(row, grid) for row in _whole_labels(rows[len(head) :])]
    spanning = [cell.text for row in above for cell in row if cell]
    header = "\t".join(cell.text if cell else "" for cell in names)
    lines = [*above, *([names] if names else []), *body]
    labels = 0 if any(line[0] for line in lines) else 1
    return FoundTable(
        [line[labels:] for line in lines], " ".join([*spanning, header[labels:]]).rstrip()
    )


def _is_header(row: Row) -> bool:
    """Tell whether a row names columns: it has no figures, or all of them are years."""
    figures = [cell for cell in row if cell.figure]
    return all(_PERIOD.fullmatch(cell.text) for cell in figures) and (len(row) > 1 or not figures)


def _column_names(
    head: Sequence[Row], grid: _Grid
) -> tuple[list[list[Cell | None]], list[Cell | None]]:
    """Return rows above that span columns, and the others as one row: the name of each column."""
    last = max((at for at, row in enumerate(head) if _spans(row, grid)), default=-1)
    rows = [_placed(row, grid, is_name=True) for row in head[last + 1 :]]
    names: list[Cell | None] = []
    for column in zip(*rows, strict=True):
        pieces = [piece for cell in column if cell for piece in cell.pieces]
        names.append(_cell(pieces) if pieces else None)
    return [_placed(row, grid) for row in head[: last + 1]], names


def _spans(row: Row, grid: _Grid) -> bool:
    """Tell whether a row of a header names several columns at once."""
    if any(len(grid.over(cell)) > 1 for cell in row):
        return True
    beyond = [cell for cell in row if grid.over(cell)]
    if len(beyond) != 1 or len(grid.columns) < 2:
        return False
    left, right = grid.columns[0][0], grid.columns[-1][1]
    away = (beyond[0].x0 + beyond[0].x1) / 2 - (left + right) / 2
    return abs(away) < CENTRED * (right - left)


def _placed(row: Row, grid: _Grid, is_name: bool = False) -> list[Cell | None]:
    """Return a cell or None for each column, first the labels'. No cell is left out.

    What names a column may reach out to its left; what labels a row, into the first column.
    """
    width = len(grid.columns) + 1
    placed: list[list[Piece]] = [[] for _ in range(width)]
    for cell in row:
        over = grid.over(cell)
        is_label = cell is row[0] and not (cell.figure or is_name) and _is_left(cell, grid)
        at = over[0] + 1 if over and not is_label else 0
        at = max([at, *(number for number, found in enumerate(placed) if found)])
        placed[at].extend(cell.pieces)
    return [_cell(pieces) if pieces else None for pieces in placed]


def _is_left(cell: Cell, grid: _Grid) -> bool:
    left = grid.columns[0][0]
    return cell.x0 < left and (cell.x0 + cell.x1) / 2 < left


def _whole_labels(rows: Sequence[Row]) -> list[Row]:
    """Return rows with labels whole that were cut at the end of a line."""
    whole: list[Row] = []
    for row, after in _with_next(rows):
        if whole and _is_rest(row, whole[-1], after):
            label = _cell((*whole[-1][0].pieces, *row[0].pieces))
            whole[-1] = [label, *whole[-1][1:], *row[1:]]
        else:
            whole.append(row)
    return whole


def _with_next(rows: Sequence[Row]) -> Iterator[tuple[Row, Row | None]]:
    for at, row in enumerate(rows):
        yield row, rows[at + 1] if at + 1 < len(rows) else None


def _is_rest(row: Row, before: Row, after: Row | None) -> bool:
    """Tell whether a row's label goes on with the label of the row before."""
    if row[0].figure or before[0].figure or (len(row) > 1 and len(before) > 1):
        return False
    close = _gap(before, row) < 0.5 * row[0].pieces[0].height
    ends_open = len(before) == 1 and bool(_GOES_ON.search(before[0].text))
    goes_on = row[0].text[:1].islower() and not before[0].text.endswith(":")
    return close and (goes_on or ends_open)
