"""Filters of searches and listings, such as ``tag = "hr" and year >= 2024 and not folder = old``.

A filter is a value: read from text by `parse_filter`, or put together from the classes here.
`citewell.retrieval.filter_values` says what fields there are and how they compare.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from difflib import get_close_matches
from typing import get_args

from citewell.retrieval.errors import FilterError
from citewell.retrieval.filter_parser import BARE, KEYWORDS, parse_filter
from citewell.retrieval.filter_values import (
    FIELDS,
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
    number_of,
    terms,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "Compare",
    "Exists",
    "Filter",
    "Not",
    "OneOf",
    "Operator",
    "Value",
    "as_filter",
    "doubtful_fields",
    "parse_filter",
    "show_filter",
]

_OTHER_NAMES = {
    **{"name": "document", "file": "document", "path": "document", "id": "document"},
    **{"directory": "folder", "dir": "folder", "extension": "type", "ext": "type"},
    **{
        "filetype": "type",
        "format": "type",
        "lang": "language",
        "section": "heading",
    },
}


def as_filter(where: str | Filter | None) -> Filter | None:
    """Return a filter given as text or as it is; None for none. Raises FilterError."""
    if isinstance(where, str):
        return parse_filter(where)
    if where is None or isinstance(where, get_args(Filter)):
        return where
    raise FilterError(f"{where!r} is no filter. Write one such as: tag = hr")


def show_filter(filter: Filter) -> str:
    """Write a filter as text, from which `parse_filter` makes the same filter."""
    match filter:
        case Compare(field, operator, value):
            apart = operator[0] in "<>" and not (isinstance(value, str) and is_date(value))
            return f"{_shown(field)} {operator} {_shown(value, quoted=apart)}"
        case OneOf(field, values):
            return f"{_shown(field)} in ({', '.join(map(_shown, values))})"
        case Exists(field):
            return f"{_shown(field)} exists"
        case Not(part):
            return f"not {_in_parentheses(part)}"
        case AllOf(parts):
            return " and ".join(map(_in_parentheses, parts))
        case AnyOf(parts):
            return " or ".join(map(_in_parentheses, parts))


def doubtful_fields(filter: Filter, keys: Collection[str] = ()) -> dict[str, str]:
    """Return the field that was likely meant for each that is none, as year for "yaer".

    Any name may be a key of metadata, so this is for a search that found nothing.

    Args:
        filter: What was asked.
        keys: Those of the metadata there is, as `Store.fact_keys` gives them.
    """
    known = {*FIELDS, *keys}
    asked = (term.field for term in terms(filter))
    close = {
        field: _OTHER_NAMES.get(field)
        or next(iter(get_close_matches(field, sorted(known), n=1)), "")
        for field in asked
        if field not in known
    }
    return {field: meant for field, meant in close.items() if meant}


def _in_parentheses(filter: Filter) -> str:
    shown = show_filter(filter)
    return f"({shown})" if isinstance(filter, AllOf | AnyOf) else shown


def _shown(value: Value, *, quoted: bool = False) -> str:
    if not isinstance(value, str):
        return format(Decimal(repr(value)), "f")
    plain = re.fullmatch(BARE, value) and value.lower() not in KEYWORDS
    if plain and number_of(value) is None and not quoted:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
