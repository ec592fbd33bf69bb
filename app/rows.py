"""Whether a figure of a table stands in the column and the row that a sentence speaks of."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from citewell.app.tokens import tokens

_CELLS = re.compile(r"\s*\|\s*|\t")


@dataclass(frozen=True, slots=True)
class _Column:
    """A cell of a row with what the header says above it.

    Attributes:
        cell: The figures of the cell.
        words: What else it says.
        names: The words of the header above it.
    """

    cell: frozenset[str]
    words: frozenset[str]
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
    told_apart = _telling(columns, frozenset(token.stem for token in said))
    named = {token.stem: token.shown for token in said if token.stem in told_apart}
    held = frozenset[str]().union(*(column.cell for column in columns[1:]))
    figures = [
        token
        for token in said
        if token.kind in ("number", "year") and token.stem in held and token.stem not in named
    ]
    in_turn = len(named) == len(figures)  # as many names as figures: the first has the first
    for place, token in enumerate(figures):
        meant = dict([list(named.items())[place]]) if in_turn else named
        if meant and not _stands(token.stem, columns, meant):
            shown = ", ".join(meant.values())
            return f"in the table {token.shown} does not stand in the column {shown}"
    return ""


def _stands(figure: str, columns: Sequence[_Column], named: Mapping[str, str]) -> bool:
    """Tell whether a figure stands in a column with a name that the sentence names."""
    return any(figure in column.cell and column.names & named.keys() for column in columns)


def _telling(columns: Sequence[_Column], said: Set[str]) -> frozenset[str]:
    """Return the words of the header that stand above some columns only.

    The first column names the row. A column whose words the sentence says is named for them, not
    for a figure; one with a dash or nothing below its name may be named in error.
    """
    everywhere = [column.names for column in columns[1:] if column.cell or not column.words & said]
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
        _Column(_figures(cell, language), _words(cell, language), frozenset(each))
        for cell, each in zip(cells, names, strict=True)
    ]


def _figures(cell: str, language: str) -> frozenset[str]:
    return frozenset(
        token.stem for token in tokens(cell, language) if token.kind in ("number", "year")
    )


def _words(cell: str, language: str) -> frozenset[str]:
    return frozenset(token.stem for token in tokens(cell, language)) - _figures(cell, language)


def _split(row: str) -> list[str]:
    inner = row.strip("\n")
    if inner.lstrip().startswith("|"):
        inner = inner.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in _CELLS.split(inner)]
