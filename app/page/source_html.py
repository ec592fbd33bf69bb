"""Sources into HTML: what stands beside an answer. Text of documents is escaped first."""

import json
from collections.abc import Sequence
from urllib.parse import quote

from citewell.app.answer_values import Citation, CitationState
from citewell.app.page.escaping import escaped, flowing
from citewell.app.page.page_figures import PageBox, PageFigure
from citewell.app.page.source_cards import SourceCard
from citewell.app.page.table_html import table_html
from citewell.app.search_printing import stages
from citewell.retrieval.values import Chunk, Passage, Scores

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

WIDTH = 900
"""Pixels of the image of a page that is fetched first; the script asks for more to enlarge it."""


def card_id(number: int, marker: int) -> str:
    """Return the id that a card has on the page; ``number`` is that of its turn."""
    return f"answer-{number}-source-{marker}"


def card_html(card: SourceCard, number: int) -> str:
    """Show a source beside the answer; ``number`` is that of its turn."""
    citation = card.citation
    name = card_id(number, citation.marker)
    why = "" if citation.state == "verified" else _why_html(citation.state)
    if not card.current:
        changed = "The document has changed since this answer was given."
        why += f'<p class="cw-why cw-unverified">{changed}</p>'
    figure = _figure_html(card, name, opened=citation.marker == 1)
    return (
        f'<details class="cw-source" id="{name}" open>{_summary_html(citation, name)}'
        f"{_card_place_html(card)}{why}{_quote_html(card)}{figure}{_foot_html(card, name)}"
        "</details>"
    )


def _summary_html(citation: Citation, name: str) -> str:
    word, explained = STATES[citation.state]
    return (
        f'<summary id="{name}-top" aria-describedby="{name}-state">'
        f'<span class="cw-number">[{citation.marker}]</span> '
        f'<span class="cw-title" dir="auto">{escaped(citation.title)}</span> '
        f'<span class="cw-state cw-{citation.state}">{word}</span>'
        f'<span class="cw-tip" role="tooltip" id="{name}-state">{explained}</span></summary>'
    )


def _why_html(state: CitationState) -> str:
    return f'<p class="cw-why cw-{state}">{STATES[state][1]}</p>'


def _card_place_html(card: SourceCard) -> str:
    citation = card.citation
    page = f"page {escaped(card.figure.label)}" if card.figure else ""
    place = escaped(citation.place) or page or _page(citation.page, citation.page)
    return _place_html(citation.document, place, card.headings)


def _quote_html(card: SourceCard) -> str:
    if card.table:
        return table_html(card.table)
    excerpt = card.excerpt
    return (
        f'<blockquote class="cw-excerpt" dir="auto">{flowing(excerpt.before)}'
        f"<mark>{flowing(excerpt.quote)}</mark>{flowing(excerpt.after)}</blockquote>"
    )


def _figure_html(card: SourceCard, name: str, *, opened: bool) -> str:
    """Show the page with the quoted words boxed; the script turns and enlarges it."""
    figure = card.figure
    if figure is None:
        return ""
    title = escaped(card.citation.title)
    source = escaped(f"/citewell/page?{_query(card)}")
    labels = f' data-labels="{escaped(json.dumps(figure.labels))}"' if figure.labels else ""
    shape = f'width="{figure.width:.0f}" height="{figure.height:.0f}" ' if figure.width else ""
    boxes = "".join(_box_html(box, figure.page) for box in figure.boxes)
    state = " open" if opened else ""
    return (
        f'<details class="cw-figure" data-cw="figure" id="{name}-figure"{state}>'
        f"<summary>The page</summary>"
        f'<div class="cw-page" data-cw="page" id="{name}-page" data-page="{figure.page}"'
        f' data-pages="{figure.pages}" data-source="{source}" data-title="{title}"{labels}>'
        f"{_tools_html(figure, name)}"
        f'<div class="cw-view" id="{name}-view" tabindex="0" role="group" aria-label="The page.'
        ' Left and right turn it, plus and minus enlarge it, Escape goes back to the answer.">'
        f'<div class="cw-sheet"><img loading="lazy" {shape}'
        f'data-page="{figure.page}" src="{source}&amp;page={figure.page}&amp;width={WIDTH}"'
        f' alt="Page {escaped(figure.label)}: {title}">{boxes}</div>'
        '<p class="cw-page-fault" role="alert" hidden></p></div></div></details>'
    )


_TOOLS = (
    ("previous", "‹", "Previous page"),
    ("next", "›", "Next page"),
    ("smaller", "−", "Smaller"),
    ("fit", "↔", "Fit the width"),
    ("larger", "+", "Larger"),
)


def _tools_html(figure: PageFigure, name: str) -> str:
    pages = f"Page {escaped(figure.label)} of {figure.pages}"
    buttons = [
        f'<button type="button" class="cw-tool" data-cw="{action}" id="{name}-{action}"'
        f' aria-label="{said}" title="{said}">{sign}</button>'
        for action, sign, said in _TOOLS
    ]
    buttons.insert(1, f'<span class="cw-page-name">{pages}</span>')
    return f'<div class="cw-tools" role="toolbar" aria-label="Page">{"".join(buttons)}</div>'


def _box_html(box: PageBox, page: int) -> str:
    return (
        f'<span class="cw-box" data-page="{box.page}"{"" if box.page == page else " hidden"}'
        f' style="left:{box.left:.3f}%;top:{box.top:.3f}%;'
        f'width:{box.width:.3f}%;height:{box.height:.3f}%"></span>'
    )


def _foot_html(card: SourceCard, name: str) -> str:
    parts = [
        f'<button type="button" class="cw-button" data-cw="copy" id="{name}-copy">'
        f"Copy quote</button><span hidden>{escaped(_copied(card))}</span>",
        _open_html(card),
        _scores_html(card.scores) if card.scores else "",
    ]
    return f'<div class="cw-foot">{"".join(parts)}</div>'


def _copied(card: SourceCard) -> str:
    citation = card.citation
    page = f"page {card.figure.label}" if card.figure else _page(citation.page, citation.page)
    place = ", ".join(part for part in (citation.title, citation.place or page) if part)
    return f"“{citation.quote}” ({place}; {citation.document})"


def _open_html(card: SourceCard) -> str:
    if not card.collection:
        return ""
    where = f"#page={card.figure.page}" if card.figure else ""
    said = "Open the file at this page" if card.figure else "Open the file"
    return (
        f'<a class="cw-button" data-cw="open" target="_blank" rel="noopener noreferrer"'
        f' href="/citewell/file?{escaped(_query(card))}{where}">{said}</a>'
    )


def _query(card: SourceCard) -> str:
    names = (("collection", card.collection), ("document", card.citation.document))
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in names)


def _scores_html(scores: Scores) -> str:
    items = "".join(f"<li>{escaped(stage)}</li>" for stage in stages(scores))
    if not items:
        return ""
    return (
        f'<details class="cw-scores"><summary>How it was found</summary><ul>{items}</ul></details>'
    )


def passage_html(passage: Passage, card: SourceCard, number: int) -> str:
    """Show a passage that was found, closed until it is asked for; ``number`` as for cards."""
    name = f"answer-{number}-found-{passage.rank}"
    return (
        f'<details class="cw-source" id="{name}"><summary id="{name}-top">'
        f'<span class="cw-title" dir="auto">{escaped(passage.title)}</span></summary>'
        f"{chunk_place_html(passage.chunk, passage.title)}"
        f'<blockquote class="cw-excerpt" dir="auto">{flowing(passage.text)}</blockquote>'
        f"{_figure_html(card, name, opened=True)}{_foot_html(card, name)}</details>"
    )


def chunk_place_html(chunk: Chunk, title: str = "") -> str:
    """Say where a passage stands: document, pages or cells, sections but for the title."""
    headings = chunk.headings[1:] if chunk.headings[:1] == (title,) else chunk.headings
    place = escaped(chunk.place) or _page(chunk.page_start, chunk.page_end)
    return _place_html(chunk.document, place, headings)


def cited_place_html(citation: Citation) -> str:
    """Say where a quote stands: document, and page or cells."""
    place = escaped(citation.place) or _page(citation.page, citation.page)
    return _place_html(citation.document, place, ())


def _place_html(document: str, page: str, headings: Sequence[str]) -> str:
    path = " › ".join(escaped(heading) for heading in headings)
    parts = [f'<span class="cw-document">{escaped(document)}</span>', page, path]
    return f'<p class="cw-place" dir="auto">{" · ".join(part for part in parts if part)}</p>'


def _page(first: int | None, last: int | None) -> str:
    if first is None:
        return ""
    return f"page {first}" if last in (None, first) else f"pages {first}–{last}"
