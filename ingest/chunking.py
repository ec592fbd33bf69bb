"""Cut a document into chunks that follow its structure.

Headings bind most, then the borders of tables and blank lines, then the ends of rows and of
sentences. White space between chunks is in none of them; every other character of the text is in
exactly one.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from citewell.ingest.chunking_outline import Outline, Pages, Section, sections
from citewell.ingest.chunking_prose import paragraphs, prose_atoms, trimmed
from citewell.ingest.chunking_tables import Tables
from citewell.retrieval.sentences import Span
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

SMALL = 150
"""A chunk below this many characters says too little alone: it is joined where it can be."""

INTRODUCTION = 80
"""A line below this many characters that ends in a letter or a colon introduces what follows."""

CAPTION = 200
"""Whatever stands before a table, below this many characters, introduces it."""


def chunk(document: Document, settings: ChunkingSettings) -> list[Chunk]:
    """Return the chunks of a document in order; none if it is blank.

    Takes time in proportion to the text, whatever the text is.
    """
    outline = Outline(document.headings)
    pages = Pages(document.pages)
    tables = Tables(document.text, document.tables, settings.chars)
    cutter = _Cutter(document.text, tables)
    chunks = []
    for section in sections(document, settings.chars):
        for start, end in cutter.spans(section):
            first_page, last_page = pages.between(start, end)
            chunks.append(
                Chunk(
                    document=document.name,
                    start=start,
                    end=end,
                    text=document.text[start:end],
                    page_start=first_page,
                    page_end=last_page,
                    headings=section.path if end > section.body else outline.path(start),
                    header=tables.header(start, end),
                    place=tables.place(start, end),
                )
            )
    return chunks


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts the sections of a text."""

    text: str
    tables: Tables

    def spans(self, section: Section) -> list[Span]:
        """Return the spans of a section's chunks: blocks packed together, long ones cut."""
        spans: list[Span] = []
        packed = last = (section.start, section.start)
        for block in self._blocks(section):
            start, end = block
            if not self._fits(packed[0], end) and packed[1] - packed[0] >= SMALL:
                whole, start = self._leave_introduction(packed, last, block, may_be_cut=True)
                spans.append(whole)
                packed = (start, end)
            packed = (packed[0] if packed[1] > packed[0] else start, end)
            if not self._fits(*packed):
                *wholes, packed = self._cut(*packed)
                spans.extend(wholes)
            last = block
        if packed[1] > packed[0]:
            spans.append(packed)
        return self._without_small_tail(spans)

    def _fits(self, start: int, end: int) -> bool:
        return end - start <= self.tables.room(start)

    def _blocks(self, section: Section) -> Iterator[Span]:
        """Yield paragraphs and tables."""
        for start, end, in_table in self.tables.segments(section.start, section.end):
            if in_table:
                yield from self.tables.extent(start, end)
            else:
                yield from paragraphs(self.text, start, end)

    def _cut(self, start: int, end: int) -> list[Span]:
        """Cut a long stretch between atoms into parts of about equal length."""
        atoms = self._atoms(start, end)
        last = next(atoms)
        parts = [last]
        wanted = self._equal_share(start, end)
        for atom in atoms:
            begin, stop = parts[-1]
            nearer = (stop - begin) + (atom[1] - begin) <= 2 * wanted
            if nearer and self._fits(begin, atom[1]):
                parts[-1] = (begin, atom[1])
            else:
                whole, following = self._leave_introduction(parts[-1], last, atom, may_be_cut=False)
                parts[-1:] = [whole, (following, atom[1])]
                wanted = self._equal_share(following, end)
            last = atom
        return parts

    def _equal_share(self, start: int, end: int) -> float:
        """Return the length of the parts of a stretch, when they are equal and as few as fit."""
        room = min(self.tables.room(start), self.tables.room(end - 1))
        return (end - start) / math.ceil((end - start) / room)

    def _atoms(self, start: int, end: int) -> Iterator[Span]:
        """Yield what is not cut: sentences, tables that fit, and the rows of others."""
        for begin, stop, in_table in self.tables.segments(start, end):
            if in_table:
                yield from self.tables.atoms(begin, stop)
            else:
                yield from prose_atoms(self.text, begin, stop, self.tables.chars)

    def _leave_introduction(
        self, packed: Span, last: Span, following: Span, *, may_be_cut: bool
    ) -> tuple[Span, int]:
        """Return a chunk, and where the next one starts: at a last line that introduces it."""
        start = last[0]
        fits = self._fits(start, following[1]) or (may_be_cut and not self._fits(*following))
        if fits and start > packed[0] and self._introduces(last, following[0]):
            return next(trimmed(self.text, packed[0], start)), start
        return packed, following[0]

    def _introduces(self, line: Span, following: int) -> bool:
        start, end = line
        if self.tables.holds(start):
            return False
        if self.tables.holds(following):
            return end - start < CAPTION
        ending = self.text[end - 1]
        return end - start < INTRODUCTION and (ending.isalpha() or ending == ":")

    def _without_small_tail(self, spans: list[Span]) -> list[Span]:
        if len(spans) < 2:
            return spans
        *before, (start, _), (tail, end) = spans
        if end - tail >= SMALL or not self._fits(start, end):
            return spans
        return [*before, (start, end)]
