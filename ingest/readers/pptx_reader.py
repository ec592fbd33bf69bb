"""Read presentations of PowerPoint (.pptx): each slide is a page, in the order of its parts."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citewell.ingest.readers.archives import check_archive
from citewell.ingest.readers.blocks import Block, join_pages
from citewell.ingest.readers.tables import Row, table_block
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.ingest.readers.xml_parts import declared_properties
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

STEPS = 20
"""Parts of a slide's height: shapes whose tops are in the same are side by side."""

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_FURNITURE = {"DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"}
_TITLES = {"TITLE", "CENTER_TITLE", "VERTICAL_TITLE"}


def read_pptx(path: Path, name: str) -> list[Document]:
    """Return the presentation as one document, with a page for each of its slides.

    Shapes are read from top to bottom and left to right, the title first and speaker notes last.
    Dates, footers and slide numbers are left out; hidden slides are read and named in the metadata.

    Raises:
        ReadError: If it is damaged, unsafe to unpack, or holds no text.
    """
    check_archive(path)
    show = _open(path)
    height = show.slide_height or 1
    slides = list(show.slides)
    text, headings, tables, pages = join_pages(_slide_blocks(each, height) for each in slides)
    hidden = [str(i) for i, slide in enumerate(slides, 1) if slide.element.get("show") == "0"]
    facts = declared_properties(path)
    title = choose_title(name, facts.pop("title", None), main_heading(headings))
    if hidden:
        facts["hidden_slides"] = ", ".join(hidden)
    return [Document(name, title, text, pages, headings, facts, tables)]


def _open(path: Path) -> "Presentation":
    from lxml.etree import LxmlError  # type: ignore[import-untyped]
    from pptx.exc import PythonPptxError
    from pptx.package import Package

    try:
        # Presentation() refuses slide shows and templates, which are opened alike.
        show: Presentation = Package.open(str(path)).presentation_part.presentation
    except (PythonPptxError, LxmlError, KeyError, ValueError, AttributeError) as error:
        raise ReadError(f"damaged: it is no presentation that can be read ({error})") from error
    return show


def _slide_blocks(slide: "Slide", height: int) -> Iterator[Block]:
    shapes = [shape for shape in slide.shapes if _placeholder(shape) not in _FURNITURE]
    for shape in _in_reading_order(shapes, height):
        yield from _shape_blocks(shape, height)
    for link in slide.part.rels.values():
        if link.reltype.endswith("/diagramData") and not link.is_external:
            yield Block(_diagram_text(link.target_part.blob))
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if frame and (words := _frame_text(frame).strip()):
        yield Block(f"Notes: {words}")


def _in_reading_order(shapes: Iterable[Any], height: int) -> list[Any]:
    def place(shape: Any) -> tuple[bool, int, int]:
        top, left = _position(shape)
        return _placeholder(shape) not in _TITLES, top * STEPS // height, left

    return sorted(shapes, key=place)


def _position(shape: Any) -> tuple[int, int]:
    """Return how far a shape is from top and left; 0 where the file does not tell."""
    try:
        return shape.top or 0, shape.left or 0
    except (KeyError, ValueError, AttributeError):  # its place in the layout is broken
        return 0, 0


def _placeholder(shape: Any) -> str:
    """Return what a shape stands for on the slide; blank if it is no placeholder."""
    if not shape.is_placeholder:
        return ""
    try:
        return str(shape.placeholder_format.type.name)
    except (KeyError, ValueError, AttributeError):
        return ""


def _shape_blocks(shape: Any, height: int) -> Iterator[Block]:
    from pptx.shapes.group import GroupShape

    if isinstance(shape, GroupShape):
        for inner in _in_reading_order(shape.shapes, height):
            yield from _shape_blocks(inner, height)
    elif getattr(shape, "has_table", False):
        yield table_block(_table_rows(shape.table))
    elif getattr(shape, "has_chart", False):
        yield from _chart_blocks(shape)
    elif shape.has_text_frame:
        yield Block(_frame_text(shape.text_frame), level=int(_placeholder(shape) in _TITLES))


def _frame_text(frame: Any) -> str:
    return "\n".join(paragraph.text.replace("\v", "\n") for paragraph in frame.paragraphs)


def _table_rows(table: Any) -> Iterator[Row]:
    for index, row in enumerate(table.rows):
        cells = [_frame_text(cell.text_frame) for cell in row.cells]
        yield Row(cells, is_header=index == 0 and table.first_row)


def _chart_blocks(shape: Any) -> Iterator[Block]:
    """Yield the title of a chart and its numbers, a line for each category."""
    try:
        chart = shape.chart
        if chart.has_title and chart.chart_title.has_text_frame:
            yield Block(_frame_text(chart.chart_title.text_frame))
        plot = chart.plots[0]
        series = list(plot.series)
        rows = [Row(["", *(each.name for each in series)], is_header=True)]
        for index, category in enumerate(plot.categories):
            values = (each.values[index : index + 1] for each in series)
            cells = (
                f"{found[0]:.15g}" if found and found[0] is not None else "" for found in values
            )
            rows.append(Row([str(category), *cells]))
    except (KeyError, ValueError, AttributeError, IndexError, NotImplementedError):
        return  # a kind of chart that the library does not know
    yield table_block(rows)


def _diagram_text(data: bytes) -> str:
    """Return the words of SmartArt, a line for each of its points."""
    from lxml import etree  # type: ignore[import-untyped]

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.LxmlError:
        return ""
    points = ("".join(point.itertext(f"{_DRAWING}t")) for point in root.iter(f"{_DIAGRAM}pt"))
    return "\n".join(filter(None, points))
