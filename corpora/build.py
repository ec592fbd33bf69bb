"""Make the PDF and DOCX files of the demo corpus from their Markdown sources, byte for byte."""

from __future__ import annotations

import argparse
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.platypus import (
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

HERE = Path(__file__).resolve().parent
AUTHOR = "The LLM Primer"
# Fixed moment for every time stamp, so that a rebuild gives the same bytes.
STAMP = datetime(2025, 1, 1, tzinfo=UTC)
ZIP_STAMP = (2025, 1, 1, 0, 0, 0)

Kind = Literal["heading", "text", "lead", "list", "table"]
Writer = Callable[["Source", Path], None]


@dataclass(frozen=True)
class Block:
    """One piece of a source; `level` counts headings from 1, `rows` holds list items or cells."""

    kind: Kind
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Source:
    """A parsed source: its title, its one-sentence summary and the blocks below them."""

    title: str
    summary: str
    blocks: tuple[Block, ...]


def parse_block(lines: list[str]) -> Block:
    """Read one block, which is a run of lines without an empty line."""
    head = re.match(r"(#+) (.+)", lines[0])
    if head:
        return Block("heading", head[2], level=len(head[1]))
    if lines[0].startswith("> "):
        return Block("lead", lines[0][2:])
    if lines[0].startswith("- "):
        return Block("list", rows=tuple((line[2:],) for line in lines))
    if lines[0].startswith("|"):
        return Block("table", rows=tuple(_cells(line) for line in (lines[0], *lines[2:])))
    return Block("text", " ".join(lines))


def _cells(line: str) -> tuple[str, ...]:
    """Split a table line at its bars."""
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def parse(markdown: str) -> Source:
    """Parse a source, whose first heading is the title and whose quotation is the summary."""
    paragraphs = re.split(r"\n\s*\n", markdown.strip())
    blocks = [parse_block(paragraph.splitlines()) for paragraph in paragraphs]
    title, lead, *rest = blocks
    if title.level != 1 or lead.kind != "lead":
        raise ValueError("a source begins with a '# ' title and a '> ' summary")
    return Source(title.text, lead.text, tuple(rest))


# --- PDF -----------------------------------------------------------------------------------------


def _style(name: str, font: str, size: float, before: float, after: float) -> ParagraphStyle:
    """Make a paragraph style that never breaks a word, so that quotations can be found again."""
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * 1.36,
        spaceBefore=before,
        spaceAfter=after,
        splitLongWords=0,
        hyphenationLang="",
        embeddedHyphenation=0,
        allowWidows=0,
        allowOrphans=0,
    )


TITLE = _style("title", "Helvetica-Bold", 22, 0, 8)
LEAD = _style("lead", "Times-Italic", 12, 0, 10)
BODY = _style("body", "Times-Roman", 11, 0, 7)
ITEM = _style("item", "Times-Roman", 11, 0, 4)
CELL = _style("cell", "Helvetica", 9, 0, 0)
CELL_HEAD = _style("cell-head", "Helvetica-Bold", 9, 0, 0)
HEADINGS = {
    2: _style("heading-2", "Helvetica-Bold", 15, 14, 6),
    3: _style("heading-3", "Helvetica-Bold", 12, 9, 4),
}
for _heading in HEADINGS.values():
    _heading.keepWithNext = 1
BODY.alignment = TA_JUSTIFY
ITEM.leftIndent, ITEM.bulletIndent = 16, 4

MARGIN = 2.6 * cm
# A frame of reportlab pads its text by 6 points on each side.
TEXT_WIDTH = A4[0] - 2 * MARGIN - 12

GRID = TableStyle(
    [
        ("LINEABOVE", (0, 0), (-1, 0), 1, colors.black),
        ("LINEBELOW", (0, 0), (-1, 0), 0.6, colors.black),
        ("LINEBELOW", (0, -1), (-1, -1), 1, colors.black),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.whitesmoke, colors.white]),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)


def pdf_table(rows: tuple[tuple[str, ...], ...]) -> Table:
    """Lay out a table over the full width of the text, its first row as repeated header."""
    styled = [
        [Paragraph(escape(cell), CELL if number else CELL_HEAD) for cell in row]
        for number, row in enumerate(rows)
    ]
    width = TEXT_WIDTH / len(rows[0])
    return Table(styled, [width] * len(rows[0]), None, GRID, repeatRows=1, spaceAfter=12)


def pdf_flowables(block: Block) -> Iterator[Flowable]:
    """Turn one block into what is set on the page."""
    if block.kind == "heading":
        yield Paragraph(escape(block.text), HEADINGS[block.level])
    elif block.kind == "list":
        for (item,) in block.rows:
            yield Paragraph(escape(item), ITEM, bulletText="\N{BULLET}")
        yield Spacer(0, 4)
    elif block.kind == "table":
        yield pdf_table(block.rows)
    else:
        yield Paragraph(escape(block.text), BODY)


def add_outline(template: SimpleDocTemplate, flowable: Flowable) -> None:
    """Add a bookmark for a title or heading that was just drawn, named by its text."""
    levels = {"title": 0, "heading-2": 1, "heading-3": 2}
    name = getattr(getattr(flowable, "style", None), "name", "")
    if name in levels:
        text = flowable.getPlainText()
        top = template.frame._y + flowable.height
        template.canv.bookmarkPage(text, fit="XYZ", left=0, top=top)
        template.canv.addOutlineEntry(text, text, level=levels[name])


def draw_footer(canvas: Any, template: SimpleDocTemplate) -> None:
    """Write the document's title and the page number below the text."""
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(colors.grey)
    canvas.drawString(MARGIN + 6, 1.5 * cm, template.title)
    canvas.drawRightString(A4[0] - MARGIN - 6, 1.5 * cm, f"Page {template.page}")
    canvas.restoreState()


def write_pdf(source: Source, target: Path) -> None:
    """Write a PDF with title, outline and searchable text."""
    template = SimpleDocTemplate(
        str(target),
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=2.4 * cm,
        bottomMargin=MARGIN,
        title=source.title,
        subject=source.summary,
        author=AUTHOR,
        creator=AUTHOR,
        lang="en",
        invariant=1,
        pageCompression=0,  # the output of zlib differs between its versions
    )
    template.afterFlowable = partial(add_outline, template)
    story = [Paragraph(escape(source.title), TITLE), Paragraph(escape(source.summary), LEAD)]
    story += [flowable for block in source.blocks for flowable in pdf_flowables(block)]
    template.build(story, onFirstPage=draw_footer, onLaterPages=draw_footer)


# --- DOCX ----------------------------------------------------------------------------------------


TABLE_STYLE = "Light Grid Accent 1"


def add_docx_table(document: DocxDocument, rows: tuple[tuple[str, ...], ...]) -> None:
    """Append a table, its first row as header."""
    table = document.add_table(len(rows), len(rows[0]), TABLE_STYLE)
    for number, row in enumerate(rows):
        for cell, text in zip(table.rows[number].cells, row, strict=True):
            cell.text = text
    document.add_paragraph()


def add_docx_block(document: DocxDocument, block: Block) -> None:
    """Append one block with the matching built-in style."""
    if block.kind == "heading":
        document.add_heading(block.text, block.level - 1)
    elif block.kind == "list":
        for (item,) in block.rows:
            document.add_paragraph(item, "List Bullet")
    elif block.kind == "table":
        add_docx_table(document, block.rows)
    else:
        document.add_paragraph(block.text)


def trim(document: DocxDocument) -> None:
    """Drop what python-docx's template carries and no file uses: 0.8 MB a file, unpacked."""
    for style in list(document.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in {TABLE_STYLE, "Normal Table"}:
            style.delete()
    for part in (document.part, document.part.package):
        for key, relation in list(part.rels.items()):
            if relation.reltype.rpartition("/")[2] in {"stylesWithEffects", "thumbnail"}:
                part.rels.pop(key)


def set_properties(document: DocxDocument, source: Source) -> None:
    """Set the core properties, with the same time stamp in every build."""
    properties = document.core_properties
    properties.title = source.title
    properties.subject = source.summary
    properties.author = properties.last_modified_by = AUTHOR
    properties.created = properties.modified = STAMP
    properties.comments = ""
    properties.language = "en"


def write_docx(source: Source, target: Path) -> None:
    """Write a DOCX with heading styles and a core title."""
    document = Document()
    trim(document)
    set_properties(document, source)
    document.add_heading(source.title, 0)
    document.add_paragraph(source.summary, "Subtitle")
    for block in source.blocks:
        add_docx_block(document, block)
    packed = io.BytesIO()
    document.save(packed)
    target.write_bytes(repack(packed.getvalue()))


def repack(packed: bytes) -> bytes:
    """Write a zip anew, sorted, uncompressed and with fixed dates, so that its bytes are fixed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(out, "w") as new:
        # Word expects the content types first; the other parts may come in any order.
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, ZIP_STAMP)
            info.create_system = 3
            new.writestr(info, old.read(name))
    return out.getvalue()


# --- command -------------------------------------------------------------------------------------

WRITERS: dict[str, Writer] = {".pdf": write_pdf, ".docx": write_docx}


def build(sources: Path, out: Path) -> list[Path]:
    """Build every source below `sources` into `out` and return the files in order of name."""
    targets = []
    for path in sorted(sources.rglob("*.md")):
        target = out / path.relative_to(sources).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[target.suffix](parse(path.read_text(encoding="utf-8")), target)
        targets.append(target)
    return targets


def main() -> None:
    """Build into the folder given on the command line, by default into the corpus itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=HERE / "llm-primer")
    for target in build(HERE / "sources", parser.parse_args().out):
        print(target)


if __name__ == "__main__":
    main()
