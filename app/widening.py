"""The stored text around a place that a model named: its page, then its document."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from citewell.app.evidence import Scored
from citewell.app.instructions import without_instructions
from citewell.app.units import spans_of
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sentences import Span, is_row
from citewell.retrieval.values import Document
from citewell.retrieval.words import content_words

AROUND = 3_000
"""Characters to each side that count as the page of a document without pages."""

WINDOW = 1_200
"""Characters of a stretch of the document that is looked at as one."""

MOST_WINDOWS = 3
"""Stretches of a document that are read sentence by sentence."""

LEAST_WORDS = 0.75
"""Share of the sentence's words that such a stretch must hold."""


def on_its_page(item: Scored, sentence: str, retriever: Retriever) -> list[Scored]:
    """Return the sentences of the page that evidence stands on, without its own passage."""
    document = _document(item, retriever)
    if document is None:
        return []
    start, end = _page(item, document)
    return list(_units(item, document, [(start, end)]))


def in_its_document(item: Scored, sentence: str, retriever: Retriever) -> list[Scored]:
    """Return the sentences of the document that stand where most words of the sentence do."""
    document = _document(item, retriever)
    return list(_units(item, document, _windows(document.text, sentence))) if document else []


def _document(item: Scored, retriever: Retriever) -> Document | None:
    try:
        return retriever.document(item.candidate.document)
    except NotConfigured:  # removed since the search
        return None


def _page(item: Scored, document: Document) -> Span:
    start, end = item.candidate.start, item.candidate.end
    for page in document.pages:
        if page.start <= start < page.end:
            return page.start, page.end
    return max(0, start - AROUND), min(len(document.text), end + AROUND)


def _windows(text: str, sentence: str) -> list[Span]:
    wanted = set(content_words(sentence))
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    found: list[tuple[float, int]] = []
    for start in range(0, len(text), WINDOW // 2):
        stretch = lower[start : start + WINDOW]
        share = sum(word in stretch for word in wanted) / max(len(wanted), 1)
        if share >= LEAST_WORDS:
            found.append((-share, start))
    starts = [start for _, start in sorted(found)[:MOST_WINDOWS]]
    return [(start, min(start + WINDOW, len(text))) for start in starts]


def _units(item: Scored, document: Document, spans: Sequence[Span]) -> Iterator[Scored]:
    """Yield the sentences of some spans; rows are left out, for their header is not at hand."""
    passage = item.candidate.passage.chunk
    for first, last in spans:
        begin = document.text.rfind("\n", 0, first) + 1
        stretch = document.text[begin:last]
        for start, end in without_instructions(stretch, spans_of(stretch), ""):
            start, end = start + begin, end + begin
            inside = passage.start <= start < passage.end
            text = document.text[start:end]
            if inside or is_row(text):
                continue
            around = replace(
                item.candidate,
                start=start,
                end=end,
                text=text,
                header="",
                kind="sentence",
                before=None,
            )
            yield replace(item, candidate=around, focus=None)
