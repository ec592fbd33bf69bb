"""Filters as conditions in SQL, over the joined tables ``chunks`` and ``documents``.

What a user wrote comes into a statement only as a parameter. Most fields are rows of ``facts``,
whose indexes find the documents of a key and value without a look at others; tags that users gave
are in ``marks``, and headings and pages are compared chunk by chunk.
"""

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import contains, eq, ge, gt, le, lt
from typing import assert_never

from citewell.retrieval.facts import plain
from citewell.retrieval.filter_values import (
    TEXT_FIELDS,
    AllOf,
    AnyOf,
    Compare,
    Exists,
    Filter,
    Not,
    OneOf,
    Operator,
    Value,
    is_date,
)

Sql = tuple[str, list[str | float | int]]

_LAST = "\U0010ffff"
"""After every text that begins with the same characters."""

_IS_DATE = "(number IS NOT NULL AND (text GLOB '[0-9][0-9][0-9][0-9]' OR substr(text, 5, 1) = '-'))"
"""Of a fact: whether it is a date. Other text that begins like one has no number."""

_OF_FACTS = "documents.id IN (SELECT document FROM facts WHERE key = ? AND {})"
_MARKED = (
    "(SELECT collection, name AS low, CASE WHEN name = '' OR substr(name, -1) = '/'"
    " THEN name || char(1114111) ELSE name END AS high"
    " FROM marks WHERE kind = 'tag' AND {value}) AS marked"
)
"""A mark of a folder ends in a slash and holds for all names that begin so; a blank one for all."""

_OF_TAGS = (
    "documents.id IN (SELECT document FROM facts WHERE key = 'tag' AND {text}"
    f" UNION ALL SELECT tagged.id FROM {_MARKED} CROSS JOIN documents AS tagged"
    " ON tagged.collection = marked.collection AND tagged.name BETWEEN low AND high"
    f" UNION ALL SELECT within.id FROM {_MARKED} CROSS JOIN files"
    " ON files.collection = marked.collection AND files.name BETWEEN low AND high"
    " JOIN documents AS within ON within.file = files.id)"
)
_OF_HEADINGS = (
    "(has_heading(chunks.headings, '{operator}', ?)"
    " OR chunks.key IN (SELECT found.value FROM documents AS held CROSS JOIN json_each("
    "with_heading(held.headings, '{operator}', ?,"
    " (SELECT json_group_array(json_array(key, span_start, span_end))"
    " FROM chunks AS its WHERE its.document = held.id))) AS found WHERE held.headings <> '[]'))"
)
"""Those above a passage, or of a section that begins in it; a document's are read once for all."""

_BETWEEN = "\x1f"
"""Between the values that a heading may have; `plain` leaves none in text."""

_OF_LANGUAGE = "(documents.language <> '' AND {})"
_OF_PAGES: dict[Operator, str] = {
    "=": "(page_start IS NOT NULL AND page_start <= ? AND page_end >= ?)",
    "<": "(page_start IS NOT NULL AND page_start < ?)",
    "<=": "(page_start IS NOT NULL AND page_start <= ?)",
    ">": "(page_end IS NOT NULL AND page_end > ?)",
    ">=": "(page_end IS NOT NULL AND page_end >= ?)",
}


_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    **{"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge, "~": contains},
    "in": lambda heading, values: heading in values.split(_BETWEEN),
    "exists": lambda heading, _: True,
}


def prepare(connection: sqlite3.Connection) -> None:
    """Let statements on a connection call what conditions on tags and headings need.

    SQLite's own functions know no other letters than those of English.
    """
    connection.create_function("plain", 1, lru_cache(maxsize=4096)(plain), deterministic=True)
    connection.create_function("has_heading", 3, _has_heading, deterministic=True)
    connection.create_function("with_heading", 4, _with_heading, deterministic=True)


@lru_cache(maxsize=4096)  # chunks of one section, which follow each other, have the same
def _has_heading(headings: str, operator: str, value: str) -> bool:
    compares = _COMPARISONS[operator]
    return any(compares(plain(heading), value) for heading in json.loads(headings))


def _with_heading(headings: str, operator: str, value: str, spans: str) -> str:
    """Return the keys of a document's chunks, of these spans, in which such a heading begins."""
    compares = _COMPARISONS[operator]
    found: list[tuple[int, str, int]] = json.loads(headings)  # level, title, start
    starts = sorted(start for _, title, start in found if compares(plain(title), value))
    if not starts:
        return "[]"
    chunks: list[tuple[int, int, int]] = json.loads(spans)  # key, start, end
    last = len(starts)
    at = [(key, bisect_left(starts, start), end) for key, start, end in chunks]
    return json.dumps([key for key, next_, end in at if next_ < last and starts[next_] < end])


def condition(filter: Filter) -> Sql:
    """Return what is true of the chunks and documents that a filter keeps, and its parameters.

    The connection must have been given to `prepare`.
    """
    match filter:
        case AllOf(parts):
            return _joined("AND", [condition(part) for part in parts])
        case AnyOf(parts):
            return _joined("OR", [condition(part) for part in parts])
        case Not(part):
            sql, values = condition(part)
            return f"NOT {sql}", values
        case Compare(field, "!=", value):
            sql, values = _one_of(field, [value])
            return f"NOT {sql}", values
        case Compare(field, "=", value):
            return _one_of(field, [value])
        case OneOf(field, choices):
            return _one_of(field, choices)
        case Compare(field, operator, value):
            return _compared(field, operator, value)
        case Exists(field):
            return _exists(field)
        case _:
            assert_never(filter)


def _joined(operator: str, parts: Sequence[Sql]) -> Sql:
    """Join conditions as a tree of even height: SQLite refuses one that is deep."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    left, first = _joined(operator, parts[:middle])
    right, second = _joined(operator, parts[middle:])
    return f"({left} {operator} {right})", [*first, *second]


def _one_of(field: str, values: Sequence[Value]) -> Sql:
    if field == "page":
        return _joined("OR", [(_OF_PAGES["="], [float(each), float(each)]) for each in values])
    if field == "heading":
        return _of_headings("in", _BETWEEN.join(plain(str(each)) for each in values))
    texts, numbers, dates = _sorted(field, list(dict.fromkeys(values)))
    parts: list[Sql] = []
    if texts:
        parts.append(_of_text(field, f"{{}} IN ({_places(texts)})", texts))
    if numbers:
        parts.append((_OF_FACTS.format(f"number IN ({_places(numbers)})"), [field, *numbers]))
    for day in dates:
        within = f"text >= ? AND text < ? AND {_IS_DATE}"
        parts.append((_OF_FACTS.format(within), [field, day, day + _LAST]))
    return _joined("OR", parts)


def _sorted(field: str, values: Sequence[Value]) -> tuple[list[str], list[float], list[str]]:
    """Return values by how they compare: as text, as numbers, and as months or days."""
    texts = [str(each) for each in values if isinstance(each, str)]
    dates = [each for each in texts if _is_day(field, each)]
    numbers = [float(each) for each in values if not isinstance(each, str)]
    return [_as_text(field, each) for each in texts if each not in dates], numbers, dates


def _is_day(field: str, text: str) -> bool:
    return field not in TEXT_FIELDS and len(text) > len("2024") and is_date(text)


def _as_text(field: str, text: str) -> str:
    return plain(text).rstrip("/") if field == "folder" else plain(text)


def _compared(field: str, operator: Operator, value: Value) -> Sql:
    if field == "heading":
        return _of_headings(operator, plain(str(value)))
    if operator == "~":
        return _of_text(field, "instr({}, ?) > 0", [plain(str(value))])
    return _ordered(field, operator, value)


def _ordered(field: str, operator: Operator, value: Value) -> Sql:
    if field == "page":
        return _OF_PAGES[operator], [float(value)]
    if not isinstance(value, str):
        return _OF_FACTS.format(f"number {operator} ?"), [field, float(value)]
    if not _is_day(field, value):
        return _of_text(field, f"{{}} {operator} ?", [_as_text(field, value)])
    after = value + _LAST  # what was dated within the month or day counts as that month or day
    bound, strict = (after, operator[0]) if operator in ("<=", ">") else (value, operator)
    return _OF_FACTS.format(f"text {strict} ? AND {_IS_DATE}"), [field, bound]


def _of_text(field: str, test: str, values: Sequence[str]) -> Sql:
    """Return a test of a field's text, with ``{}`` where that stands in it."""
    if field == "tag":
        sql = _OF_TAGS.format(text=test.format("text"), value=test.format("plain(value)"))
        return sql, [*values, *values, *values]
    if field == "language":
        return _OF_LANGUAGE.format(test.format("documents.language")), [*values]
    return _OF_FACTS.format(test.format("text")), [field, *values]


def _of_headings(operator: str, value: str) -> Sql:
    return _OF_HEADINGS.format(operator=operator), [value, value]


def _exists(field: str) -> Sql:
    if field == "page":
        return "page_start IS NOT NULL", []
    if field == "heading":
        return _of_headings("exists", "")
    return _of_text(field, "{} IS NOT NULL", [])


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
