"""Cut a tree of HTML, or of trafilatura's XML, into paragraphs, headings and tables."""

import re
from collections.abc import Iterator
from typing import Any

from citewell.ingest.readers.blocks import Block
from citewell.ingest.readers.tables import Row, table_block

LONGEST_CELL = 1000
"""Characters. A table with a longer cell arranges a page; it holds no data."""

FIXED_SPACE = "\u00a0"
"""Stands for a space that has to stay, until `clean_text` makes it a plain one."""

_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details"),
    *("dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header"),
    *("hr", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody"),
    *("td", "tfoot", "th", "thead", "tr", "ul"),
    *("cell", "item", "list", "quote", "row"),  # trafilatura's own
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LINE_BREAKS = {"br", "lb"}
_TABLES = {"table"}
_ROWS = ("tr", "row")
_CELLS = ("td", "th", "cell")


def html_blocks(root: Any) -> Iterator[Block]:
    """Yield the blocks of a tree in order. Depth does not matter: nothing here recurses on it."""
    from lxml import etree  # type: ignore[import-untyped]

    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and element.tag in _TABLES and not _arranges_page(element):
            yield from _flush(pieces)
            yield table_block(_rows(element))
            walk.skip_subtree()
            continue
        level = _level(element)
        if level or element.tag in _BLOCKS:
            yield from _flush(pieces, level if event == "end" else 0)
        elif element.tag in _LINE_BREAKS and event == "start":
            pieces.append("\n")
        words = element.text if event == "start" else element.tail
        if words and not (event == "end" and element is root):
            pieces.append(_spaced(words, element if event == "start" else element.getparent()))
    yield from _flush(pieces)


def _flush(pieces: list[str], level: int = 0) -> Iterator[Block]:
    text = re.sub(" *\n *", "\n", re.sub(" {2,}", " ", "".join(pieces))).strip(" \n")
    pieces.clear()
    if text:
        yield Block(text, level)


def _spaced(words: str, element: Any) -> str:
    """Return text with single spaces, but as it stands within ``pre``."""
    if element.tag == "pre" or next(element.iterancestors("pre"), None) is not None:
        return words.expandtabs(4).replace(" ", FIXED_SPACE)
    return re.sub(r"\s+", " ", words)


def _level(element: Any) -> int:
    """Return 1 to 6 for a heading; trafilatura writes ``<head rend="h2">``."""
    tag = element.get("rend") if element.tag == "head" else element.tag
    return _HEADINGS.get(tag, 0)


def _arranges_page(table: Any) -> bool:
    """Tell a table that holds the page's layout: headings, tables or long texts in its cells."""
    if next(table.iterdescendants("table", "head", *_HEADINGS), None) is not None:
        return True
    return any(
        sum(map(len, cell.itertext())) > LONGEST_CELL for cell in table.iterdescendants(*_CELLS)
    )


def _rows(table: Any) -> Iterator[Row]:
    for row in table.iterdescendants(*_ROWS):
        cells = list(row.iterchildren(*_CELLS))
        yield Row(
            [" ".join(block.text for block in html_blocks(cell)) for cell in cells],
            is_header=all(cell.tag == "th" or cell.get("role") == "head" for cell in cells),
        )
