"""Read Word documents (.docx): paragraphs, tables and notes in the order of the body."""

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from citewell.ingest.readers.archives import check_archive
from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.tables import Row, table_block
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.ingest.readers.xml_parts import declared_properties
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_TEXT = {f"{_W}t", f"{_MATH}t"}
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_NOTES = {
    f"{_W}footnoteReference": "footnotes",
    f"{_W}endnoteReference": "endnotes",
    f"{_W}commentReference": "comments",
}
_LEFT_OUT = {f"{_W}{tag}" for tag in ("pPr", "rPr", "del", "moveFrom", "instrText")} | {_FALLBACK}
_BOX = f"{_W}txbxContent"
_HEADING_STYLE = re.compile(r"heading (\d)$", re.IGNORECASE)
_MOST_ANCESTORS = 10


def read_docx(path: Path, name: str) -> list[Document]:
    """Return the file as one document.

    Deleted and hidden text, headers and footers are left out. A note or comment follows the
    paragraph that refers to it.

    Raises:
        ReadError: If it is damaged, unsafe to unpack, or blank.
    """
    check_archive(path)
    package = _open(path)
    body = _Body(_styles(package.main_document_part), _notes(package.main_document_part))
    text, headings, tables, _ = join_blocks(body.blocks(_main_body(package.main_document_part)))
    facts = declared_properties(path)
    title = choose_title(name, facts.pop("title", None), body.title, main_heading(headings))
    return [Document(name, title, text, (), headings, facts, tables)]


def _open(path: Path) -> Any:
    from docx.opc.exceptions import OpcError
    from docx.package import Package
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        # Document() refuses templates and documents with macros, which are read alike.
        package = Package.open(str(path))
        _main_body(package.main_document_part)
    except (OpcError, LxmlError, KeyError, ValueError) as error:
        raise ReadError(f"damaged: it is no Word document that can be read ({error})") from error
    return package


def _main_body(part: Any) -> Any:
    body = _root(part).find(f"{_W}body")
    if body is None:
        raise ValueError(f"{part.partname} has no body")
    return body


def _root(part: Any) -> Any:
    from docx.oxml import parse_xml

    element = getattr(part, "element", None)
    return parse_xml(part.blob) if element is None else element


class _Body:
    """Walks the body. Tables, boxes and content controls hold blocks of their own."""

    def __init__(self, styles: dict[str, Any], notes: dict[tuple[str, str], Any]) -> None:
        self._styles = styles
        self._notes = notes
        self.title: str | None = None

    def blocks(self, container: Any) -> Iterator[Block]:
        """Yield the blocks of an element that holds paragraphs and tables."""
        for element in container:
            if element.tag == f"{_W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                yield table_block(self._rows(element))
            elif element.tag not in _LEFT_OUT:
                yield from self.blocks(element)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        asides: list[Block] = []
        text = "".join(self._pieces(element, asides))
        style = element.find(f"{_W}pPr/{_W}pStyle")
        style_id = _value(style) if style is not None else ""
        if self.title is None and self._style_name(style_id) == "title" and text.strip():
            self.title = text
        own = _outline_level(element)
        yield Block(text, self._level(style_id) if own is None else own)
        yield from asides

    def _pieces(self, element: Any, asides: list[Block]) -> Iterator[str]:
        """Yield the text of a paragraph; text boxes and notes in it are put aside."""
        for child in element:
            if child.tag in _TEXT:
                yield child.text or ""
            elif child.tag in _SIGNS:
                yield _SIGNS[child.tag]
            elif child.tag in _NOTES:
                note = self._notes.get((_NOTES[child.tag], child.get(f"{_W}id")))
                asides.extend(self._note(note))
            elif child.tag == _BOX:
                asides.extend(self.blocks(child))
            elif child.tag not in _LEFT_OUT and not _is_hidden(child):
                yield from self._pieces(child, asides)

    def _note(self, note: Any) -> Iterator[Block]:
        blocks = self.blocks(note)
        if note is not None and note.tag == f"{_W}comment":
            words = " ".join(block.text for block in blocks)
            author = note.get(f"{_W}author")
            yield Block(f"Comment ({author}): {words}" if author else f"Comment: {words}")
        else:
            yield from blocks

    def _rows(self, table: Any) -> Iterator[Row]:
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is table:
                cells = (cell for cell in row.iter(f"{_W}tc") if _row_of(cell) is row)
                yield Row(
                    [" ".join(block.text for block in self.blocks(cell)) for cell in cells],
                    is_header=row.find(f"{_W}trPr/{_W}tblHeader") is not None,
                )

    def _style_name(self, style_id: str) -> str:
        style = self._styles.get(style_id)
        return _value(style.find(f"{_W}name")).lower() if style is not None else ""

    def _level(self, style_id: str) -> int:
        """Return the heading level of a style, or of the first of those it is based on."""
        for _ in range(_MOST_ANCESTORS):
            if found := _HEADING_STYLE.match(self._style_name(style_id)):
                return int(found[1])
            style = self._styles.get(style_id)
            if style is None:
                break
            if (level := _outline_level(style)) is not None:
                return level
            style_id = _value(style.find(f"{_W}basedOn"))
        return 0


def _styles(part: Any) -> dict[str, Any]:
    linked = (style for _, root in _linked(part, {"styles"}) for style in root)
    return {style.get(f"{_W}styleId"): style for style in linked if style.tag == f"{_W}style"}


def _linked(part: Any, kinds: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Yield the kind and root of each part of these kinds that belongs to a part."""
    from lxml.etree import LxmlError

    for relation in part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in kinds and not relation.is_external:
            with suppress(LxmlError):
                yield kind, _root(relation.target_part)


def _notes(part: Any) -> dict[tuple[str, str], Any]:
    """Return the notes and comments by kind and id; a part of them that is broken has none."""
    notes: dict[tuple[str, str], Any] = {}
    for kind, root in _linked(part, _NOTES.values()):
        for note in root:
            if note.get(f"{_W}type") is None:  # those with a type draw the line above the notes
                notes[kind, note.get(f"{_W}id")] = note
    return notes


def _value(element: Any) -> str:
    return (element.get(f"{_W}val") or "") if element is not None else ""


def _outline_level(element: Any) -> int | None:
    """Return the outline level of a paragraph or style: from 1, 0 for body text, None if unset."""
    level = element.find(f"{_W}pPr/{_W}outlineLvl")
    if level is None or not _value(level).isdecimal():
        return None
    return (int(_value(level)) + 1) % 10


def _is_hidden(run: Any) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and _value(vanish) not in ("0", "false", "off")


def _row_of(cell: Any) -> Any:
    return next(cell.iterancestors(f"{_W}tr"))
