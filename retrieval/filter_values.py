"""The parts of a filter: which documents, and which chunks of them, a search may look at.

Fields are case-insensitive. Those in `TEXT_FIELDS` and `NUMBER_FIELDS`, and ``date``, are always
known; any other names a key of a document's metadata, with or without ``metadata.`` before it, and
one that a document lacks matches nothing. Text is compared without regard to case. A field with
several values, such as ``tag``, matches when any of them does; ``!=`` is the opposite of ``=``, and
so holds where there is no value at all.

A value that is a number compares with numbers, and with the years of dates. A text that is a
month or a day compares as a date: ``2024-03`` equals each of its days and what was dated no
closer, and lies before April.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, get_args

from citewell.retrieval.errors import FilterError

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]
"""``~`` is "contains"."""

Value = str | int | float

OPERATORS: tuple[str, ...] = get_args(Operator)
TEXT_FIELDS = ("document", "title", "folder", "type", "language", "heading", "tag")
NUMBER_FIELDS = ("year", "page")
FIELDS = (*TEXT_FIELDS, *NUMBER_FIELDS, "date")

TAG_KEYS = ("tags", "tag", "keywords", "keyword")
"""Keys of metadata whose values are tags; in a filter each stands for ``tag``."""

MOST_TERMS = 200
"""SQLite takes expressions up to 1,000 levels deep, and a row of ANDs is as deep as it is long."""
MOST_DEPTH = 30
MOST_CHOICES = 1000
MOST_VALUES = 5000
"""SQLite takes 32,766 parameters, and a value that is a tag is three."""

_WHOLE_DIGITS = 15  # what a float can hold exactly
_NUMBER = re.compile(rf"-?(0|[1-9][0-9]{{0,{_WHOLE_DIGITS - 1}}})(\.[0-9]+)?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Compare:
    """A field beside a value, such as ``year >= 2024``."""

    field: str
    operator: Operator
    value: Value

    def __post_init__(self) -> None:
        """Raises FilterError for what no document could be compared with."""
        if self.operator not in OPERATORS:
            known = " ".join(OPERATORS)
            raise FilterError(f"{self.operator!r} is no operator. Write one of {known}.")
        object.__setattr__(self, "field", _checked_field(self.field))
        contains = self.operator == "~"
        if contains and self.field in NUMBER_FIELDS:
            raise FilterError(f"A {self.field} is a number and contains nothing. Write = or <.")
        checked = _checked_words if contains else _checked_value
        value = checked(self.field, self.value)
        object.__setattr__(self, "value", value)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field that equals any of some values, such as ``type in (pdf, docx)``."""

    field: str
    values: tuple[Value, ...]

    def __post_init__(self) -> None:
        """Raises FilterError for what no document could be compared with."""
        object.__setattr__(self, "field", _checked_field(self.field))
        if not 1 <= len(self.values) <= MOST_CHOICES:
            raise FilterError(
                f"{self.field!r} is compared with {len(self.values)} values. "
                f"Give from 1 to {MOST_CHOICES}."
            )
        values = tuple(_checked_value(self.field, value) for value in self.values)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True, slots=True)
class Exists:
    """A field that has a value."""

    field: str

    def __post_init__(self) -> None:
        """Raises FilterError if the field is blank."""
        object.__setattr__(self, "field", _checked_field(self.field))


@dataclass(frozen=True, slots=True)
class Not:
    """What a filter leaves out."""

    part: "Filter"

    def __post_init__(self) -> None:
        """Raises FilterError if it nests too deeply."""
        _check_size(self)


@dataclass(frozen=True, slots=True)
class AllOf:
    """What all of two or more filters keep."""

    parts: tuple["Filter", ...]

    def __post_init__(self) -> None:
        """Raises FilterError if it is too large, or has fewer than two parts."""
        object.__setattr__(self, "parts", _checked_parts("AllOf", self.parts))
        _check_size(self)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What any of two or more filters keeps."""

    parts: tuple["Filter", ...]

    def __post_init__(self) -> None:
        """Raises FilterError if it is too large, or has fewer than two parts."""
        object.__setattr__(self, "parts", _checked_parts("AnyOf", self.parts))
        _check_size(self)


Filter: TypeAlias = Compare | OneOf | Exists | Not | AllOf | AnyOf


def as_key(name: str) -> str:
    """Return the name of a field or of a key of metadata as both are compared."""
    return " ".join(name.lower().split())


def bare_key(key: str) -> str:
    """Return a key without the ``metadata.`` before it."""
    return re.sub(r"^(metadata\. ?)+(?=.)", "", key)


def as_field(name: str) -> str:
    """Return the field that a name in a filter stands for, as ``tag`` for "Tags".

    A key of metadata that is named like a field keeps its ``metadata.``; others need none.
    """
    key = as_key(name)
    bare = bare_key(key)
    if bare in FIELDS:
        return bare if bare == key else f"metadata.{bare}"
    return "tag" if bare in TAG_KEYS else bare


def number_of(text: str) -> float | None:
    """Return the number that a text is; None for others, such as 007 or more than 15 digits."""
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day as ISO 8601 writes them (2024, 2024-03 ...)."""
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat((text + "-01-01")[: len("2024-03-15")])
    except ValueError:
        return False
    return True


def terms(filter: Filter) -> list[Compare | OneOf | Exists]:
    """Return the comparisons of a filter, in order."""
    match filter:
        case AllOf(parts) | AnyOf(parts):
            return [term for part in parts for term in terms(part)]
        case Not(part):
            return terms(part)
        case _:
            return [filter]


def _checked_field(field: str) -> str:
    field = as_field(_checked_text(field))
    if not field:
        raise FilterError(f"A field is blank. Name one of {', '.join(FIELDS)}, or a metadata key.")
    return field


def _checked_text(value: Value) -> str:
    text = value if isinstance(value, str) else str(_checked_number(value))
    if re.search("[\ud800-\udfff]", text):
        raise FilterError(f"{text!r} is not Unicode text. Replace the lone surrogates in it.")
    return text


def _checked_words(field: str, value: Value) -> str:
    text = _checked_text(value)
    return text.lstrip(".") if field == "type" else text


def _checked_number(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FilterError(f"{value!r} is neither text nor a number. Write it as text.")
    if not abs(value) < 10**_WHOLE_DIGITS:  # nor is what is no number
        raise FilterError(
            f"{value!r} has more than {_WHOLE_DIGITS} digits. Write it as text, in quotes."
        )
    return value if isinstance(value, int) else float(value)  # NumPy has floats of its own


def _checked_value(field: str, value: Value) -> Value:
    """Return a value as its field compares it: page "3" as the number 3, tag 7 as the text "7"."""
    if field in TEXT_FIELDS:
        return _checked_words(field, value)
    if field in NUMBER_FIELDS:
        return _as_number(field, value)
    if field == "date":
        return _as_date(value)
    return _checked_text(value) if isinstance(value, str) else _checked_number(value)


def _as_number(field: str, value: Value) -> float:
    number = number_of(value) if isinstance(value, str) else _checked_number(value)
    if number is None:
        example = "2024" if field == "year" else "3"
        raise FilterError(f"{value!r} is no {field}. Write a number, such as {field} = {example}.")
    if field == "page" and (number < 0 or number != int(number)):
        raise FilterError(f"{value!r} is no page. Write a whole number, such as page = 3.")
    return number


def _as_date(value: Value) -> Value:
    """Return a year as a number, a month or a day as text."""
    text = value if isinstance(value, str) else str(_checked_number(value))
    if not is_date(text):
        raise FilterError(f"{value!r} is no date. Write it as 2024, 2024-03 or 2024-03-15.")
    return int(text) if len(text) == len("2024") else text


def _checked_parts(kind: str, parts: tuple[Filter, ...]) -> tuple[Filter, ...]:
    if len(parts) < 2:
        raise FilterError(f"{kind} has {len(parts)} parts and needs two. Use the part by itself.")
    return tuple(parts)  # a list would not be hashable, and could be changed


def _check_size(filter: Filter) -> None:
    """Refuse early what would end in a stack overflow: each part was checked when it was made."""
    found = terms(filter)
    for term in found:
        if not isinstance(term, Compare | OneOf | Exists):
            raise FilterError(f"{term!r} is no filter. Make it with parse_filter or Compare(...).")
    if len(found) > MOST_TERMS:
        raise FilterError(
            f"The filter has more than {MOST_TERMS} comparisons. "
            "Compare one field with many values like this: tag in (a, b, c)."
        )
    if sum(len(term.values) for term in found if isinstance(term, OneOf)) > MOST_VALUES:
        raise FilterError(
            f"The filter has more than {MOST_VALUES:,} values in lists. Search several times."
        )
    if _depth(filter) > MOST_DEPTH:
        raise FilterError(f"The filter nests more than {MOST_DEPTH} deep. Take it apart.")


def _depth(filter: Filter) -> int:
    match filter:
        case AllOf(parts) | AnyOf(parts):
            return 1 + max(_depth(part) for part in parts)
        case Not(part):
            return 1 + _depth(part)
        case _:
            return 0
