"""What ``citewell calibrate`` prints."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from citewell.app.calibrating import Calibrated, Tell
from citewell.app.calibration_chart import page, plain, svg
from citewell.app.calibration_fit import Figures, Point
from citewell.app.output import Json
from citewell.app.terminal import say, write
from citewell.retrieval.errors import ConfigError

CALIBRATE = "citewell.calibrate/1"

_EVERY = 50
"""Questions between two lines of progress off a terminal."""

_MOST_POINTS = 100


def calibrate_json(collection: str, found: Calibrated, plot: Path | None) -> Json:
    """Return what ``citewell calibrate --json`` prints."""
    kept = found.kept
    return {
        "schema": CALIBRATE,
        "collection": collection,
        "kept": True,
        "questions": {
            "source": kept.source,
            "answerable": kept.answerable,
            "unanswerable": kept.unanswerable,
        },
        "slope": kept.slope,
        "offset": kept.offset,
        "threshold": kept.threshold,
        "threshold_before": found.threshold_before,
        "share": kept.share,
        "before": asdict(found.before),
        "after": asdict(found.after),
        "curve": [asdict(each) for each in _thinned(found.curve)],
        "plot": None if plot is None else str(plot),
    }


def reset_json(collection: str) -> Json:
    """Return what ``citewell calibrate --reset --json`` prints."""
    found = ("slope", "offset", "threshold", "threshold_before", "share", "before", "after", "plot")
    return {
        "schema": CALIBRATE,
        "collection": collection,
        "kept": False,
        "questions": None,
        "curve": [],
        **dict.fromkeys(found),
    }


def print_calibrated(collection: str, found: Calibrated) -> None:
    """Print the figures before and after, and the curve."""
    kept = found.kept
    source = "given" if kept.source == "given" else "made from the documents"
    write(
        f"Calibrated {collection} on {kept.answerable + kept.unanswerable} questions ({source}): "
        f"{kept.answerable} that it answers, {kept.unanswerable} that it does not."
    )
    write(f"{'':<34} {'before':>8} {'after':>8}")
    for label, before, after in _rows(found):
        write(f"{label:<34} {before:>8} {after:>8}")
    write()
    write("Share of the answered questions that the documents do not answer:")
    for line in plain(found.curve, chosen_point(found)):
        write(line)


def write_plot(path: Path, collection: str, found: Calibrated) -> None:
    """Write the curve as SVG or, where the name ends in ``.html``, as a page.

    Raises:
        ConfigError: If the file cannot be written or has another ending.
    """
    title = f"Risk and coverage of {collection}"
    picture = svg(found.curve, chosen_point(found), title)
    if path.suffix == ".html":
        rows = _rows(found)
        told = [f"{label}: {before} before, {after} after" for label, before, after in rows]
        picture = page(picture, title, told)
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"The plot {path} cannot be written ({error.strerror}). Name another file with --plot."
        ) from error


def chosen_point(found: Calibrated) -> Point:
    """Return the point of the curve at which the calibrated questions are answered."""
    kept = found.kept
    answered = kept.answerable * (1 - found.after.falsely)
    wrongly = kept.unanswerable * (1 - found.after.declined)
    total = max(1, kept.answerable + kept.unanswerable)
    coverage = (answered + wrongly) / total
    return Point(coverage, wrongly / max(1e-9, answered + wrongly))


@contextmanager
def asking_progress(what: str) -> Iterator[Tell]:
    """Show on standard error how many questions were asked while the block runs."""
    import sys

    if not sys.stderr.isatty():
        yield lines(what, say)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(bar_width=24),
        TextColumn("{task.completed}/{task.total}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)


def lines(what: str, tell: Callable[[str], None]) -> Tell:
    """Return what tells of every fiftieth question."""

    def count(done: int, total: int) -> None:
        if done % _EVERY == 0 and done < total:
            tell(f"{what}: {done} of {total}")

    return count


def _rows(found: Calibrated) -> list[tuple[str, str, str]]:
    before, after = found.before, found.after
    return [
        ("threshold", f"{found.threshold_before:.2f}", f"{found.kept.threshold:.2f}"),
        ("declined, with an answer", *_pair(before, after, "falsely")),
        ("declined, without an answer", *_pair(before, after, "declined")),
        ("told apart (area under the curve)", f"{before.area:.3f}", f"{after.area:.3f}"),
        ("error of the probability", f"{before.error:.3f}", f"{after.error:.3f}"),
    ]


def _pair(before: Figures, after: Figures, name: str) -> tuple[str, str]:
    return f"{getattr(before, name):.0%}", f"{getattr(after, name):.0%}"


def _thinned(points: tuple[Point, ...]) -> list[Point]:
    step = -(-len(points) // _MOST_POINTS)
    return [*points[: len(points) - 1 : step], points[-1]]
