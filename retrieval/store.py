"""What search and ingest need of a store. SQLite is the one at hand; others can stand beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.filters import Filter
from citewell.retrieval.reading import Reading
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Collection,
    Document,
    Fingerprint,
    Layout,
)

Vectors = NDArray[np.float32]
Keys = NDArray[np.int64]

MarkKind = Literal["tag", "label"]
"""A tag is there to filter by; a label keeps from those who do not hold it what carries it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which chunks a search may see.

    A collection, each folder and each document can carry labels. A caller sees a document if it
    holds at least one label at each of these levels that carries any; without labels it sees
    only what carries none.

    Attributes:
        labels: Those that the caller holds.
        where: What must hold of a chunk beside; None for nothing.
    """

    labels: frozenset[str] = frozenset()
    where: Filter | None = None


EVERYBODY = Scope()
"""What is seen without any label."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag or a label that a user gave.

    Attributes:
        name: Of a document or a file; of a folder, with a slash at its end: all below it has the
            mark; blank for the whole collection.
        kind: Whether it is a tag or a label.
        value: The tag or label.
        folder: The folder that a document had the label of before it was renamed out of it; blank
            for a mark that was given to ``name`` itself.
    """

    name: str
    kind: MarkKind
    value: str
    folder: str = ""


def levels(name: str) -> Iterator[str]:
    """Yield the names of marks that a document or file of a name has: outermost first."""
    yield ""
    at = name.find("/")
    while at >= 0:
        yield name[: at + 1]
        at = name.find("/", at + 1)
    yield name


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as the store last took it in.

    Attributes:
        path: Absolute path.
        sha256: Of its bytes, in hex.
        reader: Name and version of the reader that read it, such as ``pdf-1``.
        name: What it is called in the collection; marks of this name and of folders above it
            hold for all its documents, whatever these are called.
    """

    path: Path
    sha256: str
    reader: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with its key in the store and the title of its document.

    Attributes:
        key: Rises with each chunk stored and is never used again for another.
    """

    key: int
    chunk: Chunk
    title: str


@dataclass(frozen=True, slots=True)
class EmbeddedDocument:
    """A document ready to store: ``vectors`` has shape ``(len(chunks), dimension)``, unit rows."""

    document: Document
    chunks: Sequence[Chunk]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text.

    Attributes:
        pages: Number of its pages; 0 when its format has none.
        characters: Length of its text.
    """

    name: str
    title: str
    path: Path
    pages: int
    characters: int
    chunks: int


class Store(Protocol):
    """Holds collections, documents, chunks and vectors. Reads are safe beside one writer.

    Every method raises StoreError when the store cannot be read or written, and NotConfigured
    when a collection does not exist (the message names those that do).
    """

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def close(self) -> None:
        """Let go of all files. Calling it twice is harmless."""
        ...

    def collections(self, labels: frozenset[str] | None = None) -> list[Collection]:
        """Return all collections by name, with counts of all or of what some labels let see."""
        ...

    def collection(self, name: str, labels: frozenset[str] | None = None) -> Collection:
        """Return one collection, with counts of all or of what some labels let see."""
        ...

    def create_collection(
        self, name: str, fingerprint: Fingerprint, chunking: ChunkingSettings
    ) -> Collection:
        """Make an empty collection, or return the one there is if it was made with the same.

        Raises:
            StoreError: If it was made with another fingerprint or chunking.
        """
        ...

    def delete_collection(self, name: str) -> None:
        """Remove a collection with all that is in it."""
        ...

    def rename_collection(
        self, name: str, new: str, moved: Mapping[Path, Path] | None = None
    ) -> Collection:
        """Give a collection another name, in one transaction; all that it holds stays.

        Its generation rises, also above all that were seen of collections of the new name.

        Args:
            moved: Folders that have moved with it, by where they were: what was read from below
                one is known as read from below the other.

        Raises:
            StoreError: If there is a collection of the new name.
        """
        ...

    def generation(self, collection: str) -> int:
        """Return the collection's generation number; it rises with each change."""
        ...

    def calibration(self, collection: str) -> str | None:
        """Return the calibration kept with a collection, in JSON; None if there is none."""
        ...

    def set_calibration(self, collection: str, calibration: str | None) -> None:
        """Keep a calibration with a collection, in place of the one before; None keeps none.

        It stays when documents change, and goes with the collection. The generation stays.
        """
        ...

    # documents

    def files(self, collection: str) -> dict[Path, SourceFile]:
        """Return the files whose documents are held, by absolute path."""
        ...

    def names(self, collection: str) -> dict[str, Path]:
        """Return the file that each document came from, by the document's name."""
        ...

    def digests(self, collection: str, path: Path) -> dict[str, str]:
        """Return the digest of each document that came from a file, by the document's name."""
        ...

    def replace_file(
        self,
        collection: str,
        file: SourceFile,
        changed: Sequence[EmbeddedDocument],
        kept: Set[str] = frozenset(),
        reading: Reading | None = None,
    ) -> None:
        """Make ``changed`` and those named in ``kept`` all that the store holds of a file.

        One transaction: a search sees the old documents or the new ones, never a mixture.
        ``changed`` documents replace those of the same name; the file's documents that are in
        neither are removed with their chunks. ``reading`` is kept beside them.
        """
        ...

    def rename_file(
        self, collection: str, path: Path, file: SourceFile, named: Mapping[str, tuple[str, str]]
    ) -> None:
        """Let a file's documents, their chunks and vectors stand for a file of the same content.

        Args:
            path: The file as the store knows it.
            file: The file as it is now.
            named: The new name and title of each document that is to have others, by its name.
        """
        ...

    def delete_file(self, collection: str, path: Path) -> None:
        """Remove a file's documents with their chunks and its reading, in one transaction."""
        ...

    def documents(self, collection: str, where: Filter | None = None) -> list[DocumentSummary]:
        """Return all documents, or those with a chunk that a filter keeps, by name."""
        ...

    def document(self, collection: str, name: str) -> Document:
        """Return a document with its text and tables, without the layouts of its pages.

        Raises:
            NotConfigured: If there is none of the name.
        """
        ...

    def document_chunks(self, collection: str, name: str) -> list[StoredChunk]:
        """Return the chunks of a document in the order of its text."""
        ...

    def layouts(self, collection: str, name: str, pages: Iterable[int]) -> list[Layout]:
        """Return the layouts of these pages of a document, in order; not all pages have one."""
        ...

    def path_of(self, collection: str, name: str) -> Path:
        """Return the file that a document came from."""
        ...

    # what became of each file

    def put_readings(self, collection: str, readings: Iterable[Reading]) -> None:
        """Record what became of some files, in place of what was recorded before."""
        ...

    def delete_readings(self, collection: str, paths: Iterable[Path]) -> None:
        """Forget what became of some files."""
        ...

    def readings(self, collection: str) -> list[Reading]:
        """Return what became of each file that was looked at, by path."""
        ...

    # tags and labels

    def mark(
        self,
        collection: str,
        kind: MarkKind,
        names: Sequence[str],
        add: Iterable[str],
        remove: Iterable[str] = (),
    ) -> None:
        """Give tags or labels to documents, files, folders or the whole collection.

        One transaction. Marks stay when what they were given to is deleted or changed, and
        follow it when it is renamed; what comes later under a marked name is marked too.

        Args:
            names: As in `Mark`; nothing of the name need be there.
            add: What each of them is to have beside what it has.
            remove: What none of them is to have any more.

        Raises:
            ValueError: If a tag or label is blank.
        """
        ...

    def marks(self, collection: str) -> list[Mark]:
        """Return all tags and labels that were given, by kind and name."""
        ...

    def keep_marks(self, collection: str, kept: Iterable[Mark]) -> None:
        """Take over marks as another store gave them out."""
        ...

    # search

    def search_text(
        self, collection: str, words: Sequence[str], limit: int, scope: Scope = EVERYBODY
    ) -> list[tuple[int, float]]:
        """Return ``(chunk key, BM25)`` of the chunks with any of the words, best first.

        Scores are positive, and depend on the chunks alone that the caller's labels let it see.
        Words are plain text, such as a whole question: no character in them is an operator.
        """
        ...

    def word_counts(
        self, collection: str, words: Sequence[str], scope: Scope = EVERYBODY
    ) -> dict[str, int]:
        """Return in how many chunks each of the words stands, in any inflected form.

        Counted is what the labels of the scope let see; its filter is not asked.
        """
        ...

    def visible_chunks(self, collection: str, scope: Scope = EVERYBODY) -> int:
        """Return how many chunks the labels of a scope let see; its filter is not asked."""
        ...

    def fact_keys(self, collection: str, labels: frozenset[str] | None = None) -> list[str]:
        """Return the keys of facts, which filters can ask for, in order.

        They are those of all documents, or of the ones that a caller with these labels sees.
        """
        ...

    def allowed(self, collection: str, scope: Scope = EVERYBODY) -> Keys | None:
        """Return the rising keys of the chunks in a scope; None for all of the collection."""
        ...

    def is_visible(self, collection: str, name: str, labels: frozenset[str]) -> bool:
        """Tell whether a caller with these labels sees a document; not if there is none."""
        ...

    def chunks(self, collection: str, keys: Sequence[int]) -> list[StoredChunk]:
        """Return the chunks of these keys in the order asked; keys that are gone are left out."""
        ...

    def chunk_keys(self, collection: str, after: int = 0) -> set[int]:
        """Return the keys of all chunks, or of those stored later than one."""
        ...

    def vectors(
        self, collection: str, keys: Iterable[int] | None = None
    ) -> Iterator[tuple[int, Vectors]]:
        """Yield ``(chunk key, vector)`` of these keys, or of all, by rising key."""
        ...

    def known_vectors(self, collection: str, digests: Iterable[str]) -> dict[str, Vectors]:
        """Return the vectors of those texts that are stored, by `embedding_digest`."""
        ...

    # upkeep

    def check(self) -> list[str]:
        """Return what is wrong with what is stored, in words; nothing if it is sound.

        It changes nothing and speaks of what no other method shows, such as the words of chunks.
        """
        ...

    def rebuild_words(self, collection: str) -> None:
        """Make anew what searches by words and filters read, from the documents and chunks."""
        ...
