"""Tables and numbers as the commands print them."""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from citewell.app.terminal import write
from citewell.retrieval.visible import visible


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a header. Columns of numbers stand to the right."""
    lines = [[visible(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    columns = list(zip(*lines, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    right = [all(cell == "-" or cell.isdecimal() for cell in column[1:]) for column in columns]
    for line in lines:
        cells = [
            _padded(cell, width, right=is_number)
            for cell, width, is_number in zip(line, widths, right, strict=True)
        ]
        write("  ".join(cells).rstrip())


def counted(number: int, thing: str) -> str:
    """Return ``1 file`` or ``2,000 files``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def spans(numbers: Iterable[int]) -> str:
    """Return rising numbers as ``1, 3-5, 9``."""
    runs = groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    found = [[number for _, number in run] for _, run in runs]
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in found)


def _padded(cell: str, width: int, *, right: bool) -> str:
    blank = " " * (width - _width(cell))
    return blank + cell if right else cell + blank


def _width(text: str) -> int:
    """Return the columns a text takes on a terminal (Unicode Standard Annex 11)."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )
