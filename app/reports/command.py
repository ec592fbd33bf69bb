"""What ``citewell report`` does and prints."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from citewell.app.documents import held_store
from citewell.app.output import Json, line
from citewell.app.reports.page import report_page
from citewell.app.reports.summary import STATES, FileReport, State, Summary, Totals, summarise
from citewell.app.tables import counted
from citewell.app.terminal import fold, say, write
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings
from citewell.retrieval.visible import visible

REPORT = "citewell.report/1"

_MOST_LISTED = 10


def run_report(settings: Settings, *, every: bool, html: Path | None, as_json: bool) -> int:
    """Report how well the files of a collection were read."""
    with held_store(settings) as store:
        summary = summarise(settings.collection, store.readings(settings.collection))
    if html is not None:
        _write_page(html, summary)
    if as_json:
        write(line(report_json(summary)))
    elif html is None:
        print_summary(summary, every=every)
    return 0


def _write_page(html: Path, summary: Summary) -> None:
    try:
        html.write_text(report_page(summary), "utf-8")
    except OSError as error:
        raise ConfigError(
            f"{html} cannot be written ({error.strerror}). Name another file after --html."
        ) from error
    say(f"Written: {html}")


def report_json(summary: Summary) -> Json:
    """Return what ``citewell report --json`` prints."""
    totals = summary.totals
    return {
        "schema": REPORT,
        "collection": summary.collection,
        "totals": {
            "files": totals.files,
            "states": {state.replace(" ", "_").lower(): n for state, n in totals.states.items()},
            "languages": {name or "unknown": n for name, n in totals.languages.items()},
            "pages": totals.pages,
            "pages_by_source": totals.sources,
            "pages_doubtful": totals.doubtful,
            "documents": totals.documents,
            "words": totals.words,
            "tables": totals.tables,
            "seconds": totals.seconds,
            "bytes": totals.size,
        },
        "files": [_file_json(file) for file in summary.files],
    }


def _file_json(file: FileReport) -> Json:
    reading = file.reading
    return {
        "name": reading.name,
        "path": str(reading.path),
        "status": reading.status,
        "state": file.state.replace(" ", "_").lower(),
        "notes": list(file.notes),
        "reader": reading.reader,
        "size": reading.size,
        "seconds": reading.seconds,
        "memory_mb": reading.memory_mb,
        "documents": reading.documents,
        "words": reading.words,
        "tables": reading.tables,
        "language": reading.language,
        "pages": [asdict(page) for page in reading.pages],
    }


def print_summary(summary: Summary, *, every: bool) -> None:
    """Print the files that need attention, most first, or all of them; then totals."""
    if not summary.files:
        write(
            f"Nothing has been read into {summary.collection} yet. "
            f"Start with: citewell ingest PATH --collection {summary.collection}"
        )
        return
    for state in STATES:
        files = [file for file in summary.files if file.state == state]
        if files and (every or state != "good"):
            _print_files(state, files, every=every)
    _print_totals(summary.totals)


def _print_files(state: State, files: Sequence[FileReport], *, every: bool) -> None:
    write(f"{counted(len(files), 'file')} {STATES[state]}")
    most = len(files) if every else _MOST_LISTED
    for file in files[:most]:
        notes = file.notes or (_counts(file),)
        write(fold(f"{visible(file.reading.name)}: {visible('; '.join(notes))}", "  "))
    if len(files) > most:
        write(f"  ... and {len(files) - most} more; --all lists every file")
    write()


def _counts(file: FileReport) -> str:
    reading = file.reading
    pages = [counted(len(reading.pages), "page")] if reading.pages else []
    return ", ".join([*pages, counted(reading.words, "word")])


def _print_totals(totals: Totals) -> None:
    read = totals.files - totals.states.get("failed", 0) - totals.states.get("skipped", 0)
    write(f"{read:,} of {counted(totals.files, 'file')} read in {totals.seconds:.1f} s")
    held = {"document": totals.documents, "word": totals.words, "table": totals.tables}
    write(f"  {', '.join(counted(number, thing) for thing, number in held.items())}")
    if totals.pages:
        by_source = {
            "as text": totals.sources.get("text", 0),
            "by OCR": totals.sources.get("ocr", 0),
            "without text": totals.sources.get("none", 0),
            "doubtful": totals.doubtful,
        }
        parts = ", ".join(f"{number:,} {name}" for name, number in by_source.items() if number)
        write(f"  {counted(totals.pages, 'page')}: {parts}")
    languages = (f"{name or 'not clear'} {number}" for name, number in totals.languages.items())
    write(f"  languages: {', '.join(languages) or 'none'}")
