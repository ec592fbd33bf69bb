"""The answer as it grows: sentences one behind the other, each with its markers."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from citewell.app.answer_values import AnswerSentence, Citation, CitationState
from citewell.app.checking import Tie
from citewell.app.evidence import Candidate, Scored
from citewell.app.fencing import without_markers
from citewell.app.links import safe_text
from citewell.app.named_cells import named_cells
from citewell.app.quotes import locate, locate_most
from citewell.ingest.chunking_tables import Tables
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.layout import Mark, marks
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sentences import Span, split_sentences
from citewell.retrieval.values import Document

UNVERIFIED = "[unverified]"
"""What stands behind a sentence that is shown though no evidence supports it."""

_LEADING_MARK = re.compile(r"^(?:[-*+•▪‣>]\s+|#{1,6}\s+|\(?\d{1,3}[.)]\s+)+")
_TAG = (
    r"</?(?:a|abbr|b|big|br|cite|code|del|div|em|font|h[1-6]|i|ins|kbd|li|mark|ol|p|q|s|small|"
    r"span|strike|strong|sub|sup|td|th|tr|tt|u|ul)(?:\s+[\w:-]+\s*=[^<>]*)?\s*/?>"
)
_TAGS = re.compile(
    rf"(`[^`]*`)|(?<=[\w.,;:!?%)>]){_TAG}|{_TAG}(?=[\w(<“„«])|^{_TAG}|{_TAG}$", re.IGNORECASE
)
"""Tags that enclose words. One with space around it is spoken of, and so is one in code."""
_APART = re.compile(r"</?(?:br|div|h|li|ol|p|t[dhr]\b|ul)", re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t\r]*\n\s*")
_END_MARKS = ".!?:;,…。！？：；，"
_LONGEST_HEADING = 80
_FIGURE = re.compile(r"(?!(?:19|20)\d\d\b)[\d.,'%€$£\s-]*\d[\d.,'%€$£\s-]*")
_CELL_END = re.compile(r"[\t|\n]")
_EMPHASIS = re.compile(r"(\*\*|`)(?=\S)(.+?)(?<=\S)\1")

Place = tuple[str, int, int]


class Quotable(Protocol):
    """Contiguous words of some evidence: ``document.text[start:end]``."""

    @property
    def scored(self) -> Scored: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


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

    def add(self, text: str, tied: Tie) -> AnswerSentence | None:
        """Append a sentence that evidence supports; None if a quote no longer stands there.

        A number in brackets that the documents hold becomes one in parentheses. Images go, and so
        do links that no quote holds.
        """
        return self._add(text, [self._cite(item.candidate, tied.state) for item in tied.evidence])

    def quote(self, item: Scored | Quotable) -> AnswerSentence | None:
        """Append evidence, or some words of it, as a sentence, as it stands in the document."""
        if isinstance(item, Scored):
            found, candidate, part = None, item.candidate, item.candidate.text
        else:
            candidate = item.scored.candidate
            found = item.start - candidate.start, item.end - candidate.start
            part = candidate.text[slice(*found)]
        shown = _named(candidate) if part == candidate.text else None
        text = _with_ellipses(plain(shown or part), found, len(candidate.text))
        return self._add(text, [self._cite(candidate, "verified", found)])

    def flag(self, text: str, reason: str) -> AnswerSentence:
        """Append a sentence that nothing supports, marked as such."""
        return self._append(_shown(text, ()), UNVERIFIED, (), reason)

    def cite(self, item: Scored) -> Citation | None:
        """Return a citation of evidence by itself; None if it no longer stands there."""
        return self._cite(item.candidate, "verified")

    def _add(self, text: str, found: Sequence[Citation | None]) -> AnswerSentence | None:
        citations = tuple(each for each in found if each)
        if not citations or len(citations) < len(found):
            return None
        markers = "".join(f"[{marker}]" for marker in dict.fromkeys(c.marker for c in citations))
        return self._append(_shown(text, citations), markers, citations)

    def _append(
        self, text: str, behind: str, citations: tuple[Citation, ...], reason: str = ""
    ) -> AnswerSentence:
        start = self._length + (1 if self._parts else 0)
        end = start + len(text)
        sentence = AnswerSentence(text, start, end, bool(citations), citations, reason)
        self._parts.append(f"{text} {behind}")
        self._length = start + len(self._parts[-1])
        self.sentences.append(sentence)
        return sentence

    def _cite(
        self, candidate: Candidate, state: CitationState, part: Span | None = None
    ) -> Citation | None:
        document = self._document(candidate.document)
        span = self._span(candidate, document, part) if document else None
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
            boxes=self._boxes(document, start, end),
            place=Tables(document.text, document.tables, end - start).place(start, end),
            header=candidate.header,
        )

    def _span(self, candidate: Candidate, document: Document, part: Span | None) -> Span | None:
        """Return where the evidence, or a part of it, stands in the document as it is now.

        In a document that may have changed since the search, the same words may have become part
        of a sentence that says something else; there they must be a whole sentence.
        """
        if self._retriever.generation == self._generation:
            span = locate_most(candidate.text, document.text, candidate.start)
        else:
            span = locate(candidate.text, document.text, candidate.start)
            span = span if span in split_sentences(document.text) else None
        if part is None or span is None:
            return span
        start, end = span
        inside = locate(candidate.text[slice(*part)], document.text[start:end], part[0])
        return (start + inside[0], start + inside[1]) if inside else None

    def _boxes(self, document: Document, start: int, end: int) -> tuple[Mark, ...]:
        first, last = page_at(document, start), page_at(document, end - 1)
        if first is None or last is None:
            return ()
        layouts = self._retriever.layouts(document.name, range(first, last + 1))
        return tuple(marks(layouts, start, end))

    def _document(self, name: str) -> Document | None:
        """Return a document as it is stored; None when it was removed since the search."""
        if name not in self._documents:
            try:
                self._documents[name] = self._retriever.document(name)
            except NotConfigured:
                self._documents[name] = None
        return self._documents[name]


def _with_ellipses(text: str, part: Span | None, length: int) -> str:
    """Return a quote with dots where its sentence goes on."""
    if part is None:
        return text
    return ("… " if part[0] else "") + text + (" …" if part[1] < length - 1 else "")


def _shown(text: str, citations: Sequence[Citation]) -> str:
    """Return a sentence as it may be shown."""
    return safe_text(without_markers(text), [citation.quote for citation in citations])


def page_at(document: Document, offset: int) -> int | None:
    """Return the number of the page an offset stands on; None in a document without pages."""
    if not document.pages:
        return None
    index = bisect_right([page.start for page in document.pages], offset) - 1
    return document.pages[max(index, 0)].number


def _named(candidate: Candidate) -> str | None:
    """Return a row with the names of its columns; None if its header may be a row of data."""
    cells = (cell.strip() for cell in _CELL_END.split(candidate.header))
    if candidate.kind != "row" or any(_FIGURE.fullmatch(cell) for cell in cells):
        return None
    return named_cells(candidate.header, candidate.text)


def plain(text: str) -> str:
    """Return a quote as a sentence: on one line, without what only lays it out.

    Heading, list marks, emphasis, tags around words and table bars go.
    """
    line = _LEADING_MARK.sub("", " ".join(_TAGS.sub(_untagged, _headless(text)).split()))
    line = _EMPHASIS.sub(r"\2", line)
    if line.startswith("|"):
        line = " | ".join(cell.strip() for cell in line.strip("|").split("|"))
    return line or text


def _untagged(found: re.Match[str]) -> str:
    return found[1] or (" " if _APART.match(found[0]) else "")


def _headless(text: str) -> str:
    """Return a sentence without the headings that stand above it, behind blank lines."""
    head, *rest = _BLANK.split(text.strip(), maxsplit=1)
    if not rest or rest[0].rstrip()[-1:] not in (*".!?…。！？",):
        return text
    is_heading = "\n" not in head and len(head) <= _LONGEST_HEADING and head[-1] not in _END_MARKS
    return _headless(rest[0]) if is_heading else text
