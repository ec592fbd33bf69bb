"""Sources into HTML: what stands beside an answer. Text of documents is escaped first."""

from collections.abc import Sequence

from citewell.app.answer_values import Citation, CitationState
from citewell.app.page.escaping import escaped, flowing
from citewell.app.page.excerpts import SourceCard
from citewell.retrieval.values import Passage

STATES: dict[CitationState, tuple[str, str]] = {
    "verified": (
        "Verified",
        "These words stand in the stored document and support the sentence.",
    ),
    "corrected": (
        "Corrected",
        "The model had pointed elsewhere; the supporting words were found here.",
    ),
    "unverified": (
        "Unverified",
        "The stored document was not found to support the sentence. Read it before you rely on it.",
    ),
}
"""Each state of a citation: in a word, and explained."""


def card_id(number: int, marker: int) -> str:
    """Return the id that a card has on the page; ``number`` is that of its turn."""
    return f"answer-{number}-source-{marker}"


def card_html(card: SourceCard, number: int) -> str:
    """Show a source beside the answer; ``number`` is that of its turn."""
    citation = card.citation
    word, explained = STATES[citation.state]
    why = "" if citation.state == "verified" else _why_html(citation.state, explained)
    if not card.current:
        why += _why_html("unverified", "The document has changed since this answer was given.")
    excerpt = card.excerpt
    return (
        f'<details class="cw-source" id="{card_id(number, citation.marker)}" open>'
        f'<summary><span class="cw-number">[{citation.marker}]</span> '
        f'<span class="cw-title">{escaped(citation.title)}</span> '
        f'<span class="cw-state cw-{citation.state}" title="{explained}">{word}</span></summary>'
        f"{cited_place_html(citation, card.headings)}"
        f'{why}<blockquote class="cw-excerpt">{flowing(excerpt.before)}'
        f"<mark>{flowing(excerpt.quote)}</mark>{flowing(excerpt.after)}</blockquote></details>"
    )


def _why_html(state: CitationState, text: str) -> str:
    return f'<p class="cw-why cw-{state}">{text}</p>'


def passage_html(passage: Passage) -> str:
    """Show a passage that was found, closed until it is asked for."""
    chunk = passage.chunk
    headings = chunk.headings[1:] if chunk.headings[:1] == (passage.title,) else chunk.headings
    place = escaped(chunk.place) or _page(chunk.page_start, chunk.page_end)
    return (
        '<details class="cw-source"><summary>'
        f'<span class="cw-title">{escaped(passage.title)}</span></summary>'
        f"{_place_html(chunk.document, place, headings)}"
        f'<blockquote class="cw-excerpt">{flowing(chunk.text)}</blockquote></details>'
    )


def cited_place_html(citation: Citation, headings: Sequence[str] = ()) -> str:
    """Say where a quote stands: document, page or cells, sections."""
    place = escaped(citation.place) or _page(citation.page, citation.page)
    return _place_html(citation.document, place, headings)


def _place_html(document: str, page: str, headings: Sequence[str]) -> str:
    path = " › ".join(escaped(heading) for heading in headings)
    parts = [f'<span class="cw-document">{escaped(document)}</span>', page, path]
    return f'<p class="cw-place">{" · ".join(part for part in parts if part)}</p>'


def _page(first: int | None, last: int | None) -> str:
    if first is None:
        return ""
    return f"page {first}" if last in (None, first) else f"pages {first}–{last}"
