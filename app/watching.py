"""What ``citewell watch`` does and prints."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from threading import Event

from citewell.app.output import ingest_json, line
from citewell.app.tables import counted
from citewell.app.terminal import say, write
from citewell.ingest.folder import Remark
from citewell.ingest.pipeline import IngestReport
from citewell.ingest.watching import Outcome, watch
from citewell.retrieval.settings import Settings


def run_watch(folders: Sequence[Path], settings: Settings, *, as_json: bool) -> int:
    """Keep the collection in step with folders until the user stops it."""
    say(f"Watching for changes. Collection {settings.collection}; Ctrl-C ends it.")
    watch(folders, settings, Watcher(settings.collection, as_json=as_json), Event())
    return 0


class Watcher:
    """Prints the runs that changed something, and what has newly failed."""

    def __init__(self, collection: str, *, as_json: bool) -> None:
        self._collection = collection
        self._as_json = as_json
        self._failed: set[Remark] = set()

    def __call__(self, outcome: Outcome) -> None:
        """Print what became of a run."""
        if not isinstance(outcome, IngestReport):
            say(f"citewell: {outcome}")
            return
        new = [remark for remark in outcome.failed if remark not in self._failed]
        self._failed = set(outcome.failed)
        if not _changed(outcome) and not new:
            return
        if self._as_json:
            write(line(ingest_json(self._collection, outcome)))
            return
        clock = f"{datetime.now():%H:%M:%S}"
        write(f"{clock} {_summary(outcome)}")
        for remark in new:
            say(f"  failed: {remark.name}: {remark.reason}")


def _changed(report: IngestReport) -> int:
    return report.added + report.changed + report.renamed + report.deleted


def _summary(report: IngestReport) -> str:
    parts = {
        "added": report.added,
        "changed": report.changed,
        "renamed": report.renamed,
        "deleted": report.deleted,
        "failed": len(report.failed),
    }
    done = ", ".join(f"{name} {count}" for name, count in parts.items() if count)
    return f"{done} ({counted(report.chunks, 'chunk')} in {report.seconds:.1f} s)"
