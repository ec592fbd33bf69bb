"""A collection made for one measurement, the way ``citewell ingest`` makes one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from citewell.ingest.run import ingest
from citewell.retrieval.settings import Settings


@contextmanager
def home_folder(given: Path | None = None) -> Iterator[Path]:
    """Yield the folder given, or one that is removed at the end."""
    if given is not None:
        yield given
        return
    with TemporaryDirectory(prefix="citewell-bench-") as folder:
        yield Path(folder)


def fill(settings: Settings, paths: Sequence[Path]) -> None:
    """Make the collection that settings name hold what is in ``paths``.

    Raises:
        SystemExit: If nothing of it could be read.
    """
    report = ingest(paths, settings)
    if report.added + report.changed + report.unchanged == 0:
        reasons = "; ".join(f"{each.name}: {each.reason}" for each in report.failed[:3])
        raise SystemExit(f"Nothing could be ingested from {list(map(str, paths))}. {reasons}")
