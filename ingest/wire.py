"""How documents leave a reader process: as JSON, which is data to the parent and never code."""

from base64 import b64decode, b64encode
from typing import Any

from citewell.retrieval.values import Document, Heading, Layout, Page, Table

Json = dict[str, Any]


def to_json(document: Document) -> Json:
    """Return a document as JSON can hold it. Rows of numbers, not objects: there are many."""
    return {
        "name": document.name,
        "title": document.title,
        "text": document.text,
        "pages": [
            (page.number, page.start, page.end, page.source, page.confidence)
            for page in document.pages
        ],
        "headings": [(part.level, part.title, part.start) for part in document.headings],
        "metadata": document.metadata,
        "tables": [
            (table.start, table.end, table.header, table.sheet, table.columns, table.rows)
            for table in document.tables
        ],
        "layouts": [
            (each.page, each.start, each.width, each.height, b64encode(each.packed).decode())
            for each in document.layouts
        ],
    }


def from_json(fields: Json) -> Document:
    """Return the document that `to_json` was given."""
    return Document(
        name=fields["name"],
        title=fields["title"],
        text=fields["text"],
        pages=tuple(Page(*page) for page in fields["pages"]),
        headings=tuple(Heading(*heading) for heading in fields["headings"]),
        metadata=fields["metadata"],
        tables=tuple(
            Table(start, end, header, sheet, columns, tuple(rows))
            for start, end, header, sheet, columns, rows in fields["tables"]
        ),
        layouts=tuple(
            Layout(page, start, width, height, b64decode(packed))
            for page, start, width, height, packed in fields["layouts"]
        ),
    )
