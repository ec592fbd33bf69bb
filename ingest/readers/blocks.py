"""Put the blocks of a document together: one text, and where its parts stand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from citewell.ingest.readers.cleaning import clean_line, clean_text
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Heading, Page, Table

LONGEST_HEADING = 300
"""Characters. What is longer is a paragraph that was given a heading's look."""

BLOCK_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or table. A heading has a level from 1; other blocks have 0.

    Attributes:
        table: What is known of a table; its span is not looked at. See `tables.TableRows`.
    """

    text: str
    level: int = 0
    table: Table | None = None


class Joined(NamedTuple):
    """The text of a document and its parts, as `Document` has them."""

    text: str
    headings: tuple[Heading, ...]
    tables: tuple[Table, ...]
    pages: tuple[Page, ...]


def join_blocks(blocks: Iterable[Block]) -> Joined:
    """Return the cleaned blocks with a blank line between them, and no pages.

    Raises:
        ReadError: If no block holds text.
    """
    return join_pages([blocks])._replace(pages=())


def join_pages(pages: Iterable[Iterable[Block]]) -> Joined:
    """Return the blocks of pages likewise; the break after a page belongs to it.

    Raises:
        ReadError: If no block holds text.
    """
    joiner = _Joiner()
    starts = []
    for blocks in pages:
        starts.append(joiner.length)
        for block in blocks:
            joiner.add(block)
    if not joiner.texts:
        raise ReadError(NO_TEXT)
    text = BLOCK_BREAK.join(joiner.texts)
    bounds = [min(start, len(text)) for start in (*starts, joiner.length)]
    return Joined(
        text,
        tuple(joiner.headings),
        tuple(joiner.tables),
        tuple(Page(i + 1, bounds[i], bounds[i + 1]) for i in range(len(starts))),
    )


class _Joiner:
    """The blocks so far. ``length`` counts the break that follows each of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.headings: list[Heading] = []
        self.tables: list[Table] = []
        self.length = 0

    def add(self, block: Block) -> None:
        # A table is clean, and begins with a tab where its first cell is blank.
        text = block.text if block.table else clean_text(block.text).strip()
        if not text:
            return
        start, end = self.length, self.length + len(text)
        if block.level and len(text) <= LONGEST_HEADING:
            self.headings.append(Heading(block.level, clean_line(text), start))
        if block.table:
            self.tables.append(replace(block.table, start=start, end=end))
        self.texts.append(text)
        self.length = end + len(BLOCK_BREAK)
