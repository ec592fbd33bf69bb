"""The page that is talked to: ask, and read the answer beside the words it rests on."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from citewell.app.chats.values import Conversation, KeptTurn
from citewell.app.page import conversations, render, turn_actions, turn_view
from citewell.app.page.acting import (
    act,
    ask,
    ask_anew,
    forget_waiting,
    open_conversation,
    opened,
    own_conversation,
    problem,
    waiting,
)
from citewell.app.page.choices import settings_with
from citewell.app.page.escaping import labelling
from citewell.app.page.model_note import model_note
from citewell.app.page.person import person_of_session
from citewell.app.page.runs import Run
from citewell.app.page.services import Services
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.values import Collection

MOST_SHOWN = 20
"""Turns that are shown at first, the last ones, and with each click on more."""

_SHOWN = "turns-shown"
_STANDING = "turns-standing"


def show(services: Services) -> None:
    """Show the whole page."""
    conversation = _opened(services)
    collections = _with_documents(services)
    collection = _sidebar(services, conversation, collections)
    if conversation is not None:
        _talk(services, conversation, can_ask=collection is not None)
    elif collection is None:
        _wait_for_documents(services)
    else:
        with _body([]):
            _begin(services, collection)
        _input(services, None, collection.name, can_ask=True)


def _opened(services: Services) -> Conversation | None:
    """Return the open conversation; None when a new one is to begin."""
    id_ = opened()
    if id_ is None:
        return None
    try:
        return own_conversation(services, id_)
    except NotConfigured:
        open_conversation(None)
        st.html(render.note_html("That conversation is not here any more. Begin a new one."))
        return None


def _with_documents(services: Services) -> list[Collection]:
    """Return the collections that can be asked: those that hold something."""
    return [collection for collection in services.engine.collections() if collection.documents]


def _sidebar(
    services: Services, conversation: Conversation | None, collections: list[Collection]
) -> Collection | None:
    """Show what can be asked, what was asked, and who answers. Returns the chosen collection."""
    with st.sidebar:
        st.button(
            "New chat",
            key="new-chat",
            width="stretch",
            icon=":material/add_comment:",
            on_click=act,
            args=(open_conversation, None),
        )
        collection = _chosen(services, conversation, collections)
        if collection is not None:
            services.engine.prepare(collection.name)
            st.html(render.collection_html(collection))
        _model(services, conversation)
        conversations.sidebar_list(services, conversation)
    return collection


def _model(services: Services, conversation: Conversation | None) -> None:
    """Say who answers, and where questions go."""
    person = person_of_session(services.settings)
    choices = conversation.choices if conversation else services.chats.preferences(person)
    try:
        settings = settings_with(services.settings, choices)
    except ConfigError as error:  # what was chosen in an earlier version may be had no more
        st.html(render.error_html(str(error)))
    else:
        st.html(render.model_html(model_note(settings)))


def _chosen(
    services: Services, conversation: Conversation | None, collections: list[Collection]
) -> Collection | None:
    """Let a collection be chosen. One conversation asks one; choosing another begins a new one."""
    by_name = {collection.name: collection for collection in collections}
    names = list(by_name)
    current = conversation.collection if conversation else services.settings.collection
    if conversation is not None and current not in by_name:
        names.append(current)
    if not names:
        return None
    name = st.selectbox(
        "Collection",
        names,
        index=names.index(current) if current in names else 0,
        key=f"collection-of-{conversation.id}" if conversation else "collection",
        help="A conversation asks one collection. Choosing another begins a new conversation.",
    )
    if conversation is not None and name != current:
        st.session_state["collection"] = name
        open_conversation(None)
        st.rerun()
    return by_name.get(name)


@st.fragment(run_every=3)
def _wait_for_documents(services: Services) -> None:
    """Say how to begin, and go on once a collection is there."""
    if _with_documents(services):
        st.rerun()
    st.html(render.no_collection_html())


def _begin(services: Services, collection: Collection) -> None:
    """Show what can be asked, before the first question."""
    st.html(render.empty_chat_html(collection))
    suggestions = services.engine.suggestions(collection.name)
    with st.container(key="cw-suggestions", horizontal_alignment="center"):
        for question in suggestions or ():
            st.button(
                labelling(question),
                key=f"suggested-{question}",
                on_click=act,
                args=(ask_anew, services, collection.name, question),
            )
    if suggestions is None:
        _wait_for_suggestions(services, collection.name)


@st.fragment(run_every=2)
def _wait_for_suggestions(services: Services, collection: str) -> None:
    if services.engine.suggestions(collection) is not None:
        st.rerun()


def _talk(services: Services, conversation: Conversation, can_ask: bool) -> None:
    """Show the turns so far, and follow the answer that is under way."""
    _ask_what_waits(services, conversation)
    run = services.runs.of(conversation.id)
    turns = services.chats.turns(conversation.id)
    with _body([conversation.id, *(turn.id for turn in turns)]):
        conversations.heading(services, conversation)
        _turns(services, conversation, turns, run, can_ask)
        if run is not None:
            with turn_view.places_of(run.latest, len(turns), is_last=True) as columns:
                places = [column.empty() for column in columns]
    if run is not None:
        _while_under_way(conversation, run)
    _input(services, conversation, conversation.collection, can_ask)
    if run is not None:
        turn_view.show_live(run, len(turns), *places)
        st.rerun()


def _body(ids: list[str]) -> DeltaGenerator:
    """Return the place for turns. What stood there goes at once when it is of another conversation.

    Streamlit lets what is not shown any more stand until the script has ended, which it does not
    before the answer under way has. So there are two places, and the one not used is emptied.
    """
    standing, second = st.session_state.get(_STANDING, ([], False))
    if not standing or ids[: len(standing)] != standing:
        second = not second
    st.session_state[_STANDING] = (ids, second)
    if second:
        st.empty()
        return st.container()
    body = st.container()
    st.empty()
    return body


def _turns(
    services: Services,
    conversation: Conversation,
    turns: list[KeptTurn],
    run: Run | None,
    can_ask: bool,
) -> None:
    """Show the turns that are over."""
    over = [turn for turn in turns if run is None or turn.id != run.latest.id]
    first = _first_shown(len(over))
    said = services.chats.feedback_of(conversation.id)
    for number, turn in enumerate(over[first:], start=first + 1):
        after, busy = len(turns) - number, run is not None or not can_ask
        past = turn_actions.Past(conversation, turn, after, busy, said.get(turn.id))
        turn_view.show_past(services, past, number)


def _ask_what_waits(services: Services, conversation: Conversation) -> None:
    """Ask the question that was typed while an answer was under way, once that is over."""
    question = waiting(conversation)
    if question is not None and services.runs.of(conversation.id) is None:
        forget_waiting()
        act(ask, services, conversation, question)


def _first_shown(count: int) -> int:
    """Return how many turns are left out at the top, and offer to show some of them."""
    most = st.session_state.setdefault(_SHOWN, MOST_SHOWN)
    left_out: int = max(0, count - most)
    if left_out:
        st.button(f"Show earlier questions ({left_out})", type="tertiary", on_click=_show_more)
    return left_out


def _show_more() -> None:
    st.session_state[_SHOWN] += MOST_SHOWN


def _while_under_way(conversation: Conversation, run: Run) -> None:
    """Offer to stop, and show the question that is to be asked next."""
    with st.bottom, st.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", key="stop", icon=":material/stop_circle:", on_click=act, args=(run.stop,))
        question = waiting(conversation)
        if question is not None:
            st.html(render.waiting_html(question), width="content")
            st.button("Do not ask", key="forget", type="tertiary", on_click=forget_waiting)


def _input(
    services: Services, conversation: Conversation | None, collection: str, can_ask: bool
) -> None:
    """Say what went wrong with the last click, and take the next question."""
    with st.bottom:
        error = problem()
        if error is not None:
            st.html(render.error_html(error))
        st.chat_input(
            f"Ask {collection}" if can_ask else f"The collection {collection} is not here any more",
            key="question",
            max_chars=turn_actions.MOST_CHARACTERS,
            disabled=not can_ask,
            on_submit=act,
            args=(_asked, services, conversation, collection),
        )


def _asked(services: Services, conversation: Conversation | None, collection: str) -> None:
    question = st.session_state["question"] or ""
    if conversation is None:
        ask_anew(services, collection, question)
    else:
        ask(services, conversation, question)
