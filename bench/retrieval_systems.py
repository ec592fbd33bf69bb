"""What is compared: each system ranks the same chunks, with the same vectors."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from bench.retrieval_peers import (
    Ranking,
    Shared,
    langchain_ensemble,
    llamaindex_fusion,
    lower_words,
)
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Chunk, Fingerprint, SearchMode, embedding_text

CANDIDATES = 100
"""Passages that each part of a fusion gives; more than a user of the other systems asks for."""

RRF_CONSTANT = 60
"""Of reciprocal rank fusion, as published (Cormack, Clarke and Büttcher, SIGIR 2009)."""


class Remembering:
    """An embedding model that embeds each question once, however many systems ask it."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self._known: dict[str, Vectors] = {}

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the model."""
        return self._model.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text as the model does."""
        return self._model.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question as the model does, once."""
        if text not in self._known:
            self._known[text] = self._model.embed_question(text)
        return self._known[text]


class Collected:
    """A collection as Citewell made it, open for every system."""

    def __init__(self, home: Path, embedder: Embedder) -> None:
        settings = Settings(home=home)
        self.retriever: Retriever = open_retriever(home, embedder=embedder, settings=settings)
        with open_store(home) as store:
            keys = sorted(store.chunk_keys(settings.collection))
            stored = store.chunks(settings.collection, keys)
            vectors = np.stack([vector for _, vector in store.vectors(settings.collection, keys)])
        texts = [embedding_text(each.title, each.chunk) for each in stored]
        chunks = [each.chunk for each in stored]
        self.shared = Shared(chunks, texts, vectors, embedder.embed_question)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.retriever.close()


def citewell(mode: SearchMode) -> Callable[[Collected], Ranking]:
    """Return Citewell in one of its modes."""

    def opened(collected: Collected) -> Ranking:
        def ranked(question: str, k: int) -> list[Chunk]:
            return [each.chunk for each in collected.retriever.search(question, k, mode)]

        return ranked

    return opened


def plain_rrf(collected: Collected) -> Ranking:
    """Return the two parts of Citewell joined by the sum of 1 / (60 + rank) and nothing else."""
    parts = [citewell("lexical")(collected), citewell("dense")(collected)]

    @lru_cache(maxsize=1)
    def joined(question: str) -> list[Chunk]:
        scores: dict[Chunk, float] = {}
        for part in parts:
            for rank, chunk in enumerate(part(question, CANDIDATES), 1):
                scores[chunk] = scores.get(chunk, 0.0) + 1 / (RRF_CONSTANT + rank)
        return sorted(scores, key=lambda chunk: -scores[chunk])

    return lambda question, k: joined(question)[:k]


DEFAULT = "Citewell"
PARTS = ("BM25", "dense")
"""What the default joins: its own parts, each alone."""

SYSTEMS: dict[str, Callable[[Collected], Ranking]] = {
    DEFAULT: citewell("hybrid"),
    "BM25": citewell("lexical"),
    "dense": citewell("dense"),
    "RRF": plain_rrf,
    "LangChain": lambda collected: langchain_ensemble(collected.shared, CANDIDATES),
    "LangChain (words)": lambda collected: langchain_ensemble(
        collected.shared, CANDIDATES, lower_words
    ),
    "LlamaIndex": lambda collected: llamaindex_fusion(collected.shared, CANDIDATES),
}
"""Each is opened once for a collection. One that is not installed raises ImportError."""
