"""The conversations that are kept: their list in the sidebar, and what the open one allows."""

import re
from functools import partial

import streamlit as st

from citewell.app.chats.exports import as_html, as_markdown
from citewell.app.chats.values import Conversation
from citewell.app.page import render
from citewell.app.page.acting import act, delete, open_conversation
from citewell.app.page.escaping import labelling
from citewell.app.page.person import person_of_session
from citewell.app.page.services import Services

MOST_LISTED = 30
"""Conversations that are listed at first, and with each click on more."""

_LISTED = "conversations-listed"
_SOUGHT = "conversations-sought"


def sidebar_list(services: Services, opened: Conversation | None) -> None:
    """List what was asked before, the last one first, each a button that opens it."""
    st.html('<h2 class="cw-heading">Conversations</h2>')
    words = st.text_input(
        "Search conversations",
        key=_SOUGHT,
        placeholder="Search conversations",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    most = st.session_state.setdefault(_LISTED, MOST_LISTED)
    person = person_of_session(services.settings)
    found = services.chats.conversations(words or "", person, most=most + 1)
    if not found:
        st.html(render.no_conversations_html(words or ""))
    with st.container(key="cw-conversations", gap=None):
        for each in found[:most]:
            _entry(each, opened is not None and each.id == opened.id)
    if len(found) > most:
        st.button("Show more", type="tertiary", on_click=_list_more)


def _entry(conversation: Conversation, is_open: bool) -> None:
    st.button(
        labelling(conversation.title) or "No question yet",
        key=f"open-{conversation.id}",
        type="secondary" if is_open else "tertiary",
        width="stretch",
        on_click=act,
        args=(open_conversation, conversation.id),
    )


def _list_more() -> None:
    st.session_state[_LISTED] += MOST_LISTED


def heading(services: Services, conversation: Conversation) -> None:
    """Show the title of the open conversation, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", key="cw-title-row"):
        st.html(render.title_html(conversation), width="stretch")
        menu = st.popover(
            "Conversation",
            icon=":material/more_horiz:",
            key=f"conversation-{conversation.id}",
            on_change="rerun",
        )
    if menu.open:
        with menu:
            _rename(services, conversation)
            _export(services, conversation)
            _delete(services, conversation)


def _rename(services: Services, conversation: Conversation) -> None:
    key = f"title-{conversation.id}"
    st.text_input(
        "Title",
        value=conversation.title,
        key=key,
        max_chars=200,
        on_change=act,
        args=(_renamed, services, conversation.id, key),
    )


def _renamed(services: Services, id_: str, key: str) -> None:
    services.chats.rename(id_, st.session_state[key])


def _export(services: Services, conversation: Conversation) -> None:
    """Offer the conversation as a file; it is made when it is asked for."""
    name = file_name(conversation.title)
    st.html('<p class="cw-label">Save with its sources</p>')
    with st.container(horizontal=True):
        st.download_button(
            "Web page",
            partial(_page_of, services, conversation),
            f"{name}.html",
            "text/html",
            key="export-html",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Markdown",
            partial(_markdown_of, services, conversation),
            f"{name}.md",
            "text/markdown",
            key="export-markdown",
            icon=":material/download:",
            on_click="ignore",
        )


def _page_of(services: Services, conversation: Conversation) -> str:
    return as_html(conversation, services.chats.turns(conversation.id))


def _markdown_of(services: Services, conversation: Conversation) -> str:
    return as_markdown(conversation, services.chats.turns(conversation.id))


def file_name(title: str) -> str:
    """Return a title as the name of a file, without what some system does not allow in one."""
    plain = re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", title)
    return " ".join(plain.split())[:80].strip(" .") or "conversation"


def _delete(services: Services, conversation: Conversation) -> None:
    sure = st.checkbox(
        "Delete this conversation for good, with its answers and what was said of them",
        key=f"delete-sure-{conversation.id}",
    )
    st.button(
        "Delete",
        key="delete",
        icon=":material/delete:",
        disabled=not sure,
        on_click=act,
        args=(delete, services, conversation.id),
    )
