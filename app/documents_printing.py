"""What the commands about documents print for people."""

from collections.abc import Sequence
from shlex import quote

from citewell.app.documents_values import Overview, Wanted, chunks_of_page
from citewell.app.marked import Marks
from citewell.app.tables import counted, print_table, spans
from citewell.app.terminal import excerpt, fold, say, write
from citewell.ingest.removal import HeldFile
from citewell.retrieval.filters import doubtful_fields, show_filter
from citewell.retrieval.reading import PageReading
from citewell.retrieval.store import DocumentSummary
from citewell.retrieval.values import Chunk, Collection, Page
from citewell.retrieval.visible import visible

_MOST_LISTED = 20
_TITLE_CHARS = 50


def print_collections(collections: Sequence[Collection]) -> None:
    """Print collections, a line each; where there are none, how to make one."""
    if not collections:
        write("There are no collections yet. Make one with: citewell ingest PATH")
        return
    rows = [
        (
            each.name,
            str(each.documents),
            str(each.chunks),
            f"{each.fingerprint.model} ({each.fingerprint.precision})",
            str(each.generation),
        )
        for each in collections
    ]
    print_table(("Collection", "Documents", "Chunks", "Model", "Generation"), rows)


def print_documents(
    collection: str, documents: Sequence[tuple[DocumentSummary, Marks]], wanted: Wanted
) -> None:
    """Print documents, a line each."""
    if documents:
        rows = [
            (
                each.name,
                excerpt(each.title, _TITLE_CHARS),
                str(each.pages or "-"),
                str(each.chunks),
                str(each.characters),
                ", ".join(marks.tags),
                ", ".join(marks.labels),
            )
            for each, marks in documents
        ]
        header = ("Document", "Title", "Pages", "Chunks", "Characters", "Tags", "Labels")
        kept = [*range(5), *(at for at in (5, 6) if any(row[at] for row in rows))]
        print_table([header[at] for at in kept], [[row[at] for at in kept] for row in rows])
    else:
        _print_none(collection, wanted)


def _print_none(collection: str, wanted: Wanted) -> None:
    """Say that no document is as asked, and what to do next."""
    if wanted.where is not None:
        of = f" of those that match {visible(wanted.pattern)}" if wanted.pattern else ""
        meant = "".join(
            f" There is no field {field}; did you mean {close}?"
            for field, close in doubtful_fields(wanted.where, wanted.keys).items()
        )
        write(
            fold(
                f"The filter {visible(show_filter(wanted.where))} keeps no document{of}.{meant} "
                f"See all: citewell ls --collection {collection}"
            )
        )
    elif wanted.pattern is None:
        write(
            f"Collection {collection} is empty. "
            f"Fill it with: citewell ingest PATH --collection {collection}"
        )
    else:
        write(
            f"No document matches {visible(wanted.pattern)}. "
            f"See all: citewell ls --collection {collection}"
        )


def print_text(text: str) -> None:
    """Print a text as it is stored, but for what a terminal would obey."""
    write(visible(text).rstrip("\n"))


def print_overview(overview: Overview) -> None:
    """Print what is known of a document: facts, outline, pages."""
    document = overview.document
    write(fold(f"{visible(document.title)} ({visible(document.name)})"))
    for name, value in _facts(overview):
        write(f"  {visible(name):<12}{excerpt(value, 400)}")
    if document.headings:
        write("Outline")
    for heading in document.headings:
        write("  " * heading.level + excerpt(heading.title, 100))
    _print_pages(document.pages, overview.pages)
    say(f"Its text: citewell show {quote(document.name)} --text (or --page N, or --chunks)")


def _facts(overview: Overview) -> list[tuple[str, str]]:
    """Return what there is to say, in the order it is said; last what the file says of itself."""
    document, reading = overview.document, overview.reading
    facts = {
        "file": str(overview.path),
        "tagged": ", ".join(overview.marks.tags),
        "labelled": ", ".join(overview.marks.labels),
        "text": f"{counted(len(document.text), 'character')}, "
        f"{counted(len(overview.chunks), 'chunk')}, {counted(len(document.tables), 'table')}",
    }
    if reading is not None:
        others = reading.documents - 1
        facts |= {
            "read by": f"{reading.reader} in {reading.seconds:.1f} s",
            "language": reading.language or "not clear",
            "also in file": counted(others, "other document") if others > 0 else "",
            "note": reading.reason,
        }
    return [pair for pair in (*facts.items(), *document.metadata.items()) if pair[1]]


def _print_pages(pages: Sequence[Page], readings: Sequence[PageReading]) -> None:
    """Print how the pages were read: those alike and without doubt together."""
    if not pages:
        return
    if not readings:
        write(f"Pages: {len(pages)}")
        return
    write("Pages")
    kinds: dict[tuple[str, str], list[PageReading]] = {}
    for reading in readings:
        kinds.setdefault((_SOURCES[reading.source], reading.doubt), []).append(reading)
    for (source, doubt), alike in kinds.items():
        words = counted(sum(page.words for page in alike), "word")
        doubted = f"; doubtful: {doubt}" if doubt else ""
        write(fold(f"{spans(page.number for page in alike)}: {source}, {words}{doubted}", "  "))


_SOURCES = {"text": "text", "ocr": "character recognition", "none": "no text"}


def print_pieces(chunks: tuple[Chunk, ...], page: int | None) -> None:
    """Print how a document, or a page of it, was cut."""
    for number, chunk in enumerate(chunks_of_page(chunks, page), start=1):
        write(fold(f"--- {number}. {_place(chunk)}"))
        if chunk.header:
            write(fold(f"[{visible(chunk.header)}]"))
        write(visible(chunk.text) + "\n")


def _place(chunk: Chunk) -> str:
    parts = [f"characters {chunk.start}-{chunk.end}", visible(chunk.place)]
    if chunk.page_start is not None:
        parts.append(f"page {spans(range(chunk.page_start, (chunk.page_end or 0) + 1))}")
    parts.append(visible(" > ".join(chunk.headings)))
    return ", ".join(filter(None, parts))


def print_removal(collection: str, files: Sequence[HeldFile], *, everything: bool) -> None:
    """Print what was removed, and what comes back."""
    whole = f"collection {collection}: " if everything else ""
    write(f"Removed {whole}{counted_files(files)}")
    for file in files[:_MOST_LISTED]:
        held = counted(len(file.documents), "document") if file.documents else "was not read"
        write(f"  {visible(str(file.path))}: {held}")
    if len(files) > _MOST_LISTED:
        write(f"  ... and {len(files) - _MOST_LISTED} more")
    there = sum(file.on_disk for file in files)
    if there:
        are = "is" if there == 1 else "are"
        say(
            f"{there} of these files {are} still on disk: the next ingest of the folder reads "
            "what is there again. To keep files out, move them elsewhere."
        )


def counted_files(files: Sequence[HeldFile]) -> str:
    """Return how many files, documents and chunks these are, in words."""
    documents = sum(len(file.documents) for file in files)
    chunks = sum(file.chunks for file in files)
    held = f"{counted(documents, 'document')}, {counted(chunks, 'chunk')}"
    return f"{counted(len(files), 'file')} ({held})"
