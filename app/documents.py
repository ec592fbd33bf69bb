"""What ``citewell collections``, ``ls``, ``show`` and ``rm`` do. Each returns its exit status."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from citewell.app.documents_output import collections_json, ls_json, rm_json, show_json
from citewell.app.documents_printing import (
    counted_files,
    print_collections,
    print_documents,
    print_overview,
    print_pieces,
    print_removal,
    print_text,
)
from citewell.app.documents_values import Excerpt, Overview, Wanted
from citewell.app.library import rename_collection
from citewell.app.marked import marked
from citewell.app.output import line
from citewell.app.terminal import say, write
from citewell.ingest.removal import (
    HeldFile,
    chosen_files,
    held_files,
    remove_collection,
    remove_files,
)
from citewell.ingest.selecting import matching, one_document
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.filters import as_filter
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_schema import require_database
from citewell.retrieval.sqlite_store import FILE_NAME, open_store
from citewell.retrieval.store import Store

DECLINED = 1
"""Exit status when the user says no."""


@contextmanager
def held_store(settings: Settings) -> Iterator[Store]:
    """Open the store that settings name, which has to be there.

    Raises:
        NotConfigured: If there is none; none is made.
    """
    require_database(settings.home / FILE_NAME, settings.collection)
    with open_store(settings.home) as store:
        yield store


def run_collections(settings: Settings, *, as_json: bool) -> int:
    """List the collections of the home folder, which need not be there."""
    found = []
    if (settings.home / FILE_NAME).exists():
        with open_store(settings.home) as store:
            found = store.collections()
    if as_json:
        write(line(collections_json(found)))
    else:
        print_collections(found)
    return 0


def run_rename(name: str, new: str, settings: Settings) -> int:
    """Give a collection another name."""
    from citewell.app.chats.sqlite_chats import open_chats

    require_database(settings.home / FILE_NAME, name)
    renamed = rename_collection(settings, name, new)
    chats = open_chats(settings.home)
    try:
        chats.move(name, renamed)
    finally:
        chats.close()
    write(f"{name} is called {renamed} now.")
    return 0


def run_ls(
    pattern: str | None, settings: Settings, *, where: str | None = None, as_json: bool
) -> int:
    """List the documents of a collection, or those that a pattern means and a filter keeps."""
    name, kept = settings.collection, as_filter(where)
    with held_store(settings) as store:
        documents = store.documents(name, kept)
        known = marked(store, name)
        found = documents if pattern is None else matching(documents, pattern)
        keys = () if found or kept is None else tuple(store.fact_keys(name))
    listed = [(each, known.of(each.name, each.path)) for each in found]
    if as_json:
        write(line(ls_json(name, listed)))
    else:
        print_documents(name, listed, Wanted(pattern, kept, keys))
    return 0


def run_show(wanted: str, excerpt: Excerpt, settings: Settings, *, as_json: bool) -> int:
    """Show a document: what is known of it, its text or its chunks."""
    with held_store(settings) as store:
        overview = _overview(store, settings.collection, wanted)
    text = _text(overview, excerpt)
    if as_json:
        write(line(show_json(settings.collection, overview, excerpt, text)))
        return 0
    if text is not None:
        print_text(text)
    if excerpt.chunks:
        print_pieces(overview.chunks, excerpt.page)
    if text is None and not excerpt.chunks:
        print_overview(overview)
    return 0


def _overview(store: Store, collection: str, wanted: str) -> Overview:
    documents = store.documents(collection)
    readings = {reading.path: reading for reading in store.readings(collection)}
    for reading in readings.values():
        unread = reading.status != "read" and wanted in (reading.name, str(reading.path))
        if unread and not matching(documents, wanted):
            became = "was left out" if reading.status == "skipped" else "could not be read"
            raise NotConfigured(
                f"{reading.name} {became}: {reading.reason}. "
                f"See all such files: citewell report --collection {collection}"
            )
    summary = one_document(documents, wanted, collection)
    return Overview(
        document=store.document(collection, summary.name),
        path=summary.path,
        chunks=tuple(stored.chunk for stored in store.document_chunks(collection, summary.name)),
        reading=readings.get(summary.path),
        marks=marked(store, collection).of(summary.name, summary.path),
    )


def _text(overview: Overview, excerpt: Excerpt) -> str | None:
    """Return the text asked for; None if none was."""
    document = overview.document
    if excerpt.page is None:
        return document.text if excerpt.text else None
    for page in document.pages:
        if page.number == excerpt.page:
            return None if excerpt.chunks else document.text[page.start : page.end]
    there = f"1 to {len(document.pages)}" if document.pages else "none"
    raise ConfigError(
        f"{document.name} has no page {excerpt.page}; its pages are: {there}. "
        "Leave out --page to see all of it."
    )


def run_rm(
    wanted: Sequence[str], settings: Settings, *, everything: bool, yes: bool, as_json: bool
) -> int:
    """Remove files from a collection, or all of it, once the user has agreed."""
    if bool(wanted) == everything:
        raise ConfigError("Name documents, files or folders to remove, or give --all for all.")
    name = settings.collection
    with held_store(settings) as store:
        files = held_files(store, name) if everything else chosen_files(store, name, wanted)
        whole = f"collection {name} with " if everything else ""
        if not yes and not _agreed(f"Remove {whole}{counted_files(files)}?", files):
            say("Nothing was removed.")
            return DECLINED

        def sync() -> None:
            sync_index(settings.home, store, name)

        if everything:
            remove_collection(store, settings, sync)
        else:
            remove_files(store, settings, files, sync)
    if as_json:
        write(line(rm_json(name, files, everything=everything)))
    else:
        print_removal(name, files, everything=everything)
    return 0


def _agreed(question: str, files: Sequence[HeldFile]) -> bool:
    """Ask on the terminal.

    Raises:
        ConfigError: If there is none.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise ConfigError(f"{question} Nobody can be asked here; to agree, add --yes.")
    for file in files[:10]:
        say(f"  {file.path}")
    if len(files) > 10:
        say(f"  ... and {len(files) - 10} more")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
