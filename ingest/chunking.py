"""Cut a document into chunks that follow its structure.

Headings bind most, then blank lines, then the ends of sentences and of table rows. White space
between chunks is in none of them; every other character of the text is in exactly one.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from citewell.retrieval.sentences import Span, split_sentences
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Heading, Page

SMALL = 150
"""A chunk below this many characters says too little alone: it is joined where it can be."""

INTRODUCTION = 80
"""A line below this many characters that ends in a letter or a colon introduces what follows."""

_BLANK_LINES = re.compile(r"\n\s*\n")
_LINE = re.compile(r"[^\n]+")
_TO_LAST_LINE = re.compile(r".*(?=\n)", re.DOTALL)
_TO_LAST_SPACE = re.compile(r".*(?=\s)", re.DOTALL)
_ROW = re.compile(r"\||[^\n]* \| |[^\n]*\t")


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands under one heading, and under headings before it that have no text.

    Attributes:
        start: Offset of the first heading.
        body: Offset of the last heading, the one that has text.
        end: Offset of the next section.
    """

    start: int
    body: int
    end: int


def chunk(document: Document, settings: ChunkingSettings) -> list[Chunk]:
    """Return the chunks of a document in order; none if it is blank.

    Takes time in proportion to the text, whatever the text is.
    """
    text = document.text
    outline = _Outline(document.headings)
    pages = _Pages(document.pages)
    chunks = []
    for section in _sections(document):
        for start, end in _section_spans(text, section, settings.chars):
            first_page, last_page = pages.between(start, end)
            path = outline.path(section.body if end > section.body >= start else start)
            chunks.append(
                Chunk(document.name, start, end, text[start:end], first_page, last_page, path)
            )
    return chunks


class _Outline:
    """The heading path at each offset."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self._starts = [heading.start for heading in headings]
        self._paths: list[tuple[str, ...]] = [()]
        open_sections: list[Heading] = []
        for heading in headings:
            while open_sections and open_sections[-1].level >= heading.level:
                open_sections.pop()
            open_sections.append(heading)
            self._paths.append(tuple(part.title for part in open_sections))

    def path(self, offset: int) -> tuple[str, ...]:
        return self._paths[bisect_right(self._starts, offset)]


class _Pages:
    """The page at each offset."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._starts = [page.start for page in pages]
        self._numbers = [page.number for page in pages]

    def between(self, start: int, end: int) -> tuple[int | None, int | None]:
        if not self._numbers:
            return None, None
        return self._at(start), self._at(end - 1)

    def _at(self, offset: int) -> int:
        return self._numbers[max(bisect_right(self._starts, offset) - 1, 0)]


def _sections(document: Document) -> Iterator[_Section]:
    """Yield the sections in order; a heading without text goes with the section after it."""
    text, headings = document.text, document.headings
    ends = [heading.start for heading in headings[1:]] + [len(text)]
    first = headings[0].start if headings else len(text)
    if first:
        yield _Section(0, 0, first)
    waiting: int | None = None
    for heading, end in zip(headings, ends, strict=False):
        start = heading.start if waiting is None else waiting
        waiting = start
        if end == len(text) or not _is_heading_alone(text[heading.start : end], heading.title):
            yield _Section(start, heading.start, end)
            waiting = None


def _is_heading_alone(section: str, title: str) -> bool:
    """Tell whether a section holds its heading and nothing else; true of a blank one."""
    section = section.strip()
    if section.startswith("#") and "\n" not in section:
        return True
    if len(section) > 2 * len(title) + 100:
        return False
    return _letters(section) == _letters(title) or not section


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _section_spans(text: str, section: _Section, chars: int) -> list[Span]:
    """Return the spans of a section's chunks: paragraphs packed together, long ones cut."""
    spans: list[Span] = []
    packed = last = (section.start, section.start)
    for paragraph in _paragraphs(text, section.start, section.end):
        start, end = paragraph
        if end - packed[0] > chars and packed[1] - packed[0] >= SMALL:
            whole, start = _leave_introduction(text, packed, last, start)
            spans.append(whole)
            packed = (start, end)
        packed = (packed[0] if packed[1] > packed[0] else start, end)
        if end - packed[0] > chars:
            *wholes, packed = _cut(text, *packed, chars)
            spans.extend(wholes)
        last = paragraph
    if packed[1] > packed[0]:
        spans.append(packed)
    return _without_small_tail(spans, chars)


def _leave_introduction(text: str, packed: Span, last: Span, following: int) -> tuple[Span, int]:
    """Return a chunk, and where the next one starts: at a last line that introduces it, if any."""
    start, end = last
    introduces = end - start < INTRODUCTION and (text[end - 1].isalpha() or text[end - 1] == ":")
    if introduces and start > packed[0]:
        return next(_trimmed(text, packed[0], start)), start
    return packed, following


def _without_small_tail(spans: list[Span], chars: int) -> list[Span]:
    if len(spans) < 2:
        return spans
    *before, (start, _), (tail, end) = spans
    if end - tail >= SMALL or end - start > chars:
        return spans
    return [*before, (start, end)]


def _paragraphs(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretches between blank lines, without white space around them."""
    for gap in _BLANK_LINES.finditer(text, start, end):
        yield from _trimmed(text, start, gap.start())
        start = gap.end()
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the span without white space around it; nothing if it is blank."""
    piece = text[start:end]
    solid = len(piece.strip())
    if solid:
        start += len(piece) - len(piece.lstrip())
        yield start, start + solid


def _cut(text: str, start: int, end: int, chars: int) -> list[Span]:
    """Cut a long stretch at ends of sentences and rows into parts of about equal length."""
    wanted = (end - start) / math.ceil((end - start) / chars)
    atoms = _atoms(text, start, end, chars)
    last = next(atoms)
    parts = [last]
    for atom in atoms:
        begin, stop = parts[-1]
        nearer = (stop - begin) + (atom[1] - begin) <= 2 * wanted
        if nearer and atom[1] - begin <= chars:
            parts[-1] = (begin, atom[1])
        else:
            whole, following = _leave_introduction(text, parts[-1], last, atom[0])
            if atom[1] - following > chars:
                whole, following = parts[-1], atom[0]
            parts[-1:] = [whole, (following, atom[1])]
        last = atom
    return parts


def _atoms(text: str, start: int, end: int, chars: int) -> Iterator[Span]:
    """Yield sentences and rows, those longer than ``chars`` cut at white space."""
    for unit in _line_units(text, start, end):
        whole_row = _ROW.match(text, *unit) and unit[1] - unit[0] <= chars
        for span in [unit] if whole_row else split_sentences(text, *unit):
            yield from _bounded(text, *span, chars)


def _line_units(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield rows one by one, and lines of prose joined with those they run on in."""
    lines = [
        span for line in _LINE.finditer(text, start, end) for span in _trimmed(text, *line.span())
    ]
    width = _usual_width(stop - begin for begin, stop in lines)
    first = lines[0][0]
    for line, following in pairwise(lines):
        if not _runs_on(text, line, following, width):
            yield first, line[1]
            first = following[0]
    yield first, lines[-1][1]


def _usual_width(lengths: Iterable[int]) -> int:
    """Return the length that four of five lines do not exceed: the width of wrapped prose."""
    by_length = sorted(lengths)
    return by_length[len(by_length) * 4 // 5]


def _runs_on(text: str, line: Span, following: Span, width: int) -> bool:
    """Tell whether a line was broken only because the first word of the next did not fit."""
    if _ROW.match(text, *line) or _ROW.match(text, *following):
        return False
    next_word = text[following[0] : min(following[1], following[0] + width)].split(maxsplit=1)[0]
    room_for = 0.75 * width if next_word[0].islower() else width
    return line[1] - line[0] + 1 + len(next_word) > room_for


def _bounded(text: str, start: int, end: int, chars: int) -> Iterator[Span]:
    """Yield a span in parts of at most ``chars``, cut at line ends, else at white space."""
    while end - start > chars:
        cut = _best_cut(text, start, start + chars)
        yield from _trimmed(text, start, cut)
        start = next(_trimmed(text, cut, end))[0]
    yield start, end


def _best_cut(text: str, start: int, most: int) -> int:
    """Return where to end a part that begins at ``start``, which is no white space."""
    line = _TO_LAST_LINE.match(text, start, most + 1)
    if line and line.end() - start > (most - start) / 2:
        return line.end()
    space = _TO_LAST_SPACE.match(text, start, most + 1)
    return space.end() if space else most
