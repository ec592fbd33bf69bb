"""Read OpenDocument texts (.odt) and presentations (.odp): what stands in their content.

Source: OASIS OpenDocument 1.3 part 3.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from citewell.ingest.readers.archives import check_archive
from citewell.ingest.readers.blocks import Block, join_blocks, join_pages
from citewell.ingest.readers.tables import Row, table_block
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.ingest.readers.xml_parts import declared_properties, parse_part, refuse_encrypted
from citewell.retrieval.values import Document

MOST_REPEATS = 1000
"""Columns, and spaces, that are written out where one element stands for many."""

_URN = "urn:oasis:names:tc:opendocument:xmlns"
_TEXT = f"{{{_URN}:text:1.0}}"
_TABLE = f"{{{_URN}:table:1.0}}"
_DRAW = f"{{{_URN}:drawing:1.0}}"
_OFFICE = f"{{{_URN}:office:1.0}}"
_SHOW = f"{{{_URN}:presentation:1.0}}"

_SIGNS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_PARAGRAPHS = {f"{_TEXT}p", f"{_TEXT}h"}
_ASIDE = {f"{_TEXT}note", f"{_OFFICE}annotation", f"{_DRAW}text-box", f"{_TABLE}table"}
_LEFT_OUT = {
    f"{_TEXT}tracked-changes",
    f"{_TEXT}note-citation",
    f"{_TEXT}hidden-text",
    f"{_TEXT}ruby-text",
    f"{_TEXT}table-of-content",
    f"{_TEXT}index-title",
    f"{_OFFICE}forms",
    f"{_OFFICE}annotation-end",
    f"{{{_URN}:svg-compatible:1.0}}title",
    f"{{{_URN}:svg-compatible:1.0}}desc",
}
_FURNITURE = {"date-time", "footer", "header", "page-number"}


def read_odt(path: Path, name: str) -> list[Document]:
    """Return the file as one document; each slide of a presentation is a page.

    Deleted and hidden text, headers and footers are left out. Notes and comments follow the
    paragraph that refers to them.

    Raises:
        ReadError: If it is damaged, unsafe to unpack, needs a password, or is blank.
    """
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        refuse_encrypted(archive)
        content = parse_part(archive, "content.xml")
    slides = content.find(f"{_OFFICE}body/{_OFFICE}presentation")
    if slides is not None:
        joined = join_pages(_slide_blocks(page) for page in slides.iterchildren(f"{_DRAW}page"))
    else:
        joined = join_blocks(_blocks(content.find(f"{_OFFICE}body")))
    text, headings, tables, pages = joined
    facts = declared_properties(path)
    given = facts.pop("title", None)
    title = choose_title(name, given, _styled_title(content), main_heading(headings))
    return [Document(name, title, text, pages, headings, facts, tables)]


def _styled_title(content: Any) -> str | None:
    for paragraph in content.iter(f"{_TEXT}p"):
        if paragraph.get(f"{_TEXT}style-name") == "Title":
            return "".join(paragraph.itertext())
    return None


def _slide_blocks(page: Any) -> Iterator[Block]:
    """Yield the blocks of a slide, its title first and speaker notes last."""
    frames = [each for each in page if each.get(f"{_SHOW}class") not in _FURNITURE]
    titles = [each for each in frames if each.get(f"{_SHOW}class") == "title"]
    for frame in titles:
        yield Block(" ".join(block.text for block in _blocks(frame)), level=1)
    for frame in frames:
        if frame.tag == f"{_SHOW}notes":
            words = "\n".join(block.text for block in _blocks(frame)).strip()
            yield Block(f"Notes: {words}" if words else "")
        elif frame not in titles:
            yield from _blocks([frame])


def _blocks(container: Any) -> Iterator[Block]:
    """Yield the blocks of an element that holds paragraphs, lists, tables or frames."""
    for element in () if container is None else container:
        if element.tag in _LEFT_OUT:
            continue
        if element.tag in _PARAGRAPHS:
            yield from _paragraph(element)
        elif element.tag == f"{_TABLE}table":
            yield table_block(_rows(element))
        else:
            yield from _blocks(element)


def _paragraph(element: Any) -> Iterator[Block]:
    asides: list[Block] = []
    text = "".join(_pieces(element, asides))
    level = element.get(f"{_TEXT}outline-level") or "1" if element.tag == f"{_TEXT}h" else "0"
    yield Block(text, int(level) if level.isdecimal() else 1)
    yield from asides


def _pieces(element: Any, asides: list[Block]) -> Iterator[str]:
    """Yield the text of a paragraph, in which white space is single; notes are put aside."""
    yield _collapsed(element.text)
    for child in element:
        if child.tag in _SIGNS:
            yield _SIGNS[child.tag]
        elif child.tag == f"{_TEXT}s":
            yield " " * _count(child, f"{_TEXT}c")
        elif child.tag in _ASIDE:
            asides.extend(_aside(child))
        elif child.tag not in _LEFT_OUT and isinstance(child.tag, str):
            yield from _pieces(child, asides)
        yield _collapsed(child.tail)


def _aside(element: Any) -> Iterator[Block]:
    if element.tag == f"{_OFFICE}annotation":
        author = element.findtext("{http://purl.org/dc/elements/1.1/}creator")
        words = " ".join(block.text for block in _blocks(element))
        yield Block(f"Comment ({author}): {words}" if author else f"Comment: {words}")
    else:
        yield from _blocks([element])


def _rows(table: Any) -> Iterator[Row]:
    for row in table.iter(f"{_TABLE}table-row"):
        if next(row.iterancestors(f"{_TABLE}table")) is table:
            cells = row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
            header = row.getparent().tag == f"{_TABLE}table-header-rows"
            yield Row([text for cell in cells for text in _cell(cell)], is_header=header)


def _cell(cell: Any) -> list[str]:
    text = " ".join(block.text for block in _blocks(cell))
    return [text] * _count(cell, f"{_TABLE}number-columns-repeated")


def _count(element: Any, attribute: str) -> int:
    number = element.get(attribute) or "1"
    return min(int(number), MOST_REPEATS) if number.isdecimal() and len(number) < 9 else 1


def _collapsed(text: str | None) -> str:
    """Return text with single spaces, as OpenDocument means it: section 6.1.2."""
    if not text:
        return ""
    words = " ".join(text.split())
    before = " " if text[0].isspace() else ""
    return f"{before}{words}{' ' if words and text[-1].isspace() else ''}"
