"""What is asked before a collection or a document is made, renamed or lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from citewell.app import library
from citewell.app.page.escaping import escaped
from citewell.app.page.library_html import quiet_html
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
    with _open():
        name = st.text_input(
            "Name",
            key="library_new_name",
            max_chars=100,
            help="Letters, digits, underscores, dots and hyphens.",
        )
        st.button(
            "Make it",
            key="library_new_do",
            type="primary",
            disabled=not name.strip(),
            on_click=attempt,
            args=(_make, services, name),
        )


def _make(services: Services, name: str) -> None:
    made = library.create_collection(_patient(services), name)
    close_dialog()
    open_collection(made)


@st.dialog("Rename the collection", on_dismiss=close_dialog)
def _rename(services: Services, about: str) -> None:
    with _open():
        name = st.text_input(
            "New name",
            value=about,
            key=f"library_rename_{about}",
            max_chars=100,
            help="Letters, digits, underscores, dots and hyphens.",
        )
        st.html(quiet_html("Documents, conversations and uploaded files stay with it."))
        st.button(
            "Rename",
            key="library_rename_do",
            type="primary",
            disabled=name.strip() in ("", about),
            on_click=attempt,
            args=(_do_rename, services, about, name),
        )


def _do_rename(services: Services, name: str, new: str) -> None:
    _refuse_while_busy(services)
    renamed = library.rename_collection(_patient(services), name, new)
    services.chats.move(name, renamed)
    services.jobs.forget(name)
    close_dialog()
    open_collection(renamed)


@st.dialog("Delete the collection", on_dismiss=close_dialog)
def _delete(services: Services, about: str) -> None:
    with _open():
        uploads = count_uploads(services.settings.home, about)
        st.html(
            f'<p><bdi class="cw-name">{escaped(about)}</bdi> is removed with all that was read into '
            "it. This cannot be undone. Files in your own folders stay where they are.</p>"
        )
        drop = uploads > 0 and st.checkbox(
            f"Delete the {uploads:,} uploaded files from the disk as well",
            value=True,
            key=f"library_delete_uploads_{about}",
        )
        if uploads and not drop:
            folder = uploads_folder(services.settings.home, about)
            st.html(quiet_html(f"The uploaded files stay in {folder}."))
        typed = st.text_input(
            "Type its name to confirm", key=f"library_delete_name_{about}", placeholder=about
        )
        st.button(
            "Delete for good",
            key="library_delete_do",
            type="primary",
            icon=":material/delete:",
            disabled=typed.strip() != about,
            on_click=attempt,
            args=(_do_delete, services, about, drop),
        )


def _do_delete(services: Services, name: str, uploads: bool) -> None:
    _refuse_while_busy(services)
    library.delete_collection(_patient(services), name, uploads=uploads)
    services.jobs.forget(name)
    close_dialog()
    open_document(None)


@st.dialog("Add a folder of the server", on_dismiss=close_dialog)
def _folder(services: Services, about: str) -> None:
    with _open():
        folders = services.settings.page_folders
        if not folders:
            st.html(
                "<p>Folders of the server can be added once the setting <code>page_folders</code> "
                'names them, such as <code>page_folders = ["/srv/documents"]</code> in '
                "<code>citewell.toml</code>; then start Citewell again.</p>"
            )
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
        fate = (
            "It was uploaded here, and leaves the disk as well. This cannot be undone."
            if uploaded
            else "The file itself stays on the disk. It comes back when its folder is read again."
        )
        st.html(
            f'<p><bdi class="cw-name">{escaped(path)}</bdi> and all that was read from it leave '
            f"the collection. {fate}</p>"
        )
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
