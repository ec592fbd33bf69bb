"""Is a stored document whole? Its parts against its text, and its vectors against the model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from citewell.retrieval.layout import characters_of
from citewell.retrieval.store import Store, StoredChunk, Vectors
from citewell.retrieval.values import Document, Layout

_UNIT = 1e-3
"""How far the length of a vector may be from 1."""


@dataclass(frozen=True, slots=True)
class Held:
    """All that a store holds of a document."""

    document: Document
    chunks: Sequence[StoredChunk]
    vectors: Mapping[int, Vectors]
    layouts: Sequence[Layout]

    @property
    def whole(self) -> Document:
        """The document with its layouts."""
        return replace(self.document, layouts=tuple(self.layouts))


def held(store: Store, collection: str, name: str) -> Held:
    """Read all that a store holds of a document."""
    document = store.document(collection, name)
    chunks = store.document_chunks(collection, name)
    return Held(
        document,
        chunks,
        dict(store.vectors(collection, [each.key for each in chunks])),
        store.layouts(collection, name, [page.number for page in document.pages]),
    )


def document_faults(part: Held, dimension: int) -> Iterator[str]:
    """Yield what is wrong with a document, in words that follow its name."""
    if part.document.text.strip() and not part.chunks:
        yield "has no chunks"
    yield from _counted(_chunk_faults(part))
    yield from _counted(
        _vector_fault(part.vectors.get(each.key), dimension) for each in part.chunks
    )
    yield from _counted(_layout_fault(part.document, layout) for layout in part.layouts)
    if not _pages_cover(part.document):
        yield "has pages that do not cover its text"


def _chunk_faults(part: Held) -> Iterator[str]:
    seen: set[str] = set()
    for each in part.chunks:
        chunk = each.chunk
        if chunk.text != part.document.text[chunk.start : chunk.end] or not chunk.text.strip():
            yield "chunks that are not the text of their place"
        if chunk.id in seen:
            yield "chunks that are there twice"
        seen.add(chunk.id)


def _vector_fault(vector: Vectors | None, dimension: int) -> str:
    if vector is None:
        return "chunks without a vector"
    if vector.shape != (dimension,):
        return "vectors of another dimension"
    if not np.isfinite(vector).all():
        return "vectors that are not finite"
    return "" if abs(float(np.linalg.norm(vector)) - 1) < _UNIT else "vectors not of length 1"


def _layout_fault(document: Document, layout: Layout) -> str:
    try:
        end = layout.start + characters_of(layout)
    except ValueError:
        return "layouts that cannot be unpacked"
    return "" if 0 <= layout.start <= end <= len(document.text) else "layouts beyond the text"


def _pages_cover(document: Document) -> bool:
    at = 0
    for page in document.pages:
        if page.start != at or page.end < at:
            return False
        at = page.end
    return not document.pages or at == len(document.text)


def _counted(faults: Iterator[str]) -> Iterator[str]:
    """Yield each kind of fault once, with how often it came."""
    counts: dict[str, int] = {}
    for fault in filter(None, faults):
        counts[fault] = counts.get(fault, 0) + 1
    yield from (f"has {count} {fault}" for fault, count in counts.items())
