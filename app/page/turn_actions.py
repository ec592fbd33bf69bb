"""What can be done with a turn that is over: say what it is worth, copy it, ask again."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from citewell.app.answer_values import Answer, Reading
from citewell.app.chats.exports import turn_text
from citewell.app.chats.values import Conversation, Feedback, KeptTurn
from citewell.app.page import feedback_form, render
from citewell.app.page.acting import act, ask, ask_again, ask_anew
from citewell.app.page.choices import settings_with
from citewell.app.page.escaping import labelling
from citewell.app.page.services import Services
from citewell.app.page.why_dialog import why_dialog

MOST_CHARACTERS = 2000
"""Of a question; a model reads no more of it with profit."""


@dataclass(frozen=True, slots=True)
class Past:
    """A turn that is over, as its actions need it.

    Attributes:
        after: How many turns stand after it.
        busy: Whether an answer is under way in the conversation.
        feedback: What was said of it.
    """

    conversation: Conversation
    turn: KeptTurn
    after: int
    busy: bool
    feedback: Feedback | None


def show(services: Services, past: Past) -> None:
    """Show all that can be done with a turn."""
    answer = past.turn.answer
    if answer is not None and answer.abstained:
        _what_now(services, past, answer)
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        gap="xsmall",
        key=f"cw-actions-{past.turn.id}",
    ):
        if answer is not None:
            feedback_form.thumbs(services, past.turn, past.feedback)
            _say_more(services, past)
            st.html(render.copy_html(turn_text(past.turn)), width="content")
        _again(services, past)
        _edit(services, past)
        if answer is not None:
            _why(services, past, answer)


def _say_more(services: Services, past: Past) -> None:
    popover = st.popover(
        "Say more",
        icon=":material/rate_review:",
        type="tertiary",
        key=f"say-{past.turn.id}",
        on_change=feedback_form.forget_problem,
        args=(past.turn.id,),
    )
    if popover.open:
        with popover:
            collection = past.conversation.collection
            feedback_form.form(services, collection, past.turn, past.feedback)


def _again(services: Services, past: Past) -> None:
    """Offer to ask the last question once more; an earlier one can be edited."""
    if past.after:
        return
    st.button(
        "Ask again",
        key=f"again-{past.turn.id}",
        icon=":material/refresh:",
        type="tertiary",
        disabled=past.busy,
        on_click=act,
        args=(ask_again, services, past.conversation, past.turn.id, past.turn.question),
    )


def _edit(services: Services, past: Past) -> None:
    popover = st.popover(
        "Edit",
        icon=":material/edit:",
        type="tertiary",
        key=f"edit-{past.turn.id}",
        disabled=past.busy,
        on_change="rerun",
    )
    if not popover.open:
        return
    key = f"edited-{past.turn.id}"
    with popover, st.form(f"form-{past.turn.id}", border=False):
        st.text_area("Question", past.turn.question, key=key, max_chars=MOST_CHARACTERS)
        if past.after:
            st.html(render.lost_html(past.after))
        st.form_submit_button("Ask this instead", on_click=act, args=(_edited, services, past, key))


def _edited(services: Services, past: Past, key: str) -> None:
    ask_again(services, past.conversation, past.turn.id, st.session_state[key])


def _why(services: Services, past: Past, answer: Answer) -> None:
    """Offer to look for where a document was lost. A dialog is not served while an answer comes."""
    asked = st.button(
        "Why not that document?",
        key=f"why-{past.turn.id}",
        icon=":material/help:",
        type="tertiary",
        disabled=past.busy,
    )
    if asked:
        settings = settings_with(services.settings, past.conversation.choices)
        question = past.turn.standalone or past.turn.question
        why_dialog(services, past.conversation.collection, question, settings, answer)


def _what_now(services: Services, past: Past, answer: Answer) -> None:
    """Offer what may lead to an answer after all."""
    if answer.readings:
        _readings(services, past, answer.readings)
        return
    st.html(render.what_now_html())
    held = (each.name for each in services.engine.collections() if each.documents)
    others = [name for name in held if name != past.conversation.collection]
    if others:
        key = f"elsewhere-{past.turn.id}"
        st.menu_button(
            "Ask another collection",
            others,
            format_func=labelling,
            key=key,
            icon=":material/folder_open:",
            on_click=act,
            args=(_elsewhere, services, past.turn.question, key),
        )


def _readings(services: Services, past: Past, readings: Sequence[Reading]) -> None:
    """Offer to ask what the question can be read as."""
    st.html('<h2 class="cw-heading">Which do you mean?</h2>')
    for number, reading in enumerate(readings):
        st.button(
            labelling(reading.question),
            key=f"reading-{past.turn.id}-{number}",
            icon=":material/arrow_forward:",
            disabled=past.busy,
            on_click=act,
            args=(ask, services, past.conversation, reading.question),
        )


def _elsewhere(services: Services, question: str, key: str) -> None:
    ask_anew(services, st.session_state[key], question)
