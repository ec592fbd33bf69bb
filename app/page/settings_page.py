"""The page of settings: for one conversation, or for those that will begin."""

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from citewell.app.chats.values import Conversation
from citewell.app.page import render
from citewell.app.page.acting import opened, own_conversation
from citewell.app.page.choices import CHOICES, GROUPS, Group
from citewell.app.page.escaping import escaped
from citewell.app.page.model_note import model_note
from citewell.app.page.person import person_of_session
from citewell.app.page.services import Services
from citewell.app.page.settings_controls import reset_rows, show_row
from citewell.app.page.settings_fixed import fixed_html, origins_of
from citewell.app.page.settings_model import reset_model, show_model
from citewell.app.page.settings_scope import Scope
from citewell.app.page.settings_trial import shared_tests, show_test
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings

_HERE, _NEW = "This conversation", "New conversations"
_BY_MODEL = ("llm", "llm_base_url")
"""Chosen together, in a form of their own."""


def show(services: Services) -> None:
    """Show all settings, and let those be changed that can be."""
    with st.container(key="cw-settings"):
        st.html('<h1 class="cw-page-title">Settings</h1>')
        scope = _pick_scope(services)
        try:
            settings = scope.settings
        except ConfigError as error:
            st.html(render.error_html(str(error)))
            st.button("Reset all settings", key="reset-all", on_click=scope.reset_all)
            return
        st.html(_place_html(settings))
        origins = origins_of(services.settings)
        for group in GROUPS:
            _show_group(scope, group, settings, origins)
        with st.expander("Set where Citewell is started"):
            st.html(fixed_html(services.settings, origins))


def _pick_scope(services: Services) -> Scope:
    """Ask what changes are to hold for."""
    conversation = _open_conversation(services)
    person = person_of_session(services.settings)
    options = [_HERE, _NEW] if conversation else [_NEW]
    if st.session_state.get("settings-scope") not in options:
        st.session_state["settings-scope"] = options[0]
    picked = st.segmented_control("Change them for", options, key="settings-scope", required=True)
    if conversation is not None and picked == _HERE:
        st.html(f'<p class="cw-default" dir="auto">Only for “{escaped(conversation.title)}”.</p>')
        return Scope(services.chats, services.settings, person, conversation)
    st.html(
        '<p class="cw-default">What conversations begin with from now on. '
        "Those that have begun keep their own.</p>"
    )
    return Scope(services.chats, services.settings, person)


def _open_conversation(services: Services) -> Conversation | None:
    """Return the conversation that is open; None if there is none, or it is gone."""
    id_ = opened()
    with suppress(NotConfigured):
        return own_conversation(services, id_) if id_ else None
    return None


def _place_html(settings: Settings) -> str:
    """Say what is sent where."""
    note = model_note(settings)
    if note.local:
        where = "Nothing leaves this machine."
        return f'<p class="cw-sent cw-local">{where} <span>{escaped(note.name)}</span></p>'
    return (
        '<p class="cw-sent cw-remote">Questions, and the passages found for them, are sent to '
        f"<strong>{escaped(note.place)}</strong>. <span>{escaped(note.name)}</span></p>"
    )


def _show_group(scope: Scope, group: Group, settings: Settings, origins: Mapping[str, str]) -> None:
    rows = [choice for choice in CHOICES if choice.group == group]
    names = [choice.name for choice in rows]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(
                f'<h2 class="cw-group">{group}</h2><p class="cw-default">{GROUPS[group]}</p>',
                width="stretch",
            )
            st.button(
                f"Reset {group.lower()}",
                key=f"{scope.key}-reset-{group}",
                type="tertiary",
                disabled=not any(name in scope.choices for name in names),
                on_click=_reset,
                args=(scope, names),
            )
        if group == "Model":
            show_test(shared_tests(), show_model(scope, settings))
        for choice in rows:
            if choice.name not in _BY_MODEL:
                show_row(scope, choice, settings, origins.get(choice.name, ""))


def _reset(scope: Scope, names: list[str]) -> None:
    reset_rows(scope, names)
    if "llm" in names:
        reset_model(scope)
