"""The values that pass between the parts of Citewell. All are fixed once made.

Offsets count characters (Unicode code points) from 0 in the text of a document; a span is
``[start, end)``. Pages count from 1, as readers of a document do.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

SearchMode = Literal["hybrid", "dense", "lexical"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document, as a span of its text. A page without text has ``start == end``."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 is the highest), its text and where its section starts."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class Document:
    """What a reader made of one file, or of one row of a JSONL corpus.

    Attributes:
        name: How people and answers name it: the path below the ingested folder with forward
            slashes, or the id of the row.
        title: Its title; never blank (the name of the file when it has none).
        text: The whole text. Chunks and quotes are spans of exactly this string.
        pages: In order, without gaps or overlap, covering ``text``; empty when the format
            has no pages.
        headings: In order of ``start``.
        metadata: Further facts, as plain strings.
    """

    name: str
    title: str
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 in hex over all that chunks and citations depend on."""
        parts = (self.title, self.text, self.pages, self.headings, sorted(self.metadata.items()))
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage short enough to embed: ``document.text[start:end] == text``.

    Attributes:
        document: Name of the document.
        start: Offset of its first character.
        end: Offset after its last character.
        text: Never blank.
        page_start: First page it stands on; None when the document has no pages.
        page_end: Last page it stands on.
        headings: Titles of the sections around it, outermost first.
    """

    document: str
    start: int
    end: int
    text: str
    page_start: int | None = None
    page_end: int | None = None
    headings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 over document, span and text, in hex: the same on every machine."""
        key = f"{self.document}\0{self.start}\0{self.end}\0{self.text}"
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def embedding_text(title: str, chunk: Chunk) -> str:
    """Return what is embedded for a chunk: title and heading path, then its text."""
    path = " > ".join(dict.fromkeys((title, *chunk.headings)))
    return f"{path}\n{chunk.text}"


@dataclass(frozen=True, slots=True)
class Scores:
    """How a passage was found. A part that did not find it is None.

    Attributes:
        lexical: BM25, higher is better.
        dense: Cosine similarity, -1 to 1.
        fused: Reciprocal rank fusion of the two ranks.
    """

    lexical: float | None = None
    dense: float | None = None
    fused: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that a search returned.

    Attributes:
        rank: From 1, best first.
        chunk: The chunk.
        title: Title of its document.
        score: What the passages are ordered by: ``scores.fused`` in hybrid mode, else the
            score of the one part that searched.
        scores: The score of each part.
    """

    rank: int
    chunk: Chunk
    title: str
    score: float
    scores: Scores

    @property
    def text(self) -> str:
        """The text of the chunk."""
        return self.chunk.text

    @property
    def document(self) -> str:
        """The name of the document."""
        return self.chunk.document


@dataclass(frozen=True, slots=True)
class SearchResult(Sequence[Passage]):
    """The passages of a search, best first, and what the user should know about it.

    Attributes:
        passages: At most ``k``, ranks 1, 2, 3 ...
        notices: Plain sentences, such as that a damaged index was left out.
    """

    passages: tuple[Passage, ...] = ()
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.passages)

    def __iter__(self) -> Iterator[Passage]:
        return iter(self.passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Passage]: ...
    def __getitem__(self, index: int | slice) -> Passage | Sequence[Passage]:
        return self.passages[index]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What made a vector. Vectors of different fingerprints are never mixed.

    Attributes:
        model: Name of the embedding model.
        revision: SHA-256 of its weights.
        precision: ``fp32`` or ``bf16``.
        pooling: How token vectors become one, such as ``mean``.
        dimension: Length of a vector.
    """

    model: str
    revision: str
    precision: str
    pooling: str
    dimension: int


@dataclass(frozen=True, slots=True)
class ChunkingSettings:
    """How documents are cut. Stored with the collection; a change re-reads all of it.

    Attributes:
        chars: Most characters in a chunk.
        version: Of the cutting rules, raised when the same text would be cut differently.
    """

    chars: int = 900
    version: int = 1


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents with one embedding model and one chunking setting.

    Attributes:
        generation: Rises by one with each change; readers compare it to notice news.
    """

    name: str
    fingerprint: Fingerprint
    chunking: ChunkingSettings
    generation: int
    documents: int
    chunks: int
