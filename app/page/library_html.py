"""What the collections page shows of documents and ingests, as HTML without a script."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from citewell.app.page.escaping import escaped
from citewell.app.page.jobs import JobView
from citewell.app.page.uploads import Refused
from citewell.app.reports.summary import FileReport
from citewell.app.tables import counted
from citewell.ingest.folder import Remark
from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.reading import Reading
from citewell.retrieval.store import DocumentSummary, StoredChunk
from citewell.retrieval.values import Collection, Document

MOST_LISTED = 50
"""Files that are named of a run, for each of its parts."""

SURE = 0.1
"""Share of the bytes that must be read before it is told how long the rest will take."""

NEWEST = 8
"""Files that are named of a run under way."""


def welcome_html() -> str:
    """Say what to do where there is no collection yet."""
    return (
        '<section class="cw-first"><h2>Drop files here</h2>'
        "<p>PDF, Word, PowerPoint, Excel, OpenDocument, e-mail, web pages, Markdown and plain text "
        "are read; so are whole folders and zip archives. Then ask, and see for each sentence "
        "where it stands.</p></section>"
    )


def facts_html(collection: Collection) -> str:
    """Say how much a collection holds."""
    held = f"{counted(collection.documents, 'document')} · {counted(collection.chunks, 'passage')}"
    return f'<p class="cw-facts">{held}</p>'


def empty_html(name: str) -> str:
    """Say that a collection holds nothing yet."""
    return (
        f'<p class="cw-quiet"><bdi>{escaped(name)}</bdi> holds no documents yet. '
        "Drop files above to begin.</p>"
    )


def quiet_html(text: str) -> str:
    """Say something that needs no attention."""
    return f'<p class="cw-quiet">{escaped(text)}</p>'


def no_folders_html() -> str:
    """Say how to let the page read folders of the server."""
    return (
        "<p>Folders of the server can be added once the setting <code>page_folders</code> names "
        'them, such as <code>page_folders = ["/srv/documents"]</code> in '
        "<code>citewell.toml</code>; then start Citewell again.</p>"
    )


def delete_html(name: str) -> str:
    """Say what deleting a collection takes away."""
    return (
        f'<p><bdi class="cw-name">{escaped(name)}</bdi> is removed with all that was read into it. '
        "This cannot be undone. Files in your own folders stay where they are.</p>"
    )


def remove_html(path: str, *, uploaded: bool) -> str:
    """Say what removing a file takes away."""
    fate = (
        "It was uploaded here, and leaves the disk as well. This cannot be undone."
        if uploaded
        else "The file itself stays on the disk. It comes back when its folder is read again."
    )
    return (
        f'<p><bdi class="cw-name">{escaped(path)}</bdi> and all that was read from it leave the '
        f"collection. {fate}</p>"
    )


def refused_html(refused: Sequence[Refused]) -> str:
    """Name what was not taken in, with the reasons."""
    rows = "".join(
        f'<li><bdi class="cw-name">{escaped(each.name) or "A file"}</bdi> was not added: '
        f"{escaped(each.reason)}.</li>"
        for each in refused[:MOST_LISTED]
    )
    return (
        f'<div class="cw-note" role="alert"><ul class="cw-list">{rows}'
        f"{_more(len(refused))}</ul></div>"
    )


# an ingest


def job_html(view: JobView, collection: str) -> str:
    """Show how far an ingest has come, or what came of it."""
    if view.state == "done" and view.report is not None:
        return done_html(view.report, view.seconds)
    if view.state == "failed":
        return f'<div class="cw-note cw-error" role="alert"><p>{escaped(view.message)}</p></div>'
    if view.state == "stopped":
        done = counted(len(view.lines), "file")
        return (
            f'<div class="cw-note" role="status"><p>Stopped. {done} finished before that are '
            "kept; add the same files again for the rest.</p></div>"
        )
    return (
        f'<div class="cw-job" role="group" aria-label="Reading into {escaped(collection)}">'
        f'<p class="cw-job-now">{escaped(_now(view))}</p>{_bar(view)}{_lines(view)}</div>'
    )


def _now(view: JobView) -> str:
    if view.stopping:
        return "Stopping …"
    if view.state == "queued":
        ahead = "another ingest" if view.ahead == 1 else f"{view.ahead} other ingests"
        return f"Waits for {ahead} to end …" if view.ahead else "Begins in a moment …"
    if view.state == "waiting":
        return f"{view.message} This goes on by itself as soon as that has ended."
    tally = view.tally
    if tally.planned is None:
        return f"Looking at the files: {counted(tally.found, 'file')} so far …"
    if tally.planned == 0:
        return "Nothing is new. Finishing …"
    pages = f", {counted(tally.pages, 'page')}" if tally.pages else ""
    left = tally.left(view.seconds) if tally.done_size >= SURE * tally.size else ""
    return (
        f"{tally.done:,} of {counted(tally.planned, 'file')} read{pages}, "
        f"{counted(tally.chunks, 'passage')} made searchable{f' · {left}' if left else ''}"
    )


def _bar(view: JobView) -> str:
    tally = view.tally
    share = 100 * tally.done_size // max(tally.size, 1) if tally.planned else 0
    return (
        f'<div class="cw-bar" role="progressbar" aria-label="Read so far" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{share}"><span style="width:{share}%"></span></div>'
    )


def _lines(view: JobView) -> str:
    rows = "".join(
        f'<li><bdi class="cw-name">{escaped(line.name)}</bdi> '
        f'<span class="cw-quiet">{_came(line.pages, line.passages)}</span></li>'
        for line in reversed(view.lines[-NEWEST:])
    )
    return f'<ul class="cw-list" aria-label="Files read last">{rows}</ul>' if rows else ""


def _came(pages: int, passages: int) -> str:
    if not passages:
        return "gave no new text"
    held = counted(passages, "passage")
    return f"{counted(pages, 'page')}, {held}" if pages else held


def done_html(report: IngestReport, seconds: float) -> str:
    """Say what an ingest did: what could not be read is named."""
    counts = {
        "added": report.added,
        "changed": report.changed,
        "renamed": report.renamed,
        "removed": report.deleted,
    }
    parts = [f"{counted(number, 'file')} {what}" for what, number in counts.items() if number]
    done = ", ".join(parts) or "Nothing was new"
    return (
        f'<div class="cw-note cw-done" role="status"><p><strong>{done}.</strong> '
        f"{counted(report.chunks, 'passage')} stored in {seconds:,.1f} s."
        f"{f' {report.unchanged:,} unchanged.' if report.unchanged else ''}"
        f"{' Ask about them under Chat.' if report.added else ''}</p>"
        f"{_failed(report.failed)}{_skipped(report.skipped)}</div>"
    )


def _failed(failed: Sequence[Remark]) -> str:
    if not failed:
        return ""
    opened = " open" if len(failed) <= NEWEST else ""
    left = f'<span class="cw-bad">{counted(len(failed), "file")} could not be read</span>'
    return f"<details{opened}><summary>{left}</summary>{_remarks(failed)}</details>"


def _skipped(skipped: Sequence[Remark]) -> str:
    if not skipped:
        return ""
    left = f"{counted(len(skipped), 'file')} left out, as not meant to be read"
    return f"<details><summary>{left}</summary>{_remarks(skipped)}</details>"


def _remarks(remarks: Sequence[Remark]) -> str:
    rows = "".join(
        f'<li><bdi class="cw-name">{escaped(each.name)}</bdi>: {escaped(each.reason)}</li>'
        for each in remarks[:MOST_LISTED]
    )
    return f'<ul class="cw-list">{rows}{_more(len(remarks))}</ul>'


def _more(number: int) -> str:
    return f"<li>… and {number - MOST_LISTED:,} more</li>" if number > MOST_LISTED else ""


# documents


def row_html(document: DocumentSummary, number: int) -> str:
    """Show a document in the list."""
    named = document.title != document.name
    name = f'<bdi class="cw-name">{escaped(document.name)}</bdi> · ' if named else ""
    return (
        f'<div class="cw-row"><p class="cw-title" id="cw-document-{number}" dir="auto">'
        f'{escaped(document.title)}</p><p class="cw-quiet">{name}{_size(document)}</p></div>'
    )


def _size(document: DocumentSummary) -> str:
    pages = f"{counted(document.pages, 'page')} · " if document.pages else ""
    return f"{pages}{counted(document.chunks, 'passage')}"


def unread_html(reading: Reading) -> str:
    """Show a file that could not be read, with the reason."""
    return (
        f'<div class="cw-row"><p class="cw-title" dir="auto">{escaped(reading.name)}</p>'
        f'<p class="cw-bad">{escaped(reading.reason) or "It holds no text"}</p></div>'
    )


def heading_html(document: Document, path: Path, report: FileReport | None) -> str:
    """Show what a document is, where it came from, and what to know about how it was read."""
    name = f'<bdi class="cw-name">{escaped(document.name)}</bdi> · ' if document.name else ""
    rows = "".join(f"<li>{escaped(note)}</li>" for note in (report.notes if report else ()))
    notes = f'<ul class="cw-list cw-doubt">{rows}</ul>' if rows else ""
    return (
        f'<div class="cw-document"><h2 dir="auto">{escaped(document.title)}</h2>'
        f'<p class="cw-quiet">{name}read from <bdi class="cw-name">{escaped(str(path))}</bdi></p>'
        f"{notes}</div>"
    )


def text_html(text: str) -> str:
    """Show text as it is stored, each line in its own direction."""
    return (
        f'<div class="cw-text" tabindex="0" role="region" aria-label="Text">{escaped(text)}</div>'
    )


def page_image_html(collection: str, document: str, page: int) -> str:
    """Show a page of a PDF as an image, which the browser fetches from this server."""
    where = urlencode({"collection": collection, "document": document, "page": page, "width": 1000})
    return (
        f'<img class="cw-page-image" src="/citewell/page?{escaped(where)}" '
        f'alt="Page {page}, as it is printed; its text follows.">'
    )


def passages_html(chunks: Sequence[StoredChunk], first: int) -> str:
    """Show how a document was cut.

    Args:
        first: Number of the first of them, from 1.
    """
    return "".join(
        f'<article class="cw-passage"><p class="cw-quiet">{_place(stored, number)}</p>'
        f'<div class="cw-text">{escaped(stored.chunk.text)}</div></article>'
        for number, stored in enumerate(chunks, start=first)
    )


def _place(stored: StoredChunk, number: int) -> str:
    chunk = stored.chunk
    pages = ""
    if chunk.page_start:
        same = chunk.page_start == chunk.page_end
        pages = f"page {chunk.page_start}" if same else f"pages {chunk.page_start}–{chunk.page_end}"
    path = f"<bdi>{escaped(' › '.join(chunk.headings))}</bdi>" if chunk.headings else ""
    parts = (f"Passage {number}", pages, escaped(chunk.place), path)
    return " · ".join(part for part in parts if part)
