"""Make again what can be made from the stored documents and vectors. Nothing is embedded."""

from dataclasses import dataclass
from pathlib import Path

from citewell.retrieval.chroma_index import EXACT_BELOW, rebuild_index
from citewell.retrieval.doctor import store_damage
from citewell.retrieval.errors import StoreDamaged
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.sqlite_salvage import put_in_place, salvage
from citewell.retrieval.sqlite_schema import require_database
from citewell.retrieval.sqlite_store import FILE_NAME, open_store


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did.

    Attributes:
        collections: Those whose index of words was made anew, by name.
        indexed: Those that are large enough for an index of vectors, which was made anew.
        aside: Where the damaged database is now; None if it was sound.
        saved: Files whose documents were saved from the damaged database.
        lost: Files that could be named in it but not saved.
    """

    collections: tuple[str, ...]
    indexed: tuple[str, ...]
    aside: Path | None = None
    saved: int = 0
    lost: int = 0


def rebuild(home: Path, timeout: float, *, exact_below: int = EXACT_BELOW) -> Rebuilt:
    """Make the indexes of words and of vectors anew, and replace a damaged database.

    Args:
        home: Folder of the store.
        timeout: Seconds to wait for another writer.
        exact_below: Number of chunks from which a collection is indexed by Chroma.

    Raises:
        NotConfigured: If there is no store.
        StoreBusy: If another process writes to the store for longer than ``timeout``.
        StoreError: If the disk is full or may not be written.
    """
    require_database(home / FILE_NAME)
    with writer_lock(home, timeout):
        aside, saved, lost = None, 0, 0
        if not _mended(home):
            saved, lost = salvage(home)
            aside = put_in_place(home)
        with open_store(home) as store:
            names = tuple(each.name for each in store.collections())
            indexed = tuple(rebuild_index(home, store, exact_below=exact_below))
        return Rebuilt(names, indexed, aside, saved, lost)


def _mended(home: Path) -> bool:
    """Make all indexes of words anew; tell whether the database is sound then."""
    try:
        with open_store(home) as store:
            for each in store.collections():
                store.rebuild_words(each.name)
            return not store_damage(store)
    except StoreDamaged:
        return False
