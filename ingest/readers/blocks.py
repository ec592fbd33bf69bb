"""Put the blocks of a document together: one text, and where its headings stand."""

from collections.abc import Iterable
from dataclasses import dataclass

from citewell.ingest.readers.cleaning import clean_line, clean_text
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Heading

LONGEST_HEADING = 300
"""Characters. What is longer is a paragraph that was given a heading's look."""

CELL_BREAK = " | "


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or table. A heading has a level from 1; other blocks have 0."""

    text: str
    level: int = 0


def join_blocks(blocks: Iterable[Block]) -> tuple[str, tuple[Heading, ...]]:
    """Return the cleaned blocks with a blank line between them, and the headings among them.

    Raises:
        ReadError: If no block holds text.
    """
    texts: list[str] = []
    headings: list[Heading] = []
    start = 0
    for block in blocks:
        text = clean_text(block.text).strip()
        if not text:
            continue
        if block.level and len(text) <= LONGEST_HEADING:
            headings.append(Heading(block.level, clean_line(text), start))
        texts.append(text)
        start += len(text) + 2
    if not texts:
        raise ReadError(NO_TEXT)
    return "\n\n".join(texts), tuple(headings)


def join_rows(rows: Iterable[Iterable[str]]) -> str:
    """Return a table as lines of ``cell | cell``, without rows that are blank."""
    lines = ([clean_line(cell) for cell in row] for row in rows)
    return "\n".join(CELL_BREAK.join(cells) for cells in lines if any(cells))
