"""What ``citewell ingest`` prints for people; for programs see `citewell.app.output`."""

from collections.abc import Sequence

from citewell.app.terminal import write
from citewell.ingest.pipeline import IngestReport
from citewell.ingest.plan import Plan, Step
from citewell.retrieval.visible import visible

_MOST_LISTED = 20


def print_report(collection: str, report: IngestReport) -> None:
    """Print what an ingest did, with a line for each file that failed or was left out."""
    rows = {
        "added": report.added,
        "changed": report.changed,
        "renamed": report.renamed,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "skipped": len(report.skipped),
        "failed": len(report.failed),
    }
    write(f"Collection {collection}")
    for name, count in rows.items():
        write(f"  {name:<10}{count:>7}")
    write(f"  {_pace(report)}")
    _print_remarks("Left out", report.skipped)
    _print_remarks("Failed", report.failed)
    if not any(rows.values()):
        write("There were no files. Name a folder that holds documents: citewell ingest FOLDER")


def _pace(report: IngestReport) -> str:
    if not report.chunks:
        return f"nothing to embed; done in {report.seconds:.1f} s"
    rate = report.chunks / report.seconds
    unit = "chunk" if report.chunks == 1 else "chunks"
    known = report.chunks - report.embedded
    reused = f", {known} of them known already" if known else ""
    return f"{report.chunks} {unit} stored in {report.seconds:.1f} s ({_rounded(rate)}/s){reused}"


def _rounded(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"


def print_plan(collection: str, plan: Plan) -> None:
    """Print what an ingest would do."""
    write(f"Collection {collection}: nothing is changed by a dry run")
    _print_steps("Add", plan.added)
    _print_steps("Read again", plan.changed)
    _print_steps("Rename", plan.renamed)
    _print_steps("Delete", plan.deleted)
    write(f"Unchanged: {len(plan.unchanged)}")
    _print_remarks("Leave out", plan.skipped)
    _print_remarks("Cannot read", plan.failed)


def _print_steps(title: str, steps: Sequence[Step]) -> None:
    write(f"{title}: {len(steps)}")
    for step in steps:
        write(f"  {visible(step.name)} ({step.reason})")


def _print_remarks(title: str, remarks: Sequence[tuple[str, str]]) -> None:
    if not remarks:
        return
    write(f"{title}: {len(remarks)}")
    for name, reason in remarks[:_MOST_LISTED]:
        write(f"  {visible(name)}: {visible(reason)}")
    if len(remarks) > _MOST_LISTED:
        write(f"  ... and {len(remarks) - _MOST_LISTED} more; --json lists them all")
