"""A collection made for one measurement, the way ``citewell ingest`` makes one."""

from collections.abc import Sequence
from pathlib import Path

from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store


def fill(
    settings: Settings,
    paths: Sequence[Path],
) -> IngestReport:
    """Make the collection that settings name hold what is in ``paths``.

    Raises:
        SystemExit: If nothing of it could be read.
    """
    with open_store(settings.home) as store:
        report = ingest_paths(
            paths,
            store=store,
            embedder=open_embedder(settings.embedding_model, settings.embedding_precision),
            collection=settings.collection,
            settings=settings,
            sync_index=lambda: sync_index(settings.home, store, settings.collection),
        )
    if report.added + report.changed + report.unchanged == 0:
        reasons = "; ".join(f"{each.name}: {each.reason}" for each in report.failed[:3])
        raise SystemExit(f"Nothing could be ingested from {list(map(str, paths))}. {reasons}")
    return report
