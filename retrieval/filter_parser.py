"""Read the text of a filter, by recursive descent.

The grammar, in which words in capitals may be written in any case::

    any        = all { OR all }
    all        = opposite { AND opposite }
    opposite   = { NOT } part
    part       = "(" any ")" | comparison
    comparison = text EXISTS | text IN "(" text { "," text } ")" | text operator text
    operator   = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~"
    text       = "quoted" | 'quoted' | “quoted” | bare

A backslash in quotes stands for the character after it. A bare text that is a number is one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Literal, NoReturn, cast

from citewell.retrieval.errors import FilterError
from citewell.retrieval.filter_values import (
    FIELDS,
    MOST_DEPTH,
    OPERATORS,
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
    as_field,
    is_date,
    number_of,
)

MOST_CHARACTERS = 20_000
KEYWORDS = ("and", "or", "not", "in", "exists")
BARE = r"""[^\s()"'“”„‘«»,=!<>~&|][^\s(),=!<>~&|"“”„«»]*"""

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<mark>[(),])"""
    r"""|(?P<printed>[“”„][^“”„]*[“”]|‘[^‘’]*’|«[^«»]*»|»[^«»]*«)"""
    rf"""|(?P<operator>[=!<>~&|]+)|(?P<word>{BARE})|(?P<open>["'“”„‘«»])""",
    re.DOTALL,
)
_CLOSING = {"“": "”", "„": "“", "‘": "’", "«": "»", "»": "«"}
_MEANT = {
    **{"==": "=", "===": "=", "<>": "!=", "=<": "<=", "=>": ">=", "=~": "~", "~=": "~"},
    **{"is": "=", "equals": "=", "like": "~", "contains": "~", "has": "~", "matches": "~"},
    **{"&": "and", "&&": "and", "|": "or", "||": "or", "!": "not"},
}
_Kind = Literal["quoted", "mark", "operator", "word", "end"]
_SHOWN = 60  # characters of a long filter shown before and after the mistake


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a filter: ``text`` is what it says, without quotes, and ``raw`` as written."""

    kind: _Kind
    raw: str
    text: str
    start: int

    def is_keyword(self, *keywords: str) -> bool:
        """Whether this is one of the keywords."""
        return self.kind == "word" and self.text.lower() in keywords


def parse_filter(text: str) -> Filter:
    """Return the filter that a text such as ``tag = "hr" and year >= 2024`` stands for.

    Raises:
        FilterError: If it is none. The message shows the place and what would be right there.
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError(
            f"The filter {text[:_SHOWN]!r}... has {len(text):,} characters. "
            f"Give at most {MOST_CHARACTERS:,}."
        )
    return _Parser(text).whole()


def mistake(text: str, at: int, problem: str) -> FilterError:
    """Return an error that shows a filter with a caret below the mistake."""
    first, last = max(0, at - _SHOWN), at + _SHOWN
    before = ("..." if first else "") + text[first:at]
    after = text[at:last] + ("..." if last < len(text) else "")
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]", " ", f"  {before}{after}")
    return FilterError(f"{problem}\n{line}\n{' ' * (len(before) + 2)}^")


class _Parser:
    """Reads tokens from left to right; each method reads one rule of the grammar."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Filter:
        if self._at("end"):
            raise FilterError('The filter is blank. Write one such as: tag = "hr"')
        found = self._any()
        if not self._at("end"):
            self._expected("`and`, `or` or the end", ("and", "or"))
        return found

    def _any(self) -> Filter:
        return self._joined("or", self._all, AnyOf)

    def _all(self) -> Filter:
        return self._joined("and", self._opposite, AllOf)

    def _joined(
        self, word: str, part: Callable[[], Filter], join: type[AllOf] | type[AnyOf]
    ) -> Filter:
        start = self._token.start
        parts = [part()]
        while self._token.is_keyword(word):
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else self._made(start, partial(join, tuple(parts)))

    def _opposite(self) -> Filter:
        start = self._token.start
        count = 0
        while self._token.is_keyword("not"):
            self._take()
            count += 1
        found = self._part()
        for _ in range(count):
            found = self._made(start, partial(Not, found))
        return found

    def _part(self) -> Filter:
        if not self._at("mark", "("):
            return self._comparison()
        opened = self._take()
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise mistake(self._text, opened.start, f"The filter nests over {MOST_DEPTH} deep.")
        found = self._any()
        if self._at("end"):
            raise mistake(self._text, opened.start, "This parenthesis is never closed. Add a `)`.")
        self._take_mark(")", "`and`, `or` or `)`", ("and", "or"))
        self._depth -= 1
        return found

    def _comparison(self) -> Filter:
        start = self._token.start
        field = self._take_text("a field, such as tag or year")
        if self._token.is_keyword("exists"):
            self._take()
            return self._made(start, partial(Exists, field.text))
        if self._token.is_keyword("in"):
            self._take()
            values = self._values(field)
            return self._made(start, partial(OneOf, field.text, values))
        if not self._at("operator", *OPERATORS):
            self._no_operator(field)
        operator = cast(Operator, self._take().text)
        token = self._take_text("a value")
        if self._at("mark", ","):
            self._expected("`and`, `or` or the end", hint=self._listed(field, operator, token))
        self._check_ordered(field, operator, token)
        value = token.text if operator == "~" else _value(field.text, token)
        return self._made(token.start, partial(Compare, field.text, operator, value))

    def _no_operator(self, field: _Token) -> NoReturn:
        token, after = self._token, self._after
        compares = after.kind == "operator" or after.is_keyword("in", "exists")
        hint = ""
        if token.is_keyword("not"):
            hint = f"Write: not {field.raw} {after.raw if compares else '='} ..."
        elif not compares:
            hint = "An operator such as = is missing."
        known = f"{' '.join(OPERATORS)} `in` or `exists`"
        wanted = f"one of {known} after {field.raw}"
        self._expected(wanted, (*OPERATORS, "in", "exists"), hint)

    def _values(self, field: _Token) -> tuple[Value, ...]:
        first = self._token.raw
        bracket = self._at("word") and first[0] in "[{"
        listed = f"Write the list in parentheses: {field.raw} in ({first[1:] or '...'}, ...)."
        self._take_mark("(", 'a list, such as ("a", "b")', hint=listed if bracket else "")
        found = [_value(field.text, self._take_text("a value"))]
        while self._at("mark", ","):
            self._take()
            found.append(_value(field.text, self._take_text("a value")))
        self._take_mark(")", "`,` or `)`")
        return tuple(found)

    def _listed(self, field: _Token, operator: str, value: _Token) -> str:
        """Say what is right instead of a comma after a value."""
        if operator[0] in "<>":
            return "A number has no comma: write 9.50 or 10000."
        negated = "not " if operator == "!=" else ""
        return (
            f"Several values are a list: {negated}{field.raw} in ({value.raw}, {self._after.raw})."
        )

    def _check_ordered(self, field: _Token, operator: str, value: _Token) -> None:
        """Refuse a word where a number was most likely meant: as text it would compare wrongly."""
        text = value.text
        if operator[0] not in "<>" or value.kind != "word" or as_field(field.text) in FIELDS:
            return
        if number_of(text) is None and not is_date(text):
            shown = text[:_SHOWN]
            problem = (
                f"{shown} is neither a number such as 10000 nor a date such as 2024-03. "
                f'Put it into quotes to compare it as text: {field.raw} {operator} "{shown}".'
            )
            raise mistake(self._text, value.start, problem)

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    @property
    def _after(self) -> _Token:
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def _at(self, kind: _Kind, *texts: str) -> bool:
        token = self._token
        return token.kind == kind and (not texts or token.text in texts)

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _take_text(self, wanted: str) -> _Token:
        token = self._token
        if token.kind not in {"quoted", "word"}:
            self._expected(wanted)
        if token.is_keyword(*KEYWORDS):
            quoted = f'Write "{token.raw}" for text that is a keyword.'
            raise mistake(self._text, token.start, f"Expected {wanted}, not {token.raw}. {quoted}")
        return self._take()

    def _take_mark(
        self, mark: str, wanted: str, meant: tuple[str, ...] = (), hint: str = ""
    ) -> None:
        if not self._at("mark", mark):
            self._expected(wanted, meant, hint)
        self._take()

    def _expected(self, wanted: str, known: tuple[str, ...] = (), hint: str = "") -> NoReturn:
        """Raise what says that the next token is not the one wanted."""
        token = self._token
        found = "the end" if token.kind == "end" else token.raw[:_SHOWN]
        problem = f"Expected {wanted}, not {found}."
        word = token.text.lower()
        close = get_close_matches(word, [each for each in known if each.isalpha()], n=1)
        meant = _MEANT.get(word) or (close[0] if close else "")
        if meant:
            problem += f" Did you mean `{meant}`?"
        elif hint:
            problem += f" {hint}"
        elif known and token.kind in {"word", "quoted"}:
            problem += " Put text of several words into quotes."
        raise mistake(self._text, token.start, problem)

    def _made(self, start: int, make: Callable[[], Filter]) -> Filter:
        """Make a part of the filter; what it refuses is shown at its place."""
        try:
            return make()
        except FilterError as error:
            raise mistake(self._text, start, str(error)) from None


def _value(field: str, token: _Token) -> Value:
    """Return a bare number as one; a field of text takes it as it is written: 1.50, not 1.5."""
    number = None
    if token.kind == "word" and as_field(field) not in TEXT_FIELDS:
        number = number_of(token.text)
    return token.text if number is None else number


def _token(kind: str, raw: str, start: int) -> _Token:
    if kind == "printed":  # by a word processor: “so”
        return _Token("quoted", raw, raw[1:-1], start)
    said = re.sub(r"\\(.)", r"\1", raw[1:-1], flags=re.DOTALL) if kind == "quoted" else raw
    return _Token(cast(_Kind, kind), raw, said, start)


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        kind, raw = match.lastgroup, match[0]
        if kind == "open":
            close = _CLOSING.get(raw, raw)
            raise mistake(text, match.start(), f"This quote is never closed. Add a {close}.")
        if kind != "space":
            found.append(_token(cast(str, kind), raw, match.start()))
    return [*found, _Token("end", "", "", len(text))]
