"""The collections page: what there is to ask, how it comes in, and how well it was read."""

from collections.abc import Iterable, Sequence

import streamlit as st

from citewell.app import library
from citewell.app.page.jobs import Job
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
    all_is_shown,
    chosen_collection,
    dialog,
    open_dialog,
    open_document,
    opened_document,
    part_of_page,
    pick_collection,
    problem,
    refused_uploads,
)
from citewell.app.page.render import error_html
from citewell.app.page.services import Services
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
    all_is_shown()
    held = sorted(each.name for each in services.engine.collections())
    names = _names(services, held)
    st.html('<h1 class="cw-page-title">Collections</h1>')
    if dialog() is None and (text := problem()):  # an open dialog says it itself
        st.html(error_html(text))
    if names:
        name = chosen_collection(names, services.settings.collection)
        _show_header(names, name)
    else:
        name = services.settings.collection
        st.html(welcome_html())
        st.button("Name the collection first", type="tertiary", on_click=open_dialog, args=("new",))
    opened = opened_document() if name in held else None
    if opened is None:
        _show_way_in(services, name)
    _show_status(services, name, held)
    st.session_state.pop(_HELD, None)  # all of the page is shown anew
    if opened is not None:
        _show_opened(services, name, opened)
    elif name in held:
        _show_held(services, name)
    show_dialog(services)


def _names(services: Services, held: Iterable[str]) -> list[str]:
    """Return the collections there are, with those that an ingest is about to make."""
    return sorted({*held, *(job.collection for job in services.jobs.under_way())})


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


def _show_status(services: Services, name: str, held: list[str]) -> None:
    """Show the ingest of a collection, if there is one, and follow it."""
    job = services.jobs.of(name)
    st.session_state[_FOLLOWS] = (name, job, job is not None and job.over)
    seconds = BUSY if job is not None and not job.over else CALM
    st.fragment(_status, run_every=seconds)(services, name, held)


def _status(services: Services, name: str, held: list[str]) -> None:
    with part_of_page():
        job = services.jobs.of(name)
        there = sorted(each.name for each in services.engine.collections())
        follows = (name, job, job is not None and job.over)
        if there != held or st.session_state.get(_FOLLOWS) != follows:
            st.rerun(scope="app")
        if job is not None:
            _show_job(services, job)


def _show_job(services: Services, job: Job) -> None:
    with st.container(key="cw-job"):
        st.html(job_html(job.view(), job.collection))
        if job.over:
            forget = services.jobs.forget
            st.button("Close", key="library_job_close", on_click=forget, args=(job.collection,))
        else:
            st.button("Stop", key="library_job_stop", icon=":material/stop:", on_click=job.stop)


@st.fragment
def _show_opened(services: Services, collection: str, document: str) -> None:
    with part_of_page():
        back = ":material/arrow_back:"
        st.button("All documents", icon=back, on_click=open_document, args=(None,))
        held = _collection(services, collection)
        readings = _contents(services, held)[1] if held else []
        show_document(services, collection, document, readings)


@st.fragment(run_every=CALM)
def _show_held(services: Services, name: str) -> None:
    """Show what a collection holds; what other processes do to it is seen without a click."""
    with part_of_page():
        held = _collection(services, name)
        if held is not None:  # else it went just now, and the status shows the page anew
            _show_collection(services, held)


def _collection(services: Services, name: str) -> Collection | None:
    return next((each for each in services.engine.collections() if each.name == name), None)


def _show_collection(services: Services, held: Collection) -> None:
    name = held.name
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
