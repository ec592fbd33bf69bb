"""What is asked before a collection or a document is made, renamed or lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from citewell.app import library
from citewell.app.page.library_html import delete_html, no_folders_html, quiet_html, remove_html
from citewell.app.page.library_state import (
    attempt,
    close_dialog,
    dialog,
    open_collection,
    open_document,
    part_of_page,
    problem,
)
from citewell.app.page.render import error_html
from citewell.app.page.server_folders import allowed_folder, offered
from citewell.app.page.services import Services
from citewell.app.page.uploads import count_uploads, is_upload, uploads_folder
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings

MOST_CHARACTERS = 100
ALLOWED = "Letters, digits, underscores, dots and hyphens; blanks become hyphens."

_NAME = "library_name"
_UPLOADS = "library_uploads"

PATIENCE = 2.0
"""Seconds that a click waits for another writer of the store."""


def show_dialog(services: Services) -> None:
    """Show the dialog that is open, if any."""
    found = dialog()
    if found is None:
        return
    kind, about = found
    shown: dict[str, Callable[[Services, str], None]] = {
        "new": _new,
        "rename": _rename,
        "delete": _delete,
        "folder": _folder,
        "remove": _remove,
    }
    shown[kind](services, about)


def _patient(services: Services) -> Settings:
    timeout = min(PATIENCE, services.settings.lock_timeout)
    return services.settings.model_copy(update={"lock_timeout": timeout})


@contextmanager
def _open() -> Iterator[None]:
    """Frame what a dialog shows; what went wrong with the last click in it is said first."""
    with part_of_page():
        if text := problem():
            st.html(error_html(text))
        yield


@st.dialog("New collection", on_dismiss=close_dialog)
def _new(services: Services, about: str) -> None:
    with _open(), st.form("library_new", border=False):
        st.text_input("Name", key=_NAME, max_chars=MOST_CHARACTERS, help=ALLOWED)
        st.form_submit_button("Make it", type="primary", on_click=attempt, args=(_make, services))


def _make(services: Services) -> None:
    made = library.create_collection(_patient(services), _joined(st.session_state[_NAME]))
    close_dialog()
    open_collection(made)


def _joined(name: str) -> str:
    """Return a name with hyphens where it was typed with blanks."""
    return "-".join(name.split())


@st.dialog("Rename the collection", on_dismiss=close_dialog)
def _rename(services: Services, about: str) -> None:
    with _open(), st.form("library_rename", border=False):
        st.text_input("New name", about, key=_NAME, max_chars=MOST_CHARACTERS, help=ALLOWED)
        st.html(quiet_html("Documents, conversations and uploaded files stay with it."))
        st.form_submit_button(
            "Rename", type="primary", on_click=attempt, args=(_do_rename, services, about)
        )


def _do_rename(services: Services, name: str) -> None:
    _refuse_while_busy(services)
    new = _joined(st.session_state[_NAME])
    renamed = library.rename_collection(_patient(services), name, new)
    services.chats.move(name, renamed)
    services.jobs.forget(name)
    close_dialog()
    open_collection(renamed)


@st.dialog("Delete the collection", on_dismiss=close_dialog)
def _delete(services: Services, about: str) -> None:
    with _open(), st.form("library_delete", border=False):
        st.html(delete_html(about))
        if uploads := count_uploads(services.settings.home, about):
            folder = uploads_folder(services.settings.home, about)
            st.checkbox("Delete the uploaded files from the disk as well", True, key=_UPLOADS)
            st.html(quiet_html(f"There are {uploads:,} of them, in {folder}."))
        st.text_input("Type its name to confirm", key=_NAME, placeholder=about)
        st.form_submit_button(
            "Delete for good",
            type="primary",
            icon=":material/delete:",
            on_click=attempt,
            args=(_do_delete, services, about),
        )


def _do_delete(services: Services, name: str) -> None:
    if st.session_state[_NAME].strip() != name:
        raise ConfigError(f"Nothing was deleted. Type {name!r} to confirm.")
    _refuse_while_busy(services)
    uploads = st.session_state.get(_UPLOADS, False)
    library.delete_collection(_patient(services), name, uploads=uploads)
    services.jobs.forget(name)
    close_dialog()
    open_document(None)


@st.dialog("Add a folder of the server", on_dismiss=close_dialog)
def _folder(services: Services, about: str) -> None:
    with _open():
        folders = services.settings.page_folders
        if not folders:
            st.html(no_folders_html())
            return
        st.html(
            quiet_html(
                "The folder is read where it is; nothing is copied. Add it again after its files "
                "have changed: only what is new or changed is read."
            )
        )
        wanted = st.selectbox(
            "Folder", offered(folders), key="library_folder", accept_new_options=True
        )
        st.button(
            "Read it",
            key="library_folder_do",
            type="primary",
            disabled=not wanted,
            on_click=attempt,
            args=(_read_folder, services, about, wanted or ""),
        )


def _read_folder(services: Services, collection: str, wanted: str) -> None:
    folder = allowed_folder(services.settings.page_folders, wanted)
    services.jobs.start(collection, [folder])
    close_dialog()


@st.dialog("Remove the file", on_dismiss=close_dialog)
def _remove(services: Services, about: str) -> None:
    with _open():
        collection, _, path = about.partition("\0")
        uploaded = is_upload(services.settings.home, collection, Path(path))
        st.html(remove_html(path, uploaded=uploaded))
        st.button(
            "Remove it",
            key="library_remove_do",
            type="primary",
            icon=":material/delete:",
            on_click=attempt,
            args=(_do_remove, services, collection, Path(path)),
        )


def _do_remove(services: Services, collection: str, path: Path) -> None:
    _refuse_while_busy(services)
    library.remove_file(_patient(services), collection, path)
    close_dialog()
    open_document(None)


def _refuse_while_busy(services: Services) -> None:
    if services.jobs.under_way():
        raise ConfigError("Files are being read at the moment. Wait for that to end, or stop it.")
