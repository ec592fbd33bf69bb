"""Goes on storing documents, to search beside: ``python -m bench.search_writer HOME``."""

import sys
import time
from itertools import count
from pathlib import Path

import numpy as np

from bench.search_texts import CHUNKS_A_DOCUMENT
from citewell.retrieval.embedding_files import unit
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, Document

PAUSE = 1.0
"""Seconds between two commits: about how fast one process embeds and stores pages."""


def main() -> int:
    """Commit a document, wait, and so on until the process is ended."""
    home = Path(sys.argv[1])
    with open_store(home) as store:
        name = Settings(home=home).collection
        dimension = store.collection(name).fingerprint.dimension
        for number in count():
            embedded = made_up(number, dimension)
            path = Path("/made/up") / embedded.document.name
            store.replace_file(name, SourceFile(path, "0" * 64, "made-1"), [embedded])
            time.sleep(PAUSE)
    return 0


def made_up(number: int, dimension: int) -> EmbeddedDocument:
    """Return a document with vectors that lead nowhere in particular."""
    name = f"news-{number}.md"
    line = f"News {number} came in beside a search."
    chunks = [
        Chunk(name, place * (len(line) + 1), place * (len(line) + 1) + len(line), line)
        for place in range(CHUNKS_A_DOCUMENT)
    ]
    text = "\n".join([line] * CHUNKS_A_DOCUMENT)
    vectors = unit(np.random.default_rng(number).normal(size=(len(chunks), dimension)))
    return EmbeddedDocument(Document(name, name, text, language="en"), chunks, vectors)


if __name__ == "__main__":
    sys.exit(main())
