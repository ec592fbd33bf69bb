"""What outlives a run of the page's script: the engine of the process, the chat of the session."""

import streamlit as st

from citewell.app.page.engine import ChatEngine, StoreEngine
from citewell.app.page.turns import Turn
from citewell.retrieval.settings import Settings

_settings: Settings | None = None


def use_settings(settings: Settings) -> None:
    """Set what `shared_engine` opens. Without it, settings come from the environment."""
    global _settings
    _settings = settings


@st.cache_resource(show_spinner=False, on_release=lambda engine: engine.close())
def shared_engine() -> ChatEngine:
    """Return the one engine of this process: its models and its store serve all sessions."""
    return StoreEngine(_settings or Settings())


def turns(collection: str) -> list[Turn]:
    """Return the chat of this session about a collection, oldest first."""
    chats: dict[str, list[Turn]] = st.session_state.setdefault("chats", {})
    return chats.setdefault(collection, [])
