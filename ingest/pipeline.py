"""From folders to the store: scan, plan, read, chunk, embed, commit.

Each file is one transaction, so a run that is interrupted leaves whole files behind and the next
run goes on from there. Only large files of many documents are committed in parts.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Literal

import numpy as np

from citewell.ingest.chunking import chunk
from citewell.ingest.folder import Remark, scan
from citewell.ingest.plan import STILL_SEARCHED, Plan, Step, free_name, plan
from citewell.ingest.workers import ReaderPool, ReadJob, ReadOutcome
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import EmbeddedDocument, Store, Vectors
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, embedding_text

BATCH_CHUNKS = 512
"""Chunks embedded together: sorted by length, texts of many files cost half of those of one."""

STEP_CHUNKS = 64
"""Chunks of like length that are embedded between two reports of progress."""

SYNC_CHUNKS = 4096
"""Chunks after which a long run brings the vector index up to date, for those who search now."""


@dataclass(frozen=True, slots=True)
class IngestEvent:
    """How far a run has come.

    Attributes:
        kind: ``planned``: so many files are to be read. ``file``: one is done, with so many
            chunks (0 when it gave none). ``embedded``: so many chunks more have a vector.
        count: The number that the kind speaks of.
        name: The file that is done; else blank.
    """

    kind: Literal["planned", "file", "embedded"]
    count: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a run did.

    Attributes:
        added: Files that were new; ``changed``, ``unchanged`` and ``deleted`` count files too.
        skipped: What is not meant to be read, with the reason.
        failed: What could not be read, with the reason.
        chunks: Chunks that were embedded and stored.
        seconds: What it took.
    """

    added: int
    changed: int
    unchanged: int
    deleted: int
    skipped: tuple[Remark, ...]
    failed: tuple[Remark, ...]
    chunks: int
    seconds: float

    @property
    def partial(self) -> bool:
        """Whether any file failed."""
        return bool(self.failed)


def plan_paths(paths: Sequence[Path], *, store: Store, collection: str, settings: Settings) -> Plan:
    """Return what `ingest_paths` would do, and do none of it.

    Raises:
        ConfigError: If one of ``paths`` does not exist.
    """
    return plan(scan(paths, settings.max_file_mb, settings.home), store, collection)


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
    """Make a collection hold what is in some folders and files now.

    A file that cannot be read is named in the report and stops no other.

    Args:
        paths: Folders and files. What the collection holds of other folders stays as it is.
        sync_index: Brings the vector index up to date with the store; called at the end, and
            now and then on the way.
        on_event: Told how far the run has come.

    Raises:
        ConfigError: If one of ``paths`` does not exist.
        StoreBusy: If another process writes to the store for longer than ``lock_timeout``.
        StoreError: If the collection was made with another embedding model or chunking.
    """
    started = time.monotonic()
    with writer_lock(settings.home, settings.lock_timeout):
        found = scan(paths, settings.max_file_mb, settings.home)
        chunking = ChunkingSettings(chars=settings.chunk_chars)
        store.create_collection(collection, embedder.fingerprint, chunking)
        todo = plan(found, store, collection)
        for step in todo.deleted:
            store.delete_file(collection, step.source.path)
        run = _Run(store, embedder, collection, chunking, sync_index, on_event)
        run.read([*todo.added, *todo.changed], settings)
        sync_index()
    added = sum(step.source.path in run.done for step in todo.added)
    return IngestReport(
        added=added,
        changed=len(run.done) - added,
        unchanged=len(todo.unchanged),
        deleted=len(todo.deleted),
        skipped=todo.skipped + tuple(run.skipped),
        failed=todo.failed + tuple(run.failed),
        chunks=run.chunks,
        seconds=time.monotonic() - started,
    )


@dataclass(slots=True)
class _OpenFile:
    """A file whose documents are on their way into the store.

    Attributes:
        old: Names of its documents that the store held before.
        kept: Names of those that the store holds as they are to be.
        left: Documents that are still to be stored.
        chunks: Chunks stored so far.
    """

    step: Step
    old: frozenset[str]
    kept: set[str]
    left: int
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A document that waits to be embedded."""

    file: _OpenFile
    document: Document
    chunks: list[Chunk]


class _Run:
    """The reading, embedding and storing of one run, and what has become of its files."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        collection: str,
        chunking: ChunkingSettings,
        sync_index: Callable[[], None],
        on_event: Callable[[IngestEvent], None] | None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._collection = collection
        self._chunking = chunking
        self._sync_index = sync_index
        self._tell = on_event or (lambda event: None)
        self._held = store.files(collection)
        self._holders = store.names(collection)
        self._waiting: list[_Waiting] = []
        self._synced_chunks = 0
        self.done: set[Path] = set()
        self.skipped: list[Remark] = []
        self.failed: list[Remark] = []
        self.chunks = 0

    def read(self, steps: Sequence[Step], settings: Settings) -> None:
        """Read files and store what they hold."""
        self._tell(IngestEvent("planned", len(steps)))
        if not steps:
            return
        jobs = [ReadJob(step.source.path, step.name) for step in steps]
        limits = (settings.read_workers, settings.read_timeout, settings.read_memory_mb)
        with ReaderPool(*limits) as pool:
            for step, outcome in zip(steps, pool.read(jobs), strict=True):
                documents = [each for each in outcome.documents if each.text.strip()]
                if documents:
                    self._take(step, documents)
                else:
                    self._pass_over(step, outcome)
        self._flush()

    def _pass_over(self, step: Step, outcome: ReadOutcome) -> None:
        reason = outcome.error or "holds no text"
        if step.source.path in self._held:
            reason += STILL_SEARCHED
        remarks = self.skipped if outcome.skipped else self.failed
        remarks.append(Remark(step.name, reason))
        self._tell(IngestEvent("file", 0, step.name))

    def _take(self, step: Step, documents: Iterable[Document]) -> None:
        """Let a file's documents wait for a full batch, but for those that are stored already."""
        named = [self._named(document, step.source.path) for document in documents]
        path = step.source.path
        held = self._store.digests(self._collection, path) if path in self._held else {}
        new = [document for document in named if held.get(document.name) != document.digest]
        kept = {document.name for document in named} - {document.name for document in new}
        file = _OpenFile(step, frozenset(held), kept, len(new))
        if not new:
            self._commit(file, [])
        for document in new:
            self._waiting.append(_Waiting(file, document, chunk(document, self._chunking)))
            if sum(len(each.chunks) for each in self._waiting) >= BATCH_CHUNKS:
                self._flush()

    def _named(self, document: Document, path: Path) -> Document:
        """Return the document under a name that no document of another file has."""
        name = free_name(document.name, path.name, self._holders, path)
        self._holders[name] = path
        return document if name == document.name else replace(document, name=name)

    def _flush(self) -> None:
        """Embed and store all that waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        vectors = self._embed(waiting)
        start = 0
        for _, group in groupby(waiting, key=lambda each: id(each.file)):
            changed = []
            for each in group:
                end = start + len(each.chunks)
                changed.append(EmbeddedDocument(each.document, each.chunks, vectors[start:end]))
                start = end
            self._commit(each.file, changed)
        if self.chunks - self._synced_chunks >= SYNC_CHUNKS:
            self._synced_chunks = self.chunks
            self._sync_index()

    def _embed(self, waiting: Sequence[_Waiting]) -> Vectors:
        """Return the vectors of all chunks, in their order."""
        texts = [
            embedding_text(each.document.title, piece) for each in waiting for piece in each.chunks
        ]
        by_length = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        vectors = np.empty((len(texts), self._embedder.fingerprint.dimension), np.float32)
        for start in range(0, len(by_length), STEP_CHUNKS):
            places = by_length[start : start + STEP_CHUNKS]
            vectors[places] = self._embedder.embed_passages([texts[place] for place in places])
            self._tell(IngestEvent("embedded", len(places)))
        return vectors

    def _commit(self, file: _OpenFile, changed: Sequence[EmbeddedDocument]) -> None:
        """Store some of a file's documents; with the last of them, that the file is read."""
        names = {each.document.name for each in changed}
        file.left -= len(changed)
        file.chunks += sum(len(each.chunks) for each in changed)
        self.chunks += sum(len(each.chunks) for each in changed)
        source = file.step.source
        if file.left:
            # Without its SHA-256 the next run takes the file up again if this one is cut short.
            unfinished = replace(source, sha256="")
            kept = (file.old | file.kept) - names
            self._store.replace_file(self._collection, unfinished, changed, kept)
        else:
            self._store.replace_file(self._collection, source, changed, file.kept)
            self.done.add(source.path)
            self._tell(IngestEvent("file", file.chunks, file.step.name))
        file.kept |= names
