"""The documents of a collection: the list with its search, and one of them to look into."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from citewell.app import library
from citewell.app.page.library_html import (
    empty_html,
    heading_html,
    page_image_html,
    passages_html,
    quiet_html,
    row_html,
    text_html,
    unread_html,
)
from citewell.app.page.library_state import attempt, open_dialog, open_document
from citewell.app.page.services import Services
from citewell.app.reports.summary import summarise
from citewell.app.tables import counted
from citewell.ingest.plan import is_there
from citewell.ingest.readers.sniffing import format_of
from citewell.retrieval.facts import plain
from citewell.retrieval.reading import Reading
from citewell.retrieval.store import DocumentSummary
from citewell.retrieval.values import Document

A_PAGE = 20
"""Documents that are listed at a time."""

PASSAGES = 25
CHARACTERS = 40_000
"""Of a document's text that are shown at a time."""


# the list


def show_list(collection: str, documents: Sequence[DocumentSummary]) -> None:
    """Show the documents of a collection, those whose name or title holds what is searched."""
    if not documents:
        st.html(empty_html(collection))
        return
    words = st.text_input(
        "Search names and titles",
        key=f"library_search_{collection}",
        placeholder="Search names and titles",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    found = matching(documents, words)
    if not found:
        st.html(quiet_html(f"No name or title holds {words!r}."))
        return
    start = _start(len(found), A_PAGE, f"library_at_{collection}_{words}")
    for number, document in enumerate(found[start : start + A_PAGE], start=start + 1):
        with st.container(horizontal=True, vertical_alignment="center", key=f"cw-doc-{number}"):
            st.html(row_html(document, number))
            st.button(
                "Open",
                key=f"library_open_{number}_{document.name}",
                on_click=open_document,
                args=(document.name,),
            )
    _steps(len(found), A_PAGE, f"library_at_{collection}_{words}", "document")


def matching(documents: Sequence[DocumentSummary], words: str) -> list[DocumentSummary]:
    """Return the documents whose name or title holds each of the words, in any case."""
    wanted = plain(words).split()
    return [
        document
        for document in documents
        if all(word in plain(f"{document.name} {document.title}") for word in wanted)
    ]


def show_unread(services: Services, collection: str, unread: Sequence[Reading]) -> None:
    """Show the files that could not be read, each with the reason."""
    start = _start(len(unread), A_PAGE, f"library_unread_{collection}")
    for number, reading in enumerate(unread[start : start + A_PAGE], start=start + 1):
        with st.container(horizontal=True, vertical_alignment="center", key=f"cw-un-{number}"):
            st.html(unread_html(reading))
            _file_buttons(services, collection, reading.path, f"{number}_{reading.path}")
    _steps(len(unread), A_PAGE, f"library_unread_{collection}", "file")


# one document


def show_document(
    services: Services, collection: str, name: str, readings: Sequence[Reading]
) -> None:
    """Show a document: what is known of it, and its text, pages or passages.

    Args:
        readings: How the files of the collection were read.
    """
    document = services.engine.document(collection, name)
    path = services.engine.path_of(collection, name)
    of_file = [reading for reading in readings if reading.path == path]
    reports = summarise(collection, of_file).files
    st.html(heading_html(document, path, reports[0] if reports else None))
    with st.container(horizontal=True):
        _file_buttons(services, collection, path, name)
    views = ["Pages", "Text", "Passages"] if document.pages else ["Text", "Passages"]
    view = st.segmented_control(
        "Show",
        views,
        default=views[0],
        key=f"library_view_{name}",
        label_visibility="collapsed",
        required=True,
    )
    if view == "Pages":
        _show_pages(collection, document, path)
    elif view == "Passages":
        _show_passages(services, collection, name)
    else:
        _show_text(document.text, f"library_text_{name}")


def _file_buttons(services: Services, collection: str, path: Path, key: str) -> None:
    """Offer what can be done with a file."""
    there = is_there(path)
    st.button(
        "Read again",
        key=f"library_again_{key}",
        icon=":material/refresh:",
        disabled=not there,
        help=None if there else "The file is no longer where it was read.",
        on_click=attempt,
        args=(_read_again, services, collection, path),
    )
    st.button(
        "Remove",
        key=f"library_remove_{key}",
        icon=":material/delete:",
        on_click=open_dialog,
        args=("remove", f"{collection}\0{path}"),
    )


def _read_again(services: Services, collection: str, path: Path) -> None:
    services.jobs.start(collection, [path], again=[path])


def _show_pages(collection: str, document: Document, path: Path) -> None:
    numbers = [page.number for page in document.pages]
    number = int(
        st.number_input(
            f"Page, of {len(numbers):,}",
            min_value=numbers[0],
            max_value=numbers[-1],
            width=200,
            key=f"library_page_{document.name}",
        )
    )
    page = next((page for page in document.pages if page.number == number), None)
    if is_there(path) and format_of(path) == "pdf":
        st.html(page_image_html(collection, document.name, number))
    if page is None or page.start == page.end:
        st.html(quiet_html("This page has no text."))
    else:
        st.html(text_html(document.text[page.start : page.end]))


def _show_passages(services: Services, collection: str, name: str) -> None:
    chunks = library.passages(services.settings, collection, name)
    start = _start(len(chunks), PASSAGES, f"library_passages_{name}")
    st.html(passages_html(chunks[start : start + PASSAGES], start + 1))
    _steps(len(chunks), PASSAGES, f"library_passages_{name}", "passage")


def _show_text(text: str, key: str) -> None:
    start = _start(len(text), CHARACTERS, key)
    st.html(text_html(text[start : start + CHARACTERS]))
    _steps(len(text), CHARACTERS, key, "character")


# long lists in parts


def _start(number: int, share: int, key: str) -> int:
    """Return where the part that is shown begins."""
    last = max(number - 1, 0) // share
    part: int = st.session_state.get(key, 0)
    return min(part, last) * share


def _steps(number: int, share: int, key: str, thing: str) -> None:
    """Offer the part before and the next one."""
    if number <= share:
        return
    start = _start(number, share, key)
    end = min(start + share, number)
    with st.container(horizontal=True, vertical_alignment="center"):
        for label, to in (("Previous", start // share - 1), ("Next", start // share + 1)):
            st.button(
                label,
                key=f"{key}_{label}",
                disabled=not 0 <= to * share < number,
                on_click=_go_to,
                args=(key, to),
            )
        st.html(quiet_html(f"{start + 1:,}–{end:,} of {counted(number, thing)}"))


def _go_to(key: str, part: int) -> None:
    st.session_state[key] = part
