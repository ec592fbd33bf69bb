"""What stands beside an answer: each source with its surroundings, its table and its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from citewell.app.answer_values import AnswerSentence, Citation
from citewell.app.page.engine import ChatEngine
from citewell.app.page.excerpts import Excerpt, excerpt, heading_path
from citewell.app.page.page_figures import PageFigure, page_figure
from citewell.app.page.table_excerpts import TableExcerpt, table_excerpt
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.layout import marks
from citewell.retrieval.values import Document, Layout, Passage, Scores


class Lookup:
    """The documents of a collection as they are now, each fetched once."""

    def __init__(self, engine: ChatEngine, collection: str) -> None:
        self._engine = engine
        self.collection = collection
        self._documents: dict[str, Document | None] = {}

    def document(self, name: str) -> Document | None:
        """Return a document; None if it is gone."""
        if name not in self._documents:
            try:
                self._documents[name] = self._engine.document(self.collection, name)
            except NotConfigured:
                self._documents[name] = None
        return self._documents[name]

    def layouts(self, name: str, pages: Iterable[int]) -> list[Layout]:
        """Return where the characters stand on some pages of a document."""
        wanted = set(pages)
        return self._engine.layouts(self.collection, name, wanted) if wanted else []


@dataclass(frozen=True, slots=True)
class SourceCard:
    """A citation with what the page shows beside the answer.

    Attributes:
        headings: Titles of the sections around the quote, outermost first.
        current: Whether the quote still stands where it stood; if not, the document has changed
            and the excerpt is the quote alone.
        collection: The one that the document is of.
        table: The part of a table that the quote stands in, if it does.
        figure: The page it stands on, if the document is a PDF.
        scores: How the passage around it was found, if that is known.
    """

    citation: Citation
    headings: tuple[str, ...]
    excerpt: Excerpt
    current: bool
    collection: str = ""
    table: TableExcerpt | None = None
    figure: PageFigure | None = None
    scores: Scores | None = None


def source_cards(
    sentences: Iterable[AnswerSentence], lookup: Lookup, passages: Sequence[Passage] = ()
) -> tuple[SourceCard, ...]:
    """Return one card for each marker, by number.

    Args:
        sentences: Of an answer.
        lookup: Where their documents are.
        passages: What was found for it.
    """
    cited = {
        citation.marker: citation
        for sentence in reversed(tuple(sentences))
        for citation in reversed(sentence.citations)
    }
    return tuple(_card(cited[marker], lookup, passages) for marker in sorted(cited))


def passage_cards(passages: Iterable[Passage], lookup: Lookup) -> tuple[SourceCard, ...]:
    """Return one card for each passage that was found; what it quotes is all of the passage."""
    return tuple(_passage_card(passage, lookup) for passage in passages)


def _passage_card(passage: Passage, lookup: Lookup) -> SourceCard:
    chunk = passage.chunk
    document = lookup.document(chunk.document)
    pages = range(chunk.page_start or 1, (chunk.page_end or 0) + 1)
    layouts = lookup.layouts(chunk.document, pages) if document else []
    citation = Citation(
        marker=passage.rank,
        document=chunk.document,
        title=passage.title,
        page=chunk.page_start,
        start=chunk.start,
        end=chunk.end,
        quote=chunk.text,
        state="verified",
        boxes=tuple(marks(layouts, chunk.start, chunk.end)),
        place=chunk.place,
        header=chunk.header,
    )
    current = document is not None and document.text[chunk.start : chunk.end] == chunk.text
    return SourceCard(
        citation,
        chunk.headings[1:] if chunk.headings[:1] == (passage.title,) else chunk.headings,
        Excerpt("", chunk.text, ""),
        current=current,
        collection=lookup.collection,
        figure=page_figure(citation, document, layouts) if document and current else None,
        scores=passage.scores,
    )


def _card(citation: Citation, lookup: Lookup, passages: Sequence[Passage]) -> SourceCard:
    document = lookup.document(citation.document)
    start, end = citation.start, citation.end
    if document is None or document.text[start:end] != citation.quote:
        alone = Excerpt("", citation.quote, "")
        return SourceCard(citation, (), alone, current=False, collection=lookup.collection)
    headings = heading_path(document.headings, start)
    if headings and headings[0] == document.title:
        headings = headings[1:]
    layouts = lookup.layouts(document.name, (mark.page for mark in citation.boxes))
    return SourceCard(
        citation,
        headings,
        excerpt(document.text, start, end),
        current=True,
        collection=lookup.collection,
        table=table_excerpt(document, start, end),
        figure=page_figure(citation, document, layouts),
        scores=_scores(citation, passages),
    )


def _scores(citation: Citation, passages: Sequence[Passage]) -> Scores | None:
    """Return the scores of the best passage that shares words with a citation."""
    for passage in passages:
        chunk = passage.chunk
        if (
            chunk.document == citation.document
            and chunk.start < citation.end
            and citation.start < chunk.end
        ):
            return passage.scores
    return None
