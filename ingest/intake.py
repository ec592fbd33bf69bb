"""Take read files into the store: cut, embed and commit them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from citewell.ingest.chunking import chunk
from citewell.ingest.events import IngestEvent
from citewell.ingest.folder import Remark
from citewell.ingest.plan import STILL_SEARCHED, Step, free_name
from citewell.ingest.quality import assess
from citewell.ingest.workers import ReadOutcome
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.languages import language_of
from citewell.retrieval.reading import Reading
from citewell.retrieval.store import EmbeddedDocument, Store, Vectors
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Document,
    embedding_digest,
    embedding_text,
)

BATCH_CHUNKS = 512
"""Chunks embedded together: sorted by length, texts of many files cost half of those of one."""

STEP_CHUNKS = 64
"""Chunks of like length that are embedded between two reports of progress."""

SYNC_CHUNKS = 4096
"""Chunks after which a long run brings the vector index up to date, for those who search now."""


@dataclass(frozen=True, slots=True)
class Target:
    """The collection that documents go into, and what that needs.

    Attributes:
        sync_index: Brings the vector index up to date with the store.
        tell: Told how far a run has come.
    """

    store: Store
    embedder: Embedder
    collection: str
    chunking: ChunkingSettings
    sync_index: Callable[[], None]
    tell: Callable[[IngestEvent], None]


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
    reading: Reading
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


class Intake:
    """Stores what was read, a batch at a time, and keeps count of it.

    Attributes:
        done: Files that the store holds as they are to be.
        skipped: What held no documents by its nature, with the reason.
        failed: What could not be read, with the reason.
        chunks: Chunks stored.
        embedded: Those of them that had to be embedded; the vectors of others were known.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._store = target.store
        self._held = target.store.files(target.collection)
        self._holders = target.store.names(target.collection)
        self._waiting: list[_Waiting] = []
        self._waiting_chunks = 0
        self._readings: list[Reading] = []
        self._synced_chunks = 0
        self.done: set[Path] = set()
        self.skipped: list[Remark] = []
        self.failed: list[Remark] = []
        self.chunks = 0
        self.embedded = 0

    def take(self, step: Step, outcome: ReadOutcome) -> None:
        """Take in what became of a file. It is in the store at the latest after `finish`."""
        documents = [each for each in outcome.documents if each.text.strip()]
        if documents:
            self._store_later(step, outcome, documents)
        else:
            self._pass_over(step, outcome)

    def finish(self) -> None:
        """Store all that waits."""
        self._flush()
        self._record()

    def _pass_over(self, step: Step, outcome: ReadOutcome) -> None:
        reason = outcome.error or "holds no text"
        final = outcome.final or outcome.error is None
        self._readings.append(
            replace(
                _reading(step, outcome, ()),
                status="skipped" if outcome.skipped else "failed",
                reason=reason,
                sha256=step.source.sha256 if final else "",
            )
        )
        if step.source.path in self._held:
            reason += STILL_SEARCHED
        (self.skipped if outcome.skipped else self.failed).append(Remark(step.name, reason))
        self._target.tell(IngestEvent("file", name=step.name, size=step.size))

    def _store_later(self, step: Step, outcome: ReadOutcome, documents: Iterable[Document]) -> None:
        """Let a file's documents wait for a full batch, but for those that are stored already."""
        path = step.source.path
        named = [self._named(document, path) for document in _with_languages(documents)]
        held = self._store.digests(self._target.collection, path) if path in self._held else {}
        new = [document for document in named if held.get(document.name) != document.digest]
        kept = {document.name for document in named} - {document.name for document in new}
        reading = _reading(step, outcome, named)
        file = _OpenFile(step, reading, frozenset(held), kept, len(new))
        if not new:
            self._commit(file, [])
        for document in new:
            chunks = chunk(document, self._target.chunking)
            self._waiting.append(_Waiting(file, document, chunks))
            self._waiting_chunks += len(chunks)
            if self._waiting_chunks >= BATCH_CHUNKS:
                self._flush()

    def _named(self, document: Document, path: Path) -> Document:
        """Return the document under a name that no document of another file has."""
        name = free_name(document.name, path.name, self._holders, path)
        self._holders[name] = path
        return document if name == document.name else replace(document, name=name)

    def _flush(self) -> None:
        """Embed and store all documents that wait."""
        waiting, self._waiting, self._waiting_chunks = self._waiting, [], 0
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
            self._target.sync_index()

    def _embed(self, waiting: Sequence[_Waiting]) -> Vectors:
        """Return the vectors of all chunks, in their order; those that are stored are not made."""
        pairs = [(each.document.title, piece) for each in waiting for piece in each.chunks]
        digests = [embedding_digest(*pair) for pair in pairs]
        texts = {digest: embedding_text(*pair) for digest, pair in zip(digests, pairs, strict=True)}
        known = self._store.known_vectors(self._target.collection, texts)
        new = sorted(texts.keys() - known.keys(), key=lambda digest: (len(texts[digest]), digest))
        for start in range(0, len(new), STEP_CHUNKS):
            step = new[start : start + STEP_CHUNKS]
            vectors = self._target.embedder.embed_passages([texts[digest] for digest in step])
            known |= zip(step, vectors, strict=True)
            self._target.tell(IngestEvent("embedded", len(step)))
        self.embedded += len(new)
        dimension = self._target.embedder.fingerprint.dimension
        return np.array([known[digest] for digest in digests], np.float32).reshape(-1, dimension)

    def _commit(self, file: _OpenFile, changed: Sequence[EmbeddedDocument]) -> None:
        """Store some of a file's documents; with the last of them, that the file is read."""
        names = {each.document.name for each in changed}
        file.left -= len(changed)
        file.chunks += sum(len(each.chunks) for each in changed)
        self.chunks += sum(len(each.chunks) for each in changed)
        source = replace(file.step.source, name=file.step.name)
        collection = self._target.collection
        if file.left:
            # Without its SHA-256 the next run takes the file up again if this one is cut short.
            unfinished = replace(source, sha256="")
            kept = (file.old | file.kept) - names
            self._store.replace_file(collection, unfinished, changed, kept)
        else:
            self._store.replace_file(collection, source, changed, file.kept, file.reading)
            self.done.add(source.path)
            self._tell_done(file)
        file.kept |= names

    def _tell_done(self, file: _OpenFile) -> None:
        step, pages = file.step, len(file.reading.pages)
        event = IngestEvent("file", file.chunks, name=step.name, pages=pages, size=step.size)
        self._target.tell(event)

    def _record(self) -> None:
        readings, self._readings = self._readings, []
        self._store.put_readings(self._target.collection, readings)


def _with_languages(documents: Iterable[Document]) -> list[Document]:
    """Return documents with their languages; one that is not clear has that of its whole file."""
    told = [replace(each, language=language_of([each.title, each.text])) for each in documents]
    if all(each.language for each in told):
        return told
    usual = language_of(each.text for each in told)
    return [each if each.language else replace(each, language=usual) for each in told]


def _reading(step: Step, outcome: ReadOutcome, documents: Sequence[Document]) -> Reading:
    found = assess(documents, step.size)
    return Reading(
        path=step.source.path,
        name=step.name,
        status="read",
        reason=found.note,
        sha256=step.source.sha256,
        reader=step.source.reader,
        size=step.size,
        seconds=round(outcome.seconds, 3),
        memory_mb=round(outcome.memory_mb, 1),
        documents=len(documents),
        words=found.words,
        tables=found.tables,
        language=found.language,
        pages=found.pages,
    )
