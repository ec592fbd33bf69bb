"""The script that Streamlit runs for each look at the page: what frames all pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from citewell.app.page import chat_page, library_page, render, settings_page
from citewell.app.page.services import Services, shared_services
from citewell.retrieval.errors import CitewellError

STYLES = ("style.css", "sources.css", "library.css", "settings.css")

SCRIPT = '<script src="/citewell/page.js"></script>'
"""Not a word of it comes from a document or a model."""


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="Citewell", page_icon="📖", layout="wide")
    st.logo(Path(__file__).with_name("logo.svg"), size="large")
    for name in STYLES:
        st.html(Path(__file__).with_name(name))
    st.html(SCRIPT, unsafe_allow_javascript=True)
    pages = (
        (chat_page.show, "Chat", "", ":material/forum:"),
        (library_page.show, "Collections", "collections", ":material/folder_open:"),
        (settings_page.show, "Settings", "settings", ":material/tune:"),
    )
    st.navigation(
        [
            st.Page(_with_services(show), title=title, icon=icon, url_path=path, default=not path)
            for show, title, path, icon in pages
        ]
    ).run()


def _with_services(show: Callable[[Services], None]) -> Callable[[], None]:
    def page() -> None:
        with errors_shown():
            show(shared_services())

    page.__name__ = show.__module__.rpartition(".")[2]  # Streamlit tells pages apart by it
    return page


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what goes wrong as a sentence."""
    try:
        yield
    except CitewellError as error:
        st.html(render.error_html(str(error)))


if __name__ == "__main__":
    main()
