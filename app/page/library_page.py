"""The collections page: what there is to ask, how it comes in, and how well it was read."""

from collections.abc import Sequence

import streamlit as st

from citewell.app import library
from citewell.app.page.library_add import show_uploads
from citewell.app.page.library_dialogs import show_dialog
from citewell.app.page.library_documents import show_document, show_list, show_unread
from citewell.app.page.library_html import (
    facts_html,
    job_html,
    refused_html,
    welcome_html,
)
from citewell.app.page.library_report import show_report
from citewell.app.page.library_state import (
    PICKER,
    chosen_collection,
    open_dialog,
    open_document,
    opened_document,
    pick_collection,
    problem,
    refused_uploads,
)
from citewell.app.page.render import error_html
from citewell.app.page.services import Services
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.reading import Reading
from citewell.retrieval.store import DocumentSummary
from citewell.retrieval.values import Collection

BUSY = 1.0
"""Seconds between two looks at an ingest under way; `CALM` without one."""

CALM = 3.0

_HELD = "library_held"
_FOLLOWS = "library_follows"

_Contents = tuple[tuple[str, int], list[DocumentSummary], list[Reading]]


def show(services: Services) -> None:
    """Show the collections page."""
    held = {each.name: each for each in services.engine.collections()}
    names = sorted(held.keys() | {job.collection for job in services.jobs.under_way()})
    st.html('<h1 class="cw-page-title">Collections</h1>')
    if text := problem():
        st.html(error_html(text))
    if names:
        name = chosen_collection(names, services.settings.collection)
        _show_header(names, name)
    else:
        name = services.settings.collection
        st.html(welcome_html())
    if opened_document() is None or not names:
        _show_way_in(services, name)
    _show_status(services, name, tuple(names))
    if name in held:
        look = opened_document()
        st.session_state.pop(_HELD, None)  # this look at the page is a fresh one
        if look is None:
            _show_held(services, name)
        else:
            _show_opened(services, name, look)
    show_dialog(services)


def _show_header(names: Sequence[str], name: str) -> None:
    st.session_state[PICKER] = name
    with st.container(horizontal=True, vertical_alignment="bottom", key="cw-library-header"):
        st.selectbox("Collection", names, key=PICKER, on_change=pick_collection)
        st.button("New", icon=":material/add:", on_click=open_dialog, args=("new",))
        st.button("Rename", icon=":material/edit:", on_click=open_dialog, args=("rename", name))
        st.button("Delete", icon=":material/delete:", on_click=open_dialog, args=("delete", name))


def _show_way_in(services: Services, name: str) -> None:
    show_uploads(services, name)
    if refused := refused_uploads():
        st.html(refused_html(refused))


def _show_status(services: Services, name: str, names: tuple[str, ...]) -> None:
    """Show the ingest of a collection, if there is one, and follow it."""
    job = services.jobs.of(name)
    seconds = BUSY if job is not None and not job.over else CALM
    st.fragment(_status, run_every=seconds)(services, name, names)


def _status(services: Services, name: str, names: tuple[str, ...]) -> None:
    job = services.jobs.of(name)
    follows = st.session_state.get(_FOLLOWS)
    st.session_state[_FOLLOWS] = now = (name, job, job is not None and job.over)
    there = {each.name for each in services.engine.collections()}
    there |= {each.collection for each in services.jobs.under_way()}
    if (follows is not None and follows[0] == name and follows != now) or there != set(names):
        st.rerun(scope="app")
    if job is None:
        return
    with st.container(key="cw-job"):
        st.html(job_html(job.view(), name))
        if job.over:
            st.button("Close", key="library_job_close", on_click=services.jobs.forget, args=(name,))
        else:
            st.button("Stop", key="library_job_stop", icon=":material/stop:", on_click=job.stop)


@st.fragment
def _show_opened(services: Services, collection: str, document: str) -> None:
    try:
        show_document(services, collection, document)
    except NotConfigured as error:  # gone since its address was kept
        open_document(None)
        st.html(error_html(str(error)))


@st.fragment(run_every=CALM)
def _show_held(services: Services, name: str) -> None:
    """Show what a collection holds; what other processes do to it is seen without a click."""
    held = next((each for each in services.engine.collections() if each.name == name), None)
    if held is None:  # the status sees it too, and shows the page anew
        return
    st.html(facts_html(held))
    documents, readings = _contents(services, held)
    unread = [reading for reading in readings if reading.status == "failed"]
    views = {"documents": "Documents", "unread": f"Not read ({len(unread):,})", "report": "Report"}
    if not unread:
        del views["unread"]
    view = st.segmented_control(
        "Show",
        list(views),
        format_func=lambda each: views.get(each, ""),
        default="documents",
        key=f"library_shown_{name}",
        label_visibility="collapsed",
        required=True,
    )
    if view == "report":
        show_report(name, readings)
    elif view == "unread" and unread:
        show_unread(services, name, unread)
    else:
        show_list(name, documents)


def _contents(services: Services, held: Collection) -> tuple[list[DocumentSummary], list[Reading]]:
    """Return the documents of a collection and how its files were read.

    They are read anew only when the collection has changed, or all of the page is.
    """
    key = (held.name, held.generation)
    found: _Contents | None = st.session_state.get(_HELD)
    if found is None or found[0] != key:
        documents = services.engine.documents(held.name)
        found = (key, documents, library.readings(services.settings, held.name, documents))
        st.session_state[_HELD] = found
    return found[1], found[2]
