"""What a person says of an answer: good or not, which citation is wrong, which would be right."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from citewell.app.answer_values import Citation
from citewell.app.chats.values import Feedback, KeptTurn, Rating, RightPassage
from citewell.app.page import render
from citewell.app.page.acting import act
from citewell.app.page.engine import ChatEngine
from citewell.app.page.escaping import labelling
from citewell.app.page.services import Services
from citewell.app.quotes import locate
from citewell.retrieval.errors import CitewellError, ConfigError, NotConfigured

MOST_CHARACTERS = 2000
"""Of a comment or of the right passage."""

_QUOTE_SHOWN = 60
"""Most characters of a citation's quote."""

_RATINGS: dict[int, Rating] = {0: "down", 1: "up"}


def thumbs(services: Services, turn: KeptTurn, given: Feedback | None) -> None:
    """Take a thumb up or down; the same one again takes it back."""
    key = f"thumbs-{turn.id}"
    chosen = {"down": 0, "up": 1, None: None}[given.rating if given else None]
    st.feedback(
        "thumbs", key=key, default=chosen, on_change=act, args=(_rated, services, turn.id, key)
    )


def _rated(services: Services, turn_id: str, key: str) -> None:
    before = services.chats.feedback(turn_id) or Feedback()
    rating = _RATINGS.get(st.session_state[key])
    _put(services, turn_id, replace(before, rating=rating))


def form(services: Services, collection: str, turn: KeptTurn, given: Feedback | None) -> None:
    """Take a comment, the citations that are wrong, and the passage that would be right."""
    feedback = given or Feedback()
    prefix = f"said-{turn.id}"
    right = feedback.right
    names = _documents(services.engine, collection)
    with st.form(prefix, border=False):
        st.text_area(
            "Comment", feedback.comment, key=f"{prefix}-comment", max_chars=MOST_CHARACTERS
        )
        _citations(_cited(turn), feedback, prefix)
        st.selectbox(
            "Document that holds the right passage",
            names,
            names.index(right.document) if right and right.document in names else None,
            key=f"{prefix}-document",
            placeholder="None",
        )
        st.text_area(
            "The right passage, copied from that document",
            right.quote if right else "",
            key=f"{prefix}-quote",
            max_chars=MOST_CHARACTERS,
        )
        if error := st.session_state.get(f"{prefix}-problem"):
            st.html(render.error_html(error))
        st.form_submit_button("Keep", on_click=_said, args=(services, collection, turn, prefix))


def forget_problem(turn_id: str) -> None:
    """Let what was wrong with the form of a turn not be said any more."""
    st.session_state.pop(f"said-{turn_id}-problem", None)


def _citations(cited: Mapping[int, Citation], feedback: Feedback, prefix: str) -> None:
    """Let the wrong ones among some citations be ticked."""
    if not cited:
        return
    st.html('<p class="cw-label">Citations that do not support what they stand behind</p>')
    for marker, citation in cited.items():
        st.checkbox(
            labelling(f"[{marker}] {citation.title}: “{_beginning(citation.quote)}”"),
            marker in feedback.wrong,
            key=_ticked(prefix, marker),
        )


def _ticked(prefix: str, marker: int) -> str:
    return f"{prefix}-wrong-{marker}"


def _beginning(quote: str) -> str:
    line = " ".join(quote.split())
    if len(line) <= _QUOTE_SHOWN:
        return line
    cut = line[:_QUOTE_SHOWN]
    return f"{cut.rpartition(' ')[0] or cut} …"


def _documents(engine: ChatEngine, collection: str) -> list[str]:
    try:
        return [each.name for each in engine.documents(collection)]
    except NotConfigured:  # the collection is gone
        return []


def _cited(turn: KeptTurn) -> dict[int, Citation]:
    """Return the citations of a turn by marker."""
    cited = [citation for sentence in turn.sentences for citation in sentence.citations]
    return {each.marker: each for each in sorted(cited, key=lambda each: each.marker)}


def _said(services: Services, collection: str, turn: KeptTurn, prefix: str) -> None:
    """Keep what was said; what is wrong with it is told in the form, which stays as it is."""
    forget_problem(turn.id)
    try:
        _keep(services, collection, turn, prefix)
    except CitewellError as error:
        st.session_state[f"{prefix}-problem"] = str(error)


def _keep(services: Services, collection: str, turn: KeptTurn, prefix: str) -> None:
    state = st.session_state
    document, quote = state[f"{prefix}-document"], state[f"{prefix}-quote"].strip()
    right = passage_of(services.engine, collection, document, quote) if quote else None
    before = services.chats.feedback(turn.id) or Feedback()
    said = replace(
        before,
        comment=state[f"{prefix}-comment"].strip(),
        wrong=tuple(marker for marker in _cited(turn) if state[_ticked(prefix, marker)]),
        right=right,
    )
    _put(services, turn.id, said)
    st.toast("Kept. Thank you.")


def passage_of(
    engine: ChatEngine, collection: str, document: str | None, quote: str
) -> RightPassage:
    """Return where a quote stands in a document.

    Raises:
        ConfigError: If no document is named, or it does not hold the words.
    """
    if document is None:
        raise ConfigError("The right passage was given without its document. Choose it.")
    text = engine.document(collection, document).text
    span = locate(quote, text)
    if span is None:
        raise ConfigError(
            f"{document} does not hold the words {quote[:60]!r}. Copy them from it as they stand."
        )
    return RightPassage(document, *span, text[span[0] : span[1]])


def _put(services: Services, turn_id: str, feedback: Feedback) -> None:
    services.chats.set_feedback(turn_id, None if feedback == Feedback() else feedback)
