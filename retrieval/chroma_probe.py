"""Does an index find its own vectors? Asked in a process of its own, which may die of the answer.

    python -m citewell.retrieval.chroma_probe FOLDER < samples

``samples`` is a JSON list of ``[name in Chroma, chunk keys, vectors]``. Exit status 0 means sound.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

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

Sample = tuple[str, Sequence[int], Sequence[Sequence[float]]]


def is_sound(home: Path, store: Store) -> bool:
    """Open the index of a home folder in another process and look for vectors of the store."""
    samples = [sample(store, each.name) for each in store.collections()]
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
        return False
    return probe.returncode == 0


def sample(store: Store, collection: str) -> Sample:
    """Take vectors from all over a collection."""
    keys = sorted(store.chunk_keys(collection))
    chosen = islice(keys, 0, None, max(1, len(keys) // SAMPLE))
    found = list(store.vectors(collection, chosen))
    return collection_name(collection), [key for key, _ in found], [v.tolist() for _, v in found]


def finds_itself(client: "Client", sample: Sample) -> bool:
    """Return whether a collection holds and finds its part of a sample as the store has it."""
    name, keys, vectors = sample
    if name not in {each.name for each in client.list_collections()}:
        return True
    index = client.get_collection(name, embedding_function=None)
    wanted = {str(key): vector for key, vector in zip(keys, vectors, strict=True)}
    found = index.get(ids=list(wanted), include=["embeddings"])
    if not found["ids"]:
        return True
    asked: Embeddings = [np.array(wanted[key], np.float32) for key in found["ids"]]
    if not np.allclose(np.array(found["embeddings"]), np.stack(asked), atol=_SAME):
        return False
    nearest = index.query(query_embeddings=asked, n_results=1, include=["distances"])
    hits = sum(row[0] < _SAME for row in nearest["distances"] or () if row)
    return len(asked) - hits <= len(asked) * _MOST_MISSES


def sqlite_is_sound(folder: Path) -> bool:
    """Return whether SQLite finds no fault in Chroma's own database."""
    with closing(sqlite3.connect(folder / SQLITE_NAME)) as connection:
        found: list[tuple[str]] = connection.execute("PRAGMA quick_check").fetchall()
    return found == [("ok",)]


def main(folder: Path, samples: Sequence[Sample]) -> int:
    """Return 0 for a sound index. Whatever Chroma or SQLite raises makes another exit status."""
    if not sqlite_is_sound(folder):
        return 1
    client = open_client(folder)
    try:
        return 0 if all(finds_itself(client, each) for each in samples) else 1
    finally:
        client.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.load(sys.stdin)))
