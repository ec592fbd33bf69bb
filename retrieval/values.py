"""The values that pass between the parts of Citewell. All are fixed once made.

Offsets count characters (Unicode code points) from 0 in the text of a document; a span is
``[start, end)``. Pages count from 1, as readers of a document do.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, overload

SearchMode = Literal["hybrid", "dense", "lexical"]

PageSource = Literal["text", "ocr", "none"]
"""Where a page's text came from: its text layer, character recognition, or it has none."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document, as a span of its text. A page without text has ``start == end``.

    Attributes:
        source: Where its text came from.
        confidence: Of recognised text, 0 to 1; None for other text.
    """

    number: int
    start: int
    end: int
    source: PageSource = "text"
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: its level (1 is the highest), its text and where its section starts."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table, as a span of the text in which each line is a row.

    Attributes:
        start: Offset of its first row.
        end: Offset after its last row.
        header: What names its columns, for rows that stand in a chunk without it; may be blank.
        sheet: The sheet of a workbook that it stands on; blank elsewhere.
        columns: First and last column of a sheet, such as ``A:H``; blank elsewhere.
        rows: The sheet's row number of each line; empty elsewhere.
    """

    start: int
    end: int
    header: str = ""
    sheet: str = ""
    columns: str = ""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the characters of a page stand on it. See `citewell.retrieval.layout`.

    Attributes:
        page: Number of the page.
        start: Offset in the document's text of the first character it speaks of.
        width: Of the page as it is shown, in points.
        height: Likewise.
        packed: The box of each character.
    """

    page: int
    start: int
    width: float
    height: float
    packed: bytes


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
        tables: In order of ``start``, without overlap.
        layouts: In order of pages; those without boxes are left out.
        language: ISO 639-1 code of the language most of it is in; blank if that is not clear. It
            is told from the text, and so is no part of the digest.
    """

    name: str
    title: str
    text: str
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    layouts: tuple[Layout, ...] = ()
    language: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 in hex over all that chunks and citations depend on."""
        facts = sorted(self.metadata.items())
        parts = (self.title, self.text, self.pages, self.headings, facts, self.tables, self.layouts)
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
        header: The header of the table whose rows it begins with, when it stands in an earlier
            chunk; it is embedded and searched with the text. Else blank.
        place: Sheet and range of cells, such as ``Costs!A2:H15``; blank outside of workbooks.
    """

    document: str
    start: int
    end: int
    text: str
    page_start: int | None = None
    page_end: int | None = None
    headings: tuple[str, ...] = ()
    header: str = ""
    place: str = ""

    @property
    def id(self) -> str:
        """SHA-256 over document, span and text, in hex: the same on every machine."""
        key = f"{self.document}\0{self.start}\0{self.end}\0{self.text}"
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def embedding_text(title: str, chunk: Chunk) -> str:
    """Return what is embedded for a chunk: title and heading path, table header, then its text."""
    path = " > ".join(dict.fromkeys((title, *chunk.headings)))
    return "\n".join(part for part in (path, chunk.header, chunk.text) if part)


def embedding_digest(title: str, chunk: Chunk) -> str:
    """Return the SHA-256 of what is embedded for a chunk, in hex."""
    return hashlib.sha256(embedding_text(title, chunk).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Scores:
    """How a passage was found. What did not find it, or was not asked, is None.

    Attributes:
        lexical: BM25, higher is better.
        dense: Cosine similarity, -1 to 1.
        fused: Both joined, in standard deviations from the mean of all candidates.
        reranked: The score of the cross-encoder.
        lexical_rank: Its place by words, from 1.
        dense_rank: Its place by meaning.
        fused_rank: Its place by both.
    """

    lexical: float | None = None
    dense: float | None = None
    fused: float | None = None
    reranked: float | None = None
    lexical_rank: int | None = None
    dense_rank: int | None = None
    fused_rank: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that a search returned.

    Attributes:
        rank: From 1, best first.
        chunk: The chunk.
        title: Title of its document.
        score: What the passages are ordered by: ``scores.reranked`` where a reranker was asked,
            else ``scores.fused`` in hybrid mode, else the score of the one part that searched.
        scores: Its score and place at each stage.
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
        chars: Most characters in a chunk, with the header of a table's rows. At 900 the first
            five chunks hold 0.74 of the text that answers a question (0.70 at 600), and the best
            4,000 characters 0.76 of it (0.71 at 1,200): see ``bench.chunking``.
        version: Of the cutting rules, raised when the same text would be cut differently.
    """

    chars: int = 900
    version: int = 2


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
