"""Whether a figure of a table stands in the column and the row that a sentence speaks of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from citewell.app.tokens import tokens

_CELLS = re.compile(r"\s*\|\s*|\t")
_LETTERS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class _Column:
    """A cell of a row with what the header says above it."""

    cell: frozenset[str]
    names: frozenset[str]


def row_conflict(sentence: str, row: str, header: str, language: str = "en") -> str:
    """Return which figure stands in another column than the one the sentence names, or nothing.

    Args:
        sentence: What the answer says.
        row: A row of a table, its cells between bars or tabs.
        header: One or more rows that name the columns; blank if it is not known.
    """
    columns = _columns(row, header, language)
    said = tokens(sentence, language)
    told_apart = _telling(columns)
    named = {token.stem: token.shown for token in said if token.stem in told_apart}
    for token in said:
        if token.kind == "word" or token.kind == "name" or not named:
            continue
        holding = [column for column in columns if token.stem in column.cell]
        if not holding or token.stem in named:
            continue
        if not any(_is_meant(column, named, told_apart) for column in holding):
            shown = ", ".join(named.values())
            return f"in the table {token.shown} does not stand in the column {shown}"
    return ""


def _is_meant(column: _Column, named: dict[str, str], told_apart: frozenset[str]) -> bool:
    """Tell whether a column has a name that the sentence names, and no other has more of them."""
    own = column.names & told_apart
    return bool(own & set(named))


def _telling(columns: Sequence[_Column]) -> frozenset[str]:
    """Return the words of the header that stand above some columns only, with figures below."""
    with_figures = [column for column in columns if column.cell]
    everywhere = [column.names for column in with_figures]
    if len(everywhere) < 2:
        return frozenset()
    return frozenset.union(*everywhere) - frozenset.intersection(*everywhere)


def _columns(row: str, header: str, language: str) -> list[_Column]:
    cells = _split(row)
    lines = [_split(line) for line in header.split("\n") if line.strip(" |-:\t")]
    names: list[set[str]] = [set() for _ in cells]
    for line in lines:
        shift = len(cells) - len(line)
        if shift not in (0, 1):  # a header without the cell above the names of the rows
            continue
        for place, name in enumerate(line, shift):
            names[place] |= {token.stem for token in tokens(name, language)}
    return [
        _Column(_figures(cell, language), frozenset(each))
        for cell, each in zip(cells, names, strict=True)
    ]


def _figures(cell: str, language: str) -> frozenset[str]:
    return frozenset(
        token.stem for token in tokens(cell, language) if token.kind in ("number", "year")
    )


def _split(row: str) -> list[str]:
    inner = row.strip("\n")
    if inner.lstrip().startswith("|"):
        inner = inner.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in _CELLS.split(inner)]
