"""What the collections page remembers between two looks: what is open, and what is to be said."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import streamlit as st

from citewell.app.page.render import error_html
from citewell.app.page.uploads import Refused
from citewell.retrieval.errors import CitewellError

COLLECTION = "library_collection"
"""Of the session: the collection that is open. `PICKER` is the widget that picks it."""

PICKER = "library_picker"

_NEWS = "library_news"
_DIALOG = "library_dialog"
_PROBLEM = "library_problem"
_REFUSED = "library_refused"
_ROUND = "library_round"

Given = ParamSpec("Given")
Result = TypeVar("Result")


def chosen_collection(names: Sequence[str], usual: str) -> str:
    """Return the collection that is open: as the address says, as before, the usual, the first."""
    wanted: tuple[str | None, ...] = (
        st.query_params.get("collection"),
        st.session_state.get(COLLECTION),
        usual,
    )
    return next((name for name in wanted if name is not None and name in names), names[0])


def open_collection(name: str) -> None:
    """Open a collection, and none of its documents."""
    st.session_state[COLLECTION] = st.session_state[PICKER] = name
    st.query_params["collection"] = name
    st.session_state.pop(_REFUSED, None)
    open_document(None)


def pick_collection() -> None:
    """Open the collection that was picked."""
    open_collection(st.session_state[PICKER])


def opened_document() -> str | None:
    """Return the name of the document that is open, as the address says; None if none is."""
    return st.query_params.get("document")


def open_document(name: str | None) -> None:
    """Open a document, or go back to the list."""
    if name is None:
        st.query_params.pop("document", None)
    else:
        st.query_params["document"] = name
    _tell_news()


def dialog() -> tuple[str, str] | None:
    """Return which dialog is open, and what it is about."""
    found: tuple[str, str] | None = st.session_state.get(_DIALOG)
    return found


def open_dialog(kind: str, about: str = "") -> None:
    """Open a dialog; it stays open through what changes on the page behind it."""
    st.session_state[_DIALOG] = (kind, about)
    _tell_news()


def close_dialog() -> None:
    """Close the dialog that is open."""
    st.session_state.pop(_DIALOG, None)
    _tell_news()


def attempt(action: Callable[Given, object], *args: Given.args, **named: Given.kwargs) -> None:
    """Do what a click asks for; what goes wrong is said once by the page or the dialog."""
    attempted(action, *args, **named)


def attempted(
    action: Callable[Given, Result], *args: Given.args, **named: Given.kwargs
) -> Result | None:
    """Do something and return what it gives; None, and said once by the page, if it fails."""
    _tell_news()
    try:
        return action(*args, **named)
    except CitewellError as error:
        st.session_state[_PROBLEM] = str(error)
        return None


def _tell_news() -> None:
    st.session_state[_NEWS] = True


def all_is_shown() -> None:
    """Note that the whole page is being shown, as it is to be now."""
    st.session_state.pop(_NEWS, None)


@contextmanager
def part_of_page() -> Iterator[None]:
    """Frame what is shown anew by itself, on a click in it or now and then.

    Where a click concerned the rest of the page, all of it is shown anew instead. What goes wrong
    is said in its place.
    """
    if st.session_state.pop(_NEWS, False):
        st.rerun(scope="app")
    try:
        yield
    except CitewellError as error:
        st.html(error_html(str(error)))


def problem() -> str | None:
    """Return what went wrong with the last click, once."""
    text: str | None = st.session_state.pop(_PROBLEM, None)
    return text


def upload_round() -> int:
    """Return how often uploads were taken in; an uploader of a new round is empty."""
    number: int = st.session_state.get(_ROUND, 0)
    return number


def uploads_taken(refused: Sequence[Refused]) -> None:
    """Begin a new round of uploads, and keep what was refused of the last one, to say it."""
    st.session_state[_ROUND] = upload_round() + 1
    st.session_state[_REFUSED] = tuple(refused)


def refused_uploads() -> tuple[Refused, ...]:
    """Return what was refused of the last round of uploads."""
    found: tuple[Refused, ...] = st.session_state.get(_REFUSED, ())
    return found
