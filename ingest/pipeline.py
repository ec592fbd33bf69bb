"""From folders to the store: scan, plan, read, chunk, embed, commit.

Each file is one transaction, so a run that is interrupted leaves whole files behind and the next
run goes on from there. Only large files of many documents are committed in parts.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from citewell.ingest.events import IngestEvent
from citewell.ingest.folder import Remark
from citewell.ingest.intake import Intake, Target
from citewell.ingest.plan import Plan, Step, plan
from citewell.ingest.sources import FolderSource, Source
from citewell.ingest.workers import ReadJob
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.locking import current_writer, writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import Store
from citewell.retrieval.values import ChunkingSettings


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did.

    Attributes:
        added: Files that were new; ``changed``, ``unchanged``, ``deleted`` and ``renamed`` count
            files too.
        skipped: What is not meant to be read, with the reason.
        failed: What could not be read, with the reason.
        chunks: Chunks that were stored.
        seconds: What it took.
        embedded: Chunks that had to be embedded; the vectors of the others were known.
    """

    added: int
    changed: int
    unchanged: int
    deleted: int
    skipped: tuple[Remark, ...]
    failed: tuple[Remark, ...]
    chunks: int
    seconds: float
    renamed: int = 0
    embedded: int = 0

    @property
    def partial(self) -> bool:
        """Whether any file failed."""
        return bool(self.failed)


def plan_source(source: Source, *, store: Store, collection: str) -> Plan:
    """Return what `ingest_source` would do, and do none of it.

    Raises:
        ConfigError: If what the source names does not exist.
    """
    return plan(source.scan(lambda: None), store, collection)


def ingest_paths(
    paths: Sequence[Path],
    *,
    store: Store,
    embedder: Embedder,
    collection: str,
    settings: Settings,
    sync_index: Callable[[], None],
    on_event: Callable[[IngestEvent], None] | None = None,
) -> IngestReport:
    """Make a collection hold what is in some folders and files now. See `ingest_source`.

    Args:
        paths: Folders and files. What the collection holds of other folders stays as it is.

    Raises:
        ConfigError: If one of ``paths`` does not exist.
    """
    return ingest_source(
        FolderSource(paths, settings),
        store=store,
        embedder=embedder,
        collection=collection,
        settings=settings,
        sync_index=sync_index,
        on_event=on_event,
    )


def ingest_source(
    source: Source,
    *,
    store: Store,
    embedder: Embedder,
    collection: str,
    settings: Settings,
    sync_index: Callable[[], None],
    on_event: Callable[[IngestEvent], None] | None = None,
) -> IngestReport:
    """Make a collection hold what a source has now.

    A file that cannot be read is named in the report and stops no other.

    Args:
        sync_index: Brings the vector index up to date with the store; called at the end, and
            now and then on the way.
        on_event: Told how far the run has come.

    Raises:
        ConfigError: If what the source names does not exist.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
        StoreError: If the collection was made with another embedding model or chunking.
    """
    started = time.monotonic()
    tell = on_event or (lambda event: None)
    chunking = ChunkingSettings(chars=settings.chunk_chars)
    target = Target(store, embedder, collection, chunking, sync_index, tell)
    if writer := current_writer(settings.home):
        tell(IngestEvent("waiting", writer.pid, writer.command))
    with writer_lock(settings.home, settings.lock_timeout):
        found = source.scan(lambda: tell(IngestEvent("found", 1)))
        store.create_collection(collection, embedder.fingerprint, chunking)
        todo = plan(found, store, collection)
        intake = _execute(todo, source, target)
        sync_index()
    added = sum(step.source.path in intake.done for step in todo.added)
    return IngestReport(
        added=added,
        changed=len(intake.done) - added,
        renamed=len(todo.renamed),
        unchanged=len(todo.unchanged),
        deleted=len(todo.deleted),
        skipped=todo.skipped + tuple(intake.skipped),
        failed=todo.failed + tuple(intake.failed),
        chunks=intake.chunks,
        embedded=intake.embedded,
        seconds=time.monotonic() - started,
    )


def _execute(todo: Plan, source: Source, target: Target) -> Intake:
    """Do what is planned. What was deleted goes first, but for vectors that are needed again."""
    steps = [*todo.added, *todo.changed]
    wanted = {step.source.sha256 for step in steps}
    copied = [step for step in todo.deleted if step.source.sha256 in wanted]
    _delete([step for step in todo.deleted if step.source.sha256 not in wanted], target)
    for step in todo.renamed:
        assert step.old_path is not None
        file = replace(step.source, name=step.name)
        target.store.rename_file(target.collection, step.old_path, file, step.renamed)
    if todo.forgotten:
        target.store.delete_readings(target.collection, todo.forgotten)
    if todo.readings:
        target.store.put_readings(target.collection, todo.readings)
    intake = Intake(target)
    target.tell(IngestEvent("planned", len(steps), size=sum(step.size for step in steps)))
    jobs = [ReadJob(step.source.path, step.name, step.source.sha256) for step in steps]
    for step, outcome in zip(steps, source.read(jobs), strict=True):
        intake.take(step, outcome)
    intake.finish()
    _delete(copied, target)
    return intake


def _delete(steps: Sequence[Step], target: Target) -> None:
    for step in steps:
        target.store.delete_file(target.collection, step.source.path)
