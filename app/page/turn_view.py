"""Turns on the page: a question, its answer, and beside it the sources."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from citewell.app.chats.values import KeptTurn
from citewell.app.page import render, turn_actions
from citewell.app.page.runs import Run
from citewell.app.page.services import Services
from citewell.app.page.turns import Turn, shown
from citewell.retrieval.errors import NotConfigured


def show_past(services: Services, past: turn_actions.Past, number: int) -> None:
    """Show a question, its answer, and what can be done with it."""
    turn = _shown(services, past.conversation.collection, past.turn)
    with places_of(turn, number, is_last=not past.after) as (left, right):
        left.html(render.answer_html(turn, number))
        with left:
            turn_actions.show(services, past)
        sources = render.sources_html(turn, number)
        if sources:
            right.html(sources)


@contextmanager
def places_of(
    turn: Turn, number: int, *, is_last: bool
) -> Iterator[tuple[DeltaGenerator, DeltaGenerator]]:
    """Show a question; gives the places for its answer and for the sources beside it."""
    with st.container(key=f"cw-turn-{number}{'-last' if is_last else ''}"):
        with st.chat_message("user", avatar=":material/person:"):
            st.html(render.question_html(turn.question, turn.id))
        with st.chat_message("assistant", avatar=":material/menu_book:"):
            left, right = st.columns([6, 5], gap="medium")
            yield left, right


def _shown(services: Services, collection: str, turn: KeptTurn) -> Turn:
    """Return a turn with its sources, made anew only when the collection has changed."""
    try:
        generation = services.engine.generation(collection)
    except NotConfigured:  # the collection is gone: so are the sources
        generation = -1
    return _made(services, turn, collection, turn.id, (generation, len(turn.sentences)))


@st.cache_resource(max_entries=100, show_spinner=False)
def _made(
    _services: Services, _turn: KeptTurn, collection: str, turn_id: str, state: tuple[int, int]
) -> Turn:
    return shown(_services.engine, collection, _turn)


def show_live(run: Run, number: int, left: DeltaGenerator, right: DeltaGenerator) -> None:
    """Show an answer as it comes, until it is over."""
    seen: tuple[Turn, int, bool] | None = None
    sources = ""
    for turn in run.updates():
        st.session_state.get("live")  # a point at which Streamlit may begin a newer script
        now = (turn, run.ahead, run.over)
        if seen is not None and turn is seen[0] and now[1:] == seen[1:]:
            continue
        seen = now
        left.html(render.answer_html(in_line(turn, run.ahead), number, live=not run.over))
        before, sources = sources, render.sources_html(turn, number)
        if sources != before:
            right.html(sources)


def in_line(turn: Turn, ahead: int) -> Turn:
    """Return a turn that says how many are before it in the queue."""
    if not ahead:
        return turn
    questions = "1 question is" if ahead == 1 else f"{ahead} questions are"
    return replace(turn, progress=f"In line: {questions} before yours …")
