"""Examples about tables: rows as evidence shows them, looked up, compared, or not there."""

import random
from dataclasses import dataclass, replace

from citewell.app.answer_values import Evidence
from citewell.app.drafting import NOT_FOUND
from citewell.app.tuning.examples import Example, Split
from citewell.app.tuning.mixture import TABLES_COMPARED, TABLES_NOT_FOUND, TABLES_WITH_PROSE
from citewell.app.tuning.table_domains import DOMAINS, Column, Domain
from citewell.app.tuning.targets import told

SOURCE = "made tables"

_GROUPED = 10_000
"""From this number on, thousands are set apart with a comma in some tables."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with made-up values.

    Attributes:
        cells: Of each row that is shown, its name first.
        others: Names of rows that are not shown.
    """

    domain: Domain
    columns: tuple[Column, ...]
    cells: tuple[tuple[str, ...], ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question about a table.

    Attributes:
        said: The words that answer; blank where the table does not.
        rows: Places of the rows that are needed, from 0.
        wrong: Words that do not answer, with the place of their row.
    """

    text: str
    said: str
    rows: tuple[int, ...]
    wrong: tuple[tuple[str, int], ...]


def table_example(
    document: str, split: Split, prose: Evidence | None, pick: random.Random
) -> Example:
    """Return an example about a table that was made up.

    Args:
        prose: Evidence of another document that may stand among the rows.
    """
    table = _made(pick)
    asked = _asked(table, pick)
    places = list(range(len(table.cells)))
    pick.shuffle(places)
    evidence = [_row(table, place, document) for place in places]
    if prose and len(evidence) < 4 and pick.random() < TABLES_WITH_PROSE:
        evidence.insert(pick.randint(0, len(evidence)), prose)
    evidence = [replace(item, number=at) for at, item in enumerate(evidence, 1)]
    numbers = {item.start: item.number for item in evidence if item.document == document}
    markers = sorted(numbers[place] for place in asked.rows)
    wrong = [told(said, [numbers[place]]) for said, place in asked.wrong]
    if asked.said and len(evidence) > 1:
        others = [item.number for item in evidence if item.number not in markers]
        wrong += [told(asked.said, [pick.choice(others)])] if others else []
    target = told(asked.said, markers) if asked.said else NOT_FOUND
    wrong += [NOT_FOUND] if asked.said else []
    return Example(
        id=document,
        split=split,
        kind="table",
        source=SOURCE,
        document=document,
        question=asked.text,
        evidence=tuple(evidence),
        target=target,
        rejected=tuple(dict.fromkeys(each for each in wrong if each != target))[:3],
        answers=(asked.said,) if asked.said else (),
    )


def _made(pick: random.Random) -> _Table:
    domain = pick.choice(DOMAINS)
    rows = pick.sample(domain.rows, len(domain.rows))
    count = pick.choice((1, 2, 3, 3, 4, 4))
    columns = pick.sample(domain.columns, pick.randint(2, len(domain.columns)))
    values = [_values(column, count, pick) for column in columns]
    cells = tuple((rows[i], *(column[i] for column in values)) for i in range(count))
    return _Table(domain, tuple(columns), cells, tuple(rows[count:]))


def _values(column: Column, count: int, pick: random.Random) -> list[str]:
    """Return a value for each row; numbers differ, so that one of them is the greatest."""
    match column.values:
        case (int() as first, int() as last, int() as step):
            found = pick.sample(range(first, last, step), count)
            return [
                f"{each:,}{column.unit}" if last >= _GROUPED else f"{each}{column.unit}"
                for each in found
            ]
        case words:
            return [str(pick.choice(words)) for _ in range(count)]


def _asked(table: _Table, pick: random.Random) -> _Asked:
    if pick.random() < TABLES_NOT_FOUND:
        return _not_there(table, pick)
    if len(table.cells) > 1 and pick.random() < TABLES_COMPARED:
        numeric = [place for place, column in enumerate(table.columns, 1) if column.most]
        if numeric:
            return _compared(table, pick.choice(numeric), pick)
    return _looked_up(table, pick)


def _looked_up(table: _Table, pick: random.Random) -> _Asked:
    row = pick.randrange(len(table.cells))
    at = pick.randint(1, len(table.columns))
    said = table.cells[row][at]
    other_rows = [(cells[at], place) for place, cells in enumerate(table.cells) if place != row]
    other_cells = [(each, row) for i, each in enumerate(table.cells[row][1:], 1) if i != at]
    wrong = [pick.choice(ways) for ways in (other_rows, other_cells) if ways]
    text = table.columns[at - 1].asked.format(table.cells[row][0])
    return _Asked(text, said, (row,), tuple(each for each in wrong if each[0] != said))


def _compared(table: _Table, at: int, pick: random.Random) -> _Asked:
    """Ask which row, of two named ones or of all, has the greatest number."""
    column = table.columns[at - 1]
    rows = list(range(len(table.cells)))
    if pick.random() < 0.5:
        rows = pick.sample(rows, 2)
        text = column.more.format(*(table.cells[row][0] for row in rows))
    else:
        text = column.most
    best = max(rows, key=lambda row: _number(table.cells[row][at], column))
    wrong = [(table.cells[row][0], row) for row in rows if row != best]
    return _Asked(text, table.cells[best][0], tuple(rows), tuple(wrong[:2]))


def _number(cell: str, column: Column) -> int:
    return int(cell.removesuffix(column.unit).replace(",", ""))


def _not_there(table: _Table, pick: random.Random) -> _Asked:
    """Ask for a row that is not shown or for what no column says."""
    row = pick.randrange(len(table.cells))
    at = pick.randint(1, len(table.columns))
    if pick.random() < 0.5:
        text = table.columns[at - 1].asked.format(pick.choice(table.others))
    else:
        text = pick.choice(table.domain.missing).format(table.cells[row][0])
    return _Asked(text, "", (), ((table.cells[row][at], row),))


def _row(table: _Table, place: int, document: str) -> Evidence:
    header = f"| {' | '.join((table.domain.name, *(each.name for each in table.columns)))} |"
    return Evidence(
        number=place + 1,
        document=document,
        title=table.domain.title,
        start=place,
        end=place + 1,
        text=f"| {' | '.join(table.cells[place])} |",
        headings=(),
        rank=1,
        score=0.0,
        header=header,
    )
