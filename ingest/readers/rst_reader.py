"""Read reStructuredText. The text is kept as it stands but for the options of directives.

Nothing is included: an ``include::`` stays a line of text.
Source: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html
"""

import re
from collections.abc import Iterator
from pathlib import Path

from citewell.ingest.readers.blocks import LONGEST_HEADING
from citewell.ingest.readers.text_reader import load_text
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.retrieval.values import Document, Heading

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*$")
_DIRECTIVE = re.compile(r"([ \t]*)\.\. (?:\|[^|]+\| )?[\w:.+-]+::")
_OPTION = re.compile(r"([ \t]+):[\w-]+:(?:[ \t].*)?$")
_ROLE = re.compile(r":[\w:.+-]+:(?=`)")
_LITERAL = re.compile(r"`+([^`<>]+)(?: <[^<>]*>)?`+_{0,2}")

SHORTEST_ADORNMENT = 3
"""Characters from which an underline may be shorter than its title, as docutils warns of."""


def read_rst(path: Path, name: str) -> list[Document]:
    """Return the file as one document with its headings.

    Raises:
        ReadError: If it is not text, or blank.
    """
    text = "\n".join(_without_options(load_text(path).split("\n")))
    headings = find_rst_headings(text)
    title = choose_title(name, main_heading(headings))
    return [Document(name=name, title=title, text=text, headings=headings)]


def find_rst_headings(text: str) -> tuple[Heading, ...]:
    """Return the headings: lines with an underline, and an overline or not.

    A level is a kind of line, the first one met the highest.
    """
    lines = text.split("\n")
    starts = _starts(lines)
    styles: list[str] = []
    headings: list[Heading] = []
    number = 0
    while number < len(lines):
        found = _title_at(lines, number)
        if found and len(found[1]) <= LONGEST_HEADING:
            style, title, taken = found
            if style not in styles:
                styles.append(style)
            level = styles.index(style) + 1
            headings.append(Heading(level, _plain(title), starts[number]))
            number += taken
        else:
            number += 1
    return tuple(headings)


def _starts(lines: list[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _title_at(lines: list[str], number: int) -> tuple[str, str, int] | None:
    """Return the style, title and count of lines of a heading that begins at a line."""
    line = lines[number].rstrip()
    below = lines[number + 1].rstrip() if number + 1 < len(lines) else ""
    if _is_adornment(line):
        under = lines[number + 2].rstrip() if number + 2 < len(lines) else ""
        if under == line and below.strip() and not _is_adornment(below):
            return line[0] * 2, below.strip(), 3
        return None
    above = lines[number - 1] if number else ""
    alone = not above.strip() or _is_adornment(above)
    if not line or line[0].isspace() or not alone or not _is_adornment(below):
        return None
    return (below[0], line, 2) if len(below) >= min(len(line), SHORTEST_ADORNMENT) else None


def _is_adornment(line: str) -> bool:
    return _ADORNMENT.match(line) is not None


def _plain(title: str) -> str:
    """Return a heading without its markup."""
    title = _LITERAL.sub(r"\1", _ROLE.sub("", title))
    return re.sub(r"\*\*?(?=\S)(.+?)(?<=\S)\*\*?", r"\1", title).strip()


def _without_options(lines: list[str]) -> Iterator[str]:
    """Yield the lines but for ``:name: value`` directly below a directive."""
    inside: int | None = None
    for line in lines:
        option = _OPTION.match(line)
        if inside is not None and option and len(option[1]) > inside:
            continue
        directive = _DIRECTIVE.match(line)
        inside = len(directive[1]) if directive else None
        yield line
