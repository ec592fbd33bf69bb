"""The answer as it grows: sentences one behind the other, each with its markers."""

import re
from bisect import bisect_right

from citewell.app.answer_values import AnswerSentence, Citation, CitationState
from citewell.app.drafting import without_markers
from citewell.app.evidence import Candidate, Scored
from citewell.app.quotes import locate
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.values import Document

_LEADING_MARK = re.compile(r"^(?:[-*+•▪‣>]\s+|#{1,6}\s+|\(?\d{1,3}[.)]\s+)+")
_EMPHASIS = re.compile(r"(\*\*|`)(?=\S)(.+?)(?<=\S)\1")

Place = tuple[str, int, int]


class Composer:
    """Builds an answer from sentences and the evidence they are tied to.

    A quote is shown only if it stands in the document as it is stored at this moment.
    """

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._generation = retriever.generation
        self._documents: dict[str, Document | None] = {}
        self._markers: dict[Place, int] = {}
        self._length = 0
        self._parts: list[str] = []
        self.sentences: list[AnswerSentence] = []

    @property
    def text(self) -> str:
        """The sentences with their markers."""
        return " ".join(self._parts)

    def cites(self, item: Scored) -> bool:
        """Tell whether the answer already cites this evidence."""
        return any(
            (citation.document, citation.quote) == (item.candidate.document, item.candidate.text)
            for sentence in self.sentences
            for citation in sentence.citations
        )

    def add(self, text: str, item: Scored, state: CitationState) -> AnswerSentence | None:
        """Append a sentence that evidence supports; None if the quote no longer stands there.

        A number in brackets that the documents hold becomes one in parentheses.
        """
        citation = self._cite(item, state)
        if citation is None:
            return None
        text = without_markers(text)
        start = self._length + (1 if self._parts else 0)
        sentence = AnswerSentence(text, start, start + len(text), True, (citation,))
        self._parts.append(f"{text} [{citation.marker}]")
        self._length = start + len(self._parts[-1])
        self.sentences.append(sentence)
        return sentence

    def quote(self, item: Scored) -> AnswerSentence | None:
        """Append evidence as a sentence of its own, as it stands in the document."""
        return self.add(plain(item.candidate.text), item, "verified")

    def _cite(self, item: Scored, state: CitationState) -> Citation | None:
        document = self._document(item.candidate.document)
        span = self._span(item.candidate, document) if document else None
        if document is None or span is None:
            return None
        start, end = span
        marker = self._markers.setdefault((document.name, start, end), len(self._markers) + 1)
        return Citation(
            marker=marker,
            document=document.name,
            title=document.title,
            page=page_at(document, start),
            start=start,
            end=end,
            quote=document.text[start:end],
            state=state,
        )

    def _span(self, candidate: Candidate, document: Document) -> tuple[int, int] | None:
        """Return where the evidence stands in the document as it is now.

        In a document that may have changed since the search, the same words may have become part
        of a sentence that says something else; there they must be a whole sentence.
        """
        span = locate(candidate.text, document.text, candidate.start)
        if self._retriever.generation == self._generation:
            return span
        return span if span in split_sentences(document.text) else None

    def _document(self, name: str) -> Document | None:
        """Return a document as it is stored; None when it was removed since the search."""
        if name not in self._documents:
            try:
                self._documents[name] = self._retriever.document(name)
            except NotConfigured:
                self._documents[name] = None
        return self._documents[name]


def page_at(document: Document, offset: int) -> int | None:
    """Return the number of the page an offset stands on; None in a document without pages."""
    if not document.pages:
        return None
    index = bisect_right([page.start for page in document.pages], offset) - 1
    return document.pages[max(index, 0)].number


def plain(text: str) -> str:
    """Return a quote as a sentence: on one line, without list marks, emphasis or table bars."""
    line = _LEADING_MARK.sub("", " ".join(text.split()))
    line = _EMPHASIS.sub(r"\2", line)
    if line.startswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip("|").split("|"))
    return line or text
