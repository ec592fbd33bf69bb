"""Does an index find its own vectors? Asked in a process of its own, which may die of the answer.

    python -m citewell.retrieval.chroma_probe FOLDER < samples

``samples`` is a JSON list, each with the fields of a `Sample`. Exit status 0 means sound; with
another one standard output says why not, if the process lived to tell.
"""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence, Set
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from citewell.retrieval.chroma_files import (
    FOLDER_NAME,
    SQLITE_NAME,
    collection_name,
    open_client,
)
from citewell.retrieval.store import Store

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.types import Embeddings

PROBE_SECONDS = 60.0
SAMPLE = 100

# HNSW is approximate: it may miss a vector that it holds, but not one in fifty.
_MOST_MISSES = 1 / 50
_SAME = 1e-3


class Sample(NamedTuple):
    """What an index should hold of a collection.

    Attributes:
        name: Of the collection in Chroma.
        keys: Of some chunks, from all over the collection.
        vectors: Theirs.
        all_keys: Of all its chunks; None while the index may be behind the store.
    """

    name: str
    keys: Sequence[int]
    vectors: Sequence[Sequence[float]]
    all_keys: Sequence[int] | None = None


def is_sound(home: Path, store: Store) -> bool:
    """Open the index of a home folder in another process and look for vectors of the store."""
    return not index_fault(home, store)


def index_fault(home: Path, store: Store, in_step: Set[str] = frozenset()) -> str:
    """Return what is wrong with the index of a home folder, in a sentence; blank if it is sound.

    Args:
        home: Folder of the store and the index.
        store: Where the vectors are.
        in_step: Collections of which the index should hold all chunks and no others.
    """
    if not (home / FOLDER_NAME).is_dir():
        return "It is gone."
    samples = [sample(store, each.name, each.name in in_step) for each in store.collections()]
    try:
        probe = subprocess.run(
            # -P: the folder that the user is in holds documents, not modules.
            [sys.executable, "-P", "-m", __name__, str(home / FOLDER_NAME)],
            input=json.dumps(samples).encode(),
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"It does not answer within {PROBE_SECONDS:g} s."
    if probe.returncode == 0:
        return ""
    if probe.returncode < 0:
        return f"It ends the process that opens it ({_signal_name(-probe.returncode)})."
    told = probe.stdout.decode("utf-8", "replace").splitlines()
    return told[-1] if told else "Chroma cannot read its files."


def sample(store: Store, collection: str, in_step: bool = False) -> Sample:
    """Take vectors from all over a collection."""
    keys = sorted(store.chunk_keys(collection))
    chosen = islice(keys, 0, None, max(1, len(keys) // SAMPLE))
    found = list(store.vectors(collection, chosen))
    return Sample(
        collection_name(collection),
        [key for key, _ in found],
        [vector.tolist() for _, vector in found],
        keys if in_step else None,
    )


def sample_fault(client: "Client", sample: Sample) -> str:
    """Say how an index does not hold or find its part of a sample as the store has it."""
    if sample.name not in {each.name for each in client.list_collections()}:
        return "" if sample.all_keys is None else "It does not hold the collection."
    index = client.get_collection(sample.name, embedding_function=None)
    if sample.all_keys is not None:
        held = {int(key) for key in index.get(include=[])["ids"]}
        wrong = len(held.symmetric_difference(sample.all_keys))
        if wrong:
            return f"It holds {len(held)} chunks; {wrong} of them are wrong or missing."
    wanted = {str(key): vector for key, vector in zip(sample.keys, sample.vectors, strict=True)}
    found = index.get(ids=list(wanted), include=["embeddings"])
    if not found["ids"]:
        return ""
    asked: Embeddings = [np.array(wanted[key], np.float32) for key in found["ids"]]
    if not np.allclose(np.array(found["embeddings"]), np.stack(asked), atol=_SAME):
        return "Its vectors are not those of the store."
    nearest = index.query(query_embeddings=asked, n_results=1, include=["distances"])
    hits = sum(row[0] < _SAME for row in nearest["distances"] or () if row)
    missed = len(asked) - hits
    return (
        f"It does not find {missed} of its vectors." if missed > len(asked) * _MOST_MISSES else ""
    )


def sqlite_is_sound(folder: Path) -> bool:
    """Return whether SQLite finds no fault in Chroma's own database."""
    with closing(sqlite3.connect(folder / SQLITE_NAME)) as connection:
        found: list[tuple[str]] = connection.execute("PRAGMA quick_check").fetchall()
    return found == [("ok",)]


def main(folder: Path, samples: Sequence[Sample]) -> int:
    """Return 0 for a sound index. Whatever Chroma or SQLite raises makes another exit status."""
    if not sqlite_is_sound(folder):
        return _tell("SQLite finds damage in its database.")
    client = open_client(folder)
    try:
        return _tell(next(filter(None, (sample_fault(client, each) for each in samples)), ""))
    finally:
        client.close()


def _tell(fault: str) -> int:
    sys.stdout.write(f"{fault}\n")
    return 1 if fault else 0


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Sample(*each) for each in json.load(sys.stdin)]))
