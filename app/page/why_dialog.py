"""Why not that document? The reader names one, and sees where the search lost it."""

import streamlit as st

from citewell.app.answer_values import REASONS, Answer
from citewell.app.page.escaping import escaped, flowing
from citewell.app.page.services import Services
from citewell.app.page.source_html import chunk_place_html
from citewell.app.search_printing import matching, ordinal
from citewell.retrieval.diagnosis import Diagnosis, Stage
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.settings import Settings
from citewell.retrieval.visible import visible

_MOST_SHOWN = 400
"""Characters of the passage that came furthest."""

_MODES = {"hybrid": "words and meaning", "dense": "meaning only", "lexical": "words only"}

_AFTER: dict[Stage, str] = {
    "found": "It was read for this answer. If it is not quoted, other words told more about the "
    "question, or its own did not support a sentence.",
    "empty": "If it is a scan, add it again with character recognition installed.",
    "filter": "Change “Only documents that match” under Settings.",
    "repeat": "What it says was read in that other document.",
}
"""What follows from some stages."""


@st.dialog("Why not that document?", width="medium", icon=":material/search_off:")
def why_dialog(
    services: Services, collection: str, question: str, settings: Settings, answer: Answer
) -> None:
    """Ask for a document and say what became of it in the search for a question.

    Args:
        services: Of the process.
        collection: The one that was asked.
        question: As it was searched.
        settings: What it was searched with.
        answer: What came of it.
    """
    st.html(f'<p class="cw-why-question" dir="auto">{escaped(question)}</p>')
    try:
        titles = {each.name: each.title for each in services.engine.documents(collection)}
        name = st.selectbox(
            "Which document did you expect?",
            list(titles),
            index=None,
            placeholder="Choose a document, or type a part of its name",
            format_func=lambda each: visible(_called(each, titles.get(each, "") or each)),
        )
        if name is not None:
            with st.spinner("Searching again …"):
                found = services.engine.why(collection, question, name, settings)
                least = services.engine.threshold(collection, settings)
            st.html(why_html(found, question, why_declined(answer, least)))
    except CitewellError as error:
        st.html(f'<div class="cw-note cw-error" role="alert"><p>{escaped(str(error))}</p></div>')


def _called(name: str, title: str) -> str:
    return name if title == name else f"{title} ({name})"


def why_declined(answer: Answer, least: float) -> str:
    """Say why a question was declined although something was found; blank if it was answered.

    Args:
        answer: To the question.
        least: Probability at which questions are answered now.
    """
    if answer.reason is None:
        return ""
    if answer.reason != "weak_match" or answer.confidence is None:
        return f"Why there is no answer: {REASONS[answer.reason]}"
    share = _percent(answer.confidence)
    judged = f"What was found was judged to answer the question with a probability of {share}"
    if answer.confidence >= least:
        return f"{judged}. That was too little then, and is enough now. Ask again."
    return (
        f"{judged}, and at least {_percent(least)} is asked for, so Citewell declined. "
        "“Least probability of an answer” under Settings lowers it."
    )


def _percent(share: float) -> str:
    return f"{f'{share * 100:.1f}'.removesuffix('.0')} %"


def why_html(found: Diagnosis, question: str, declined: str = "") -> str:
    """Say where a document was lost, how far it came, and what would have found it.

    Args:
        found: What became of it.
        question: As it was searched.
        declined: Why there is no answer; blank if there is one.
    """
    parts = [f'<p class="cw-why-reason" role="status">{escaped(found.reason)}</p>']
    if found.stage == "found" and declined:
        parts.append(f"<p>{declined}</p>")
    elif after := _AFTER.get(found.stage):
        parts.append(f"<p>{after}</p>")
    if found.missing:
        words = ", ".join(f"<strong>{escaped(word)}</strong>" for word in found.missing)
        parts.append(f"<p>These words of the question stand nowhere in it: {words}.</p>")
    if found.remedies:
        items = "".join(f"<li>{escaped(in_words(remedy))}</li>" for remedy in found.remedies)
        parts.append(f"<h3>What would have found it</h3><ul>{items}</ul>")
    parts.append(_furthest_html(found, question))
    return f'<div class="cw-diagnosis">{"".join(parts)}</div>'


def _furthest_html(found: Diagnosis, question: str) -> str:
    if found.chunk is None:
        return ""
    ranks = (("words", found.lexical_rank), ("meaning", found.dense_rank))
    places = "; ".join(f"by {part}: {ordinal(rank) if rank else 'nowhere'}" for part, rank in ranks)
    text = matching(found.chunk.text, question)[:_MOST_SHOWN]
    return (
        "<h3>Its passage that came furthest</h3>"
        f"{chunk_place_html(found.chunk)}"
        f'<blockquote class="cw-excerpt" dir="auto">{flowing(text)}</blockquote>'
        f'<p class="cw-place">Of {found.searched:,} passages, {places}.</p>'
    )


def in_words(remedy: str) -> str:
    """Return what would have found a document as one does it on the page."""
    match remedy.split(" ", 1):
        case ["-k", number]:
            return f"Set “Passages to find” to {number} under Settings."
        case ["--mode", mode]:
            return f"Set “How passages are searched” to {_MODES[mode]} under Settings."
        case ["with", rest]:
            return f"Ask with these words too: {rest.removesuffix(' in the question')}."
        case _:
            return remedy
