"""Does an index find its own vectors? Asked in a process of its own, which may die of the answer.

    python -m citewell.retrieval.chroma_probe FOLDER < samples

``samples`` is a JSON list of ``[name in Chroma, chunk keys, vectors]``. Exit status 0 means sound.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from citewell.retrieval.chroma_files import FOLDER_NAME, collection_name, open_client
from citewell.retrieval.store import Store

if TYPE_CHECKING:
    from chromadb.api.client import Client

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
    """Return whether a collection finds those of the sample's vectors that it holds."""
    name, keys, vectors = sample
    if name not in {each.name for each in client.list_collections()}:
        return True
    collection = client.get_collection(name, embedding_function=None)
    held = set(collection.get(include=[])["ids"])
    if len(held) != collection.count():
        return False
    asked = [vector for key, vector in zip(keys, vectors, strict=True) if str(key) in held]
    if not asked:
        return True
    nearest = collection.query(query_embeddings=list(asked), n_results=1, include=["distances"])
    found = sum(row[0] < _SAME for row in nearest["distances"] or () if row)
    return len(asked) - found <= len(asked) * _MOST_MISSES


def main(folder: Path, samples: Sequence[Sample]) -> int:
    """Return 0 for a sound index. Whatever Chroma raises makes another exit status."""
    client = open_client(folder)
    try:
        return 0 if all(finds_itself(client, each) for each in samples) else 1
    finally:
        client.close()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.load(sys.stdin)))
