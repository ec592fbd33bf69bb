"""Find the classes and functions of source code, so that it is cut where they begin."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from citewell.ingest.readers.source_languages import Language, Rule
from citewell.retrieval.values import Heading

LONGEST_LINE = 500
"""Characters. What is longer was put together by a program and defines nothing for a reader."""

LEAST_REST = 150
"""Characters of code between definitions from which it is told from the one before it."""

_BODY = re.compile(r"[^;{}]{0,2000}(?:\{|=>)")
_LINE = re.compile(r"[^\n]*\n?")
_INDENT = re.compile(r"[ \t]*")


@dataclass(slots=True)
class Definition:
    """A class or function: where its lines begin and end, with the comments directly above it.

    Attributes:
        level: 1 at the top, 2 for a method of a class, and so on.
    """

    title: str
    level: int
    start: int
    end: int


def definition_headings(text: str, found: Sequence[Definition], name: str) -> tuple[Heading, ...]:
    """Return a heading for each definition, and for the code between them that is long enough.

    That code has the heading of the definition around it, or ``name`` where there is none.

    Args:
        text: The source code.
        found: In order of ``start``; each is within another or apart from it.
        name: What to call the whole.
    """
    headings: list[Heading] = []
    around = [Definition(name, 1, 0, len(text))]
    for each in [*found, Definition("", 0, len(text), len(text))]:
        while len(around) > 1 and around[-1].end <= each.start:
            end = around.pop().end
            headings += _rest(text, end, min(each.start, around[-1].end), around[-1])
        if each.title:
            headings.append(Heading(each.level, each.title, each.start))
            around.append(each)
    return tuple(headings)


def _rest(text: str, start: int, end: int, around: Definition) -> Iterator[Heading]:
    rest = text[start:end]
    if len(rest.strip()) >= LEAST_REST:
        blank = len(rest) - len(rest.lstrip())
        yield Heading(around.level, around.title, text.rfind("\n", 0, start + blank) + 1)


def find_definitions(text: str, language: Language) -> list[Definition]:
    """Return the definitions that a language's rules see, by their indentation, in order."""
    scan = _Scan(text, language)
    for line in _LINE.finditer(text):
        scan.take(line[0].rstrip(), line.start())
    return scan.finish()


@dataclass(slots=True)
class _Open:
    """A definition that lines may still belong to."""

    definition: Definition
    indent: int
    holds: bool


class _Scan:
    """Where a scan line by line stands."""

    def __init__(self, text: str, language: Language) -> None:
        self._text = text
        self._language = language
        self._found: list[Definition] = []
        self._open: list[_Open] = []
        self._comment = False
        self._above: int | None = None

    def take(self, line: str, start: int) -> None:
        """Look at the next line, which stands at an offset."""
        indent = _INDENT.match(line).end()  # type: ignore[union-attr]
        width = len(line[:indent].expandtabs(4))
        words = line[indent:]
        if self._comment or not words or len(words) > LONGEST_LINE:
            self._comment = self._comment and "*/" not in words
            self._above = self._above if words else None
            return
        self._comment = words.startswith("/*") and "*/" not in words
        if not self._language.goes_on.match(words) or self._language.above.match(words):
            self._close(width, start)
        title = None if self._comment else self._define(words, start, indent, width)
        if title or not (self._comment or self._language.above.match(words)):
            self._above = None
        elif self._above is None:
            self._above = start

    def finish(self) -> list[Definition]:
        """Return what was found, after the last line."""
        self._close(0, len(self._text))
        return self._found

    def _close(self, width: int, end: int) -> None:
        while self._open and self._open[-1].indent >= width:
            self._open.pop().definition.end = end

    def _define(self, words: str, start: int, indent: int, width: int) -> bool:
        around = self._open[-1] if self._open else None
        if (around and not around.holds) or (width and not self._language.indented):
            return False
        for rule in self._language.rules:
            if rule.member and not around:
                continue
            found = rule.pattern.match(words)
            if found and (not rule.body or _BODY.match(self._text, start + indent)):
                self._add(found.expand(rule.title), start, width, rule)
                return True
        return False

    def _add(self, title: str, start: int, width: int, rule: Rule) -> None:
        first = start if self._above is None else self._above
        definition = Definition(" ".join(title.split()), len(self._open) + 1, first, start)
        self._found.append(definition)
        self._open.append(_Open(definition, width, rule.holds))
