"""Ingesting as commands and the page do it, with what the settings name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from citewell.ingest.events import IngestEvent
from citewell.ingest.pipeline import IngestReport, ingest_source, plan_source
from citewell.ingest.plan import Plan
from citewell.ingest.sources import FolderSource, Source
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.retriever import open_collection_embedder
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import FILE_NAME, open_store


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    on_event: Callable[[IngestEvent], None] | None = None,
) -> IngestReport:
    """Make the collection hold what is in some folders and files now. See `ingest_from`.

    Raises:
        ConfigError: If one of ``paths`` does not exist.
    """
    return ingest_from(FolderSource(paths, settings), settings, on_event)


def ingest_from(
    source: Source,
    settings: Settings,
    on_event: Callable[[IngestEvent], None] | None = None,
) -> IngestReport:
    """Make the collection hold what a source has now.

    Raises:
        ConfigError: If what the source names does not exist.
        StoreBusy: If another process is writing to the store.
        StoreError: If the collection was made with another embedding model or chunking.
    """
    name = settings.collection
    with open_store(settings.home) as store:
        return ingest_source(
            source,
            store=store,
            embedder=open_collection_embedder(store, settings),
            collection=name,
            settings=settings,
            sync_index=lambda: sync_index(settings.home, store, name),
            on_event=on_event,
        )


def plan_from(source: Source, settings: Settings) -> Plan:
    """Return what `ingest_from` would do, and do none of it: where there is no store, none is made.

    Raises:
        ConfigError: If what the source names does not exist.
    """
    with TemporaryDirectory() as empty:
        home = settings.home if (settings.home / FILE_NAME).exists() else Path(empty)
        with open_store(home) as store:
            return plan_source(source, store=store, collection=settings.collection)
