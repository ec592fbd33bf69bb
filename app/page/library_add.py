"""The way in: files and folders that are dropped, and folders of the server."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from citewell.app.page.library_state import attempted, open_dialog, upload_round, uploads_taken
from citewell.app.page.services import Services
from citewell.app.page.uploads import Refused, save_uploads, uploads_folder


def show_uploads(services: Services, collection: str) -> None:
    """Show where to drop files, and take in what was dropped."""
    most = services.settings.max_upload_mb
    number = upload_round()
    with st.container(key="cw-drop"):
        files, folder = st.columns([3, 2])
        dropped = files.file_uploader(
            "Drop files here",
            accept_multiple_files=True,
            key=f"library_files_{collection}_{number}",
            max_upload_size=most,
            help="A file of the same name takes the place of the one before. "
            "Zip and tar archives are unpacked.",
        )
        dropped += folder.file_uploader(
            "Or a whole folder",
            accept_multiple_files="directory",
            key=f"library_tree_{collection}_{number}",
            max_upload_size=most,
        )
        st.button(
            "Add a folder of the server",
            key="library_server",
            icon=":material/dns:",
            type="tertiary",
            on_click=open_dialog,
            args=("folder", collection),
        )
    if dropped:
        _take_in(services, collection, dropped)


def _take_in(services: Services, collection: str, dropped: Sequence[UploadedFile]) -> None:
    """Save what was dropped, let the server's memory go, and begin to read it."""
    refused: tuple[Refused, ...] = ()
    try:
        refused = attempted(_save_and_read, services, collection, dropped) or ()
    finally:
        _release(dropped)
    uploads_taken(refused)
    st.rerun()


def _save_and_read(
    services: Services, collection: str, dropped: Sequence[UploadedFile]
) -> tuple[Refused, ...]:
    home = services.settings.home
    saved = save_uploads(home, collection, dropped, services.settings.max_upload_mb)
    if saved.files:
        services.jobs.start(collection, [uploads_folder(home, collection)])
    return saved.refused


def _release(dropped: Sequence[UploadedFile]) -> None:
    """Let go of uploads, which Streamlit holds in memory for as long as the session lasts."""
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context else None
    if context is not None and isinstance(manager, MemoryUploadedFileManager):
        for file in dropped:
            manager.remove_file(context.session_id, file.file_id)
