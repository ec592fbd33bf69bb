"""What a click does: it runs before the page is shown anew, and an error becomes a sentence there.

Each of these is given to a widget as its callback, through `act`.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import ParamSpec

import streamlit as st

from citewell.app.chats.values import Conversation
from citewell.app.page.choices import settings_with
from citewell.app.page.person import person_of_session
from citewell.app.page.services import Services
from citewell.app.page.turns import Turn, follow, kept
from citewell.retrieval.errors import CitewellError, NotConfigured

OPEN = "chat"
"""Of the address and of the session: id of the open conversation."""

_PROBLEM = "problem"
_WAITING = "waiting"

Given = ParamSpec("Given")


def act(action: Callable[Given, None], *args: Given.args, **named: Given.kwargs) -> None:
    """Do something; what goes wrong is said by the page."""
    try:
        action(*args, **named)
    except CitewellError as error:
        st.session_state[_PROBLEM] = str(error)


def problem() -> str | None:
    """Return what went wrong with the last click, once."""
    text: str | None = st.session_state.pop(_PROBLEM, None)
    return text


def opened() -> str | None:
    """Return the id of the open conversation, which stays open while other pages are seen."""
    if OPEN in st.query_params:
        st.session_state[OPEN] = st.query_params[OPEN]
    elif st.session_state.get(OPEN):
        st.query_params[OPEN] = st.session_state[OPEN]
    id_: str | None = st.session_state.get(OPEN)
    return id_


def own_conversation(services: Services, id_: str) -> Conversation:
    """Return a conversation. Raises NotConfigured if it is gone, or another person's."""
    found = services.chats.get(id_)
    if found.person != person_of_session(services.settings):
        raise NotConfigured("That conversation is another person's.")
    return found


def open_conversation(id_: str | None) -> None:
    """Open a conversation, or none, to begin a new one."""
    st.session_state[OPEN] = id_
    if id_ is None:
        st.query_params.pop(OPEN, None)
    else:
        st.query_params[OPEN] = id_


def ask(services: Services, conversation: Conversation, question: str) -> None:
    """Ask, after the answer that is under way in this conversation, if there is one."""
    question = question.strip()
    if not question:
        return
    if services.runs.of(conversation.id):
        st.session_state[_WAITING] = (conversation.id, question)
        return
    turn = Turn(question)
    settings = settings_with(services.settings, conversation.choices)
    before = services.chats.turns(conversation.id)
    services.chats.put_turn(conversation.id, kept(turn))
    services.runs.start(
        conversation.id,
        turn,
        partial(follow, services.engine, conversation.collection, turn, before, settings),
        partial(_keep, services, conversation.id),
    )


def ask_anew(services: Services, collection: str, question: str) -> None:
    """Ask in a new conversation about a collection."""
    if question.strip():
        person = person_of_session(services.settings)
        settings_with(services.settings, services.chats.preferences(person))  # before it is begun
        conversation = services.chats.create(collection, person=person)
        open_conversation(conversation.id)
        ask(services, conversation, question)


def ask_again(services: Services, conversation: Conversation, turn_id: str, question: str) -> None:
    """Ask in place of a turn, which goes with all after it."""
    if question.strip():
        services.chats.cut(conversation.id, turn_id)
        ask(services, conversation, question)


def waiting(conversation: Conversation) -> str | None:
    """Return the question that waits for the answer under way."""
    id_, question = st.session_state.get(_WAITING, (None, None))
    return question if id_ == conversation.id else None


def forget_waiting() -> None:
    """Let the question that waits not be asked."""
    st.session_state.pop(_WAITING, None)


def delete(services: Services, id_: str) -> None:
    """Remove a conversation for good, and stop what is being answered in it."""
    run = services.runs.of(id_)
    if run is not None:
        run.stop()
    services.chats.delete(id_)
    open_conversation(None)


def _keep(services: Services, id_: str, turn: Turn) -> None:
    with suppress(NotConfigured):  # the conversation was deleted meanwhile
        services.chats.put_turn(id_, kept(turn))
