"""Find the columns of a page: prose beside prose, with a strip of white between."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from citewell.ingest.readers.pdf_pieces import Piece, line_height, rows_of

FEWEST_ROWS = 4
"""Rows with text on both sides of a strip that make it the gutter of columns."""

NARROWEST = 0.6
"""Width of a gutter in heights of a line."""

FEWEST_WORDS = 3
"""Median of words in a line of prose, at the least."""

FILLED = 0.55
"""Share of its column's width that the median line of prose fills, at the least."""

DEEPEST = 4
"""Cuts within cuts; a page of nine columns has been seen, of sixteen has not."""

Row = list[Piece]


def regions(pieces: Sequence[Piece], depth: int = 0) -> list[list[Piece]]:
    """Return the pieces in regions to be read one after the other, each of one column.

    Pieces keep their order within a region. A page without columns is one region.
    """
    found = _columns(pieces) if depth < DEEPEST else None
    if found is None:
        return [list(pieces)] if pieces else []
    return [region for part in found for region in regions(part, depth + 1)]


def _columns(pieces: Sequence[Piece]) -> list[list[Piece]] | None:
    """Return what stands above, left, right and below of the clearest gutter, if there is one."""
    height = line_height(pieces)
    rows = rows_of(pieces)
    best: tuple[int, int, float, int] | None = None
    for x in _candidates(rows, height):
        for first, last in _bands(rows, x, height):
            both = sum(row[0].x1 <= x < row[-1].x1 for row in rows[first:last])
            if (best is None or both > best[0]) and _is_gutter(rows[first:last], x, both):
                best = both, first, x, last
    if best is None:
        return None
    _, first, x, last = best
    order = {piece.start: at for at, piece in enumerate(pieces)}
    above, below = rows[:first], rows[last:]
    band = rows[first:last]
    left = [[piece for piece in row if piece.x1 <= x] for row in band]
    right = [[piece for piece in row if piece.x1 > x] for row in band]
    sides = [left, right]
    if _right_to_left(pieces):
        sides.reverse()
    return [
        sorted((piece for row in part for piece in row), key=lambda piece: order[piece.start])
        for part in (above, *sides, below)
    ]


def _candidates(rows: Sequence[Row], height: float) -> list[float]:
    """Return where a gutter may run: the middles of the gaps that most rows share."""
    gaps = [
        (before.x1, after.x0)
        for row in rows
        for before, after in pairwise(row)
        if after.x0 - before.x1 >= NARROWEST * height
    ]
    votes: dict[int, int] = {}
    for left, right in gaps:
        for step in range(int(left / 4) + 1, int(right / 4) + 1):
            votes[step] = votes.get(step, 0) + 1
    most = sorted((step for step in votes if votes[step] >= FEWEST_ROWS), key=lambda s: -votes[s])
    chosen: list[int] = []
    for step in most:
        if all(abs(step - other) > 4 for other in chosen):
            chosen.append(step)
    return [4.0 * step for step in chosen[:4]]


def _bands(rows: Sequence[Row], x: float, height: float) -> Iterator[tuple[int, int]]:
    """Yield runs of rows, as first and end, that no piece crosses at ``x``."""
    first: int | None = None
    for at, row in enumerate(rows):
        crossed = any(piece.x0 < x < piece.x1 for piece in row)
        if crossed and first is not None:
            yield first, at
            first = None
        elif not crossed and first is None:
            first = at
    if first is not None:
        yield first, len(rows)


def _is_gutter(band: Sequence[Row], x: float, both: int) -> bool:
    """Tell whether prose stands on both sides of ``x`` in these rows."""
    if both < FEWEST_ROWS:
        return False
    left = [[piece for piece in row if piece.x1 <= x] for row in band]
    right = [[piece for piece in row if piece.x1 > x] for row in band]
    return all(_is_prose([row for row in side if row]) for side in (left, right)) and (
        _by_column(band, x, both) is not False
    )


def _is_prose(lines: Sequence[Row]) -> bool:
    words = median(sum(piece.words for piece in line) for line in lines)
    left = min(line[0].x0 for line in lines)
    width = max(line[-1].x1 for line in lines) - left
    filled = median(sum(piece.x1 - piece.x0 for piece in line) for line in lines)
    broken = sum(len(line) - 1 for line in lines)
    return words >= FEWEST_WORDS and filled >= FILLED * width and broken <= len(lines)


def _by_column(band: Sequence[Row], x: float, both: int) -> bool | None:
    """Tell how the library orders the two sides: one after the other (True), line by line (None).

    False is in between: the cells of a table, several lines each, that belong side by side.
    """
    ordered = sorted((piece for row in band for piece in row), key=lambda piece: piece.start)
    turns = sum((one.x1 > x) != (other.x1 > x) for one, other in pairwise(ordered))
    if turns <= 2:
        return True
    return None if turns >= 1.5 * both else False


def _right_to_left(pieces: Sequence[Piece]) -> bool:
    letters = [letter for piece in pieces for letter in piece.text if letter.isalpha()]
    return sum("\u0590" <= letter <= "\u08ff" for letter in letters) > len(letters) / 2
