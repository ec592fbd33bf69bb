"""The script that Streamlit runs for each look at the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from citewell.app.page import render
from citewell.app.page.engine import ChatEngine
from citewell.app.page.session import shared_engine, turns
from citewell.app.page.turns import Turn, follow
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.values import Collection

MOST_CHARACTERS = 2000
"""Of a question; a model reads no more of it with profit."""


def show(engine: ChatEngine) -> None:
    """Show the whole page."""
    collections = with_documents(engine)
    if not collections:
        wait_for_documents(engine)
        return
    collection = sidebar(engine, collections)
    engine.prepare(collection.name)
    chat(engine, collection)


def with_documents(engine: ChatEngine) -> list[Collection]:
    """Return the collections that can be asked: those that hold something."""
    return [collection for collection in engine.collections() if collection.documents]


@st.fragment(run_every="3s")
def wait_for_documents(engine: ChatEngine) -> None:
    """Say how to begin, and go on once a collection is there."""
    with errors_shown():
        if with_documents(engine):
            st.rerun()
        st.html(render.no_collection_html())


def sidebar(engine: ChatEngine, collections: list[Collection]) -> Collection:
    """Show what can be asked and who answers. Returns the chosen collection."""
    by_name = {collection.name: collection for collection in collections}
    names = list(by_name)
    with st.sidebar:
        st.html('<h1 class="cw-brand">Citewell</h1>')
        first = names.index(engine.preferred) if engine.preferred in by_name else 0
        name = st.selectbox("Collection", names, index=first, key="collection")
        st.html(render.collection_html(by_name[name]))
        if st.button("New chat", width="stretch", icon=":material/add_comment:"):
            turns(name).clear()
        st.html(render.model_html(engine.note))
    return by_name[name]


def chat(engine: ChatEngine, collection: Collection) -> None:
    """Show the turns so far, then take the next question."""
    asked = turns(collection.name)
    question = (
        st.chat_input(
            f"Ask {collection.name}",
            key="question",
            max_chars=MOST_CHARACTERS,
            submit_mode="stop",
        )
        or ""
    ).strip()
    if not asked and not question:
        st.html(render.empty_chat_html(collection))
    for number, turn in enumerate(asked, start=1):
        show_turn(turn, number)
    if question:
        answer(engine, collection.name, asked, question)


def show_turn(turn: Turn, number: int) -> None:
    """Show a question and its answer."""
    with st.chat_message("user", avatar=":material/person:"):
        st.html(render.question_html(turn.question))
    with st.chat_message("assistant", avatar=":material/menu_book:"):
        st.html(render.turn_html(turn, number))


def answer(engine: ChatEngine, collection: str, asked: list[Turn], question: str) -> None:
    """Show the answer as it comes; each step is kept, so a stopped one is not lost."""
    asked.append(Turn(question))
    with st.chat_message("user", avatar=":material/person:"):
        st.html(render.question_html(question))
    with st.chat_message("assistant", avatar=":material/menu_book:"):
        place = st.empty()
        for turn in follow(engine, collection, question, asked[:-1]):
            asked[-1] = turn
            place.html(render.turn_html(turn, len(asked), live=True))


def main() -> None:
    """Show the page."""
    st.set_page_config(page_title="Citewell", page_icon="📖", layout="wide")
    st.html(Path(__file__).with_name("style.css"))
    with errors_shown():
        show(shared_engine())


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what goes wrong as a sentence."""
    try:
        yield
    except CitewellError as error:
        st.html(render.error_html(str(error)))


if __name__ == "__main__":
    main()
