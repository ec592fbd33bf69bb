"""The JSON contract of the commands about documents. See `citewell.app.output`."""

from collections.abc import Sequence

from citewell.app.documents_values import Excerpt, Overview, chunks_of_page
from citewell.app.marked import Marks
from citewell.app.output import Json
from citewell.ingest.removal import HeldFile
from citewell.retrieval.reading import PageReading, Reading
from citewell.retrieval.store import DocumentSummary
from citewell.retrieval.values import Chunk, Collection, Page

COLLECTIONS = "citewell.collections/1"
LS = "citewell.ls/1"
RM = "citewell.rm/1"
SHOW = "citewell.show/1"


def collections_json(collections: Sequence[Collection]) -> Json:
    """Return what ``citewell collections --json`` prints."""
    return {
        "schema": COLLECTIONS,
        "collections": [
            {
                "name": each.name,
                "documents": each.documents,
                "chunks": each.chunks,
                "model": each.fingerprint.model,
                "precision": each.fingerprint.precision,
                "generation": each.generation,
            }
            for each in collections
        ],
    }


def ls_json(collection: str, documents: Sequence[tuple[DocumentSummary, Marks]]) -> Json:
    """Return what ``citewell ls --json`` prints."""
    return {
        "schema": LS,
        "collection": collection,
        "documents": [
            {
                "document": each.name,
                "title": each.title,
                "path": str(each.path),
                "pages": each.pages,
                "characters": each.characters,
                "chunks": each.chunks,
                "tags": list(marks.tags),
                "labels": list(marks.labels),
            }
            for each, marks in documents
        ],
    }


def rm_json(collection: str, files: Sequence[HeldFile], *, everything: bool) -> Json:
    """Return what ``citewell rm --json`` prints."""
    return {
        "schema": RM,
        "collection": collection,
        "collection_removed": everything,
        "files": [
            {
                "path": str(file.path),
                "documents": list(file.documents),
                "chunks": file.chunks,
                "on_disk": file.on_disk,
            }
            for file in files
        ],
    }


def show_json(collection: str, overview: Overview, excerpt: Excerpt, text: str | None) -> Json:
    """Return what ``citewell show --json`` prints; text and chunks only where asked for."""
    document = overview.document
    how = {page.number: page for page in overview.pages}
    return {
        "schema": SHOW,
        "collection": collection,
        "document": document.name,
        "title": document.title,
        "path": str(overview.path),
        "characters": len(document.text),
        "tags": list(overview.marks.tags),
        "labels": list(overview.marks.labels),
        "metadata": document.metadata,
        "headings": [
            {"level": each.level, "title": each.title, "start": each.start}
            for each in document.headings
        ],
        "pages": [_page(page, how.get(page.number)) for page in document.pages],
        "tables": [
            {
                "start": each.start,
                "end": each.end,
                "header": each.header,
                "sheet": each.sheet,
                "columns": each.columns,
            }
            for each in document.tables
        ],
        "reading": None if overview.reading is None else _reading(overview.reading),
        "page": excerpt.page,
        "text": text,
        "chunks": [_chunk(each) for each in chunks_of_page(overview.chunks, excerpt.page)]
        if excerpt.chunks
        else None,
    }


def _page(page: Page, how: PageReading | None) -> Json:
    return {
        "number": page.number,
        "start": page.start,
        "end": page.end,
        "source": how.source if how else page.source,
        "confidence": page.confidence,
        "words": how.words if how else None,
        "tables": how.tables if how else None,
        "doubt": how.doubt if how else "",
    }


def _reading(reading: Reading) -> Json:
    return {
        "status": reading.status,
        "reason": reading.reason,
        "reader": reading.reader,
        "size": reading.size,
        "seconds": reading.seconds,
        "documents": reading.documents,
        "words": reading.words,
        "language": reading.language,
    }


def _chunk(chunk: Chunk) -> Json:
    return {
        "start": chunk.start,
        "end": chunk.end,
        "page_start": chunk.page_start,
        "page_end": chunk.page_end,
        "headings": list(chunk.headings),
        "header": chunk.header,
        "place": chunk.place,
        "text": chunk.text,
    }
