"""Finds passages in your documents: the store, the embedding model and the search.

It stands on its own, so that other programs can embed it::

    from citewell.retrieval import open_retriever

    with open_retriever(collection="handbook") as retriever:
        for passage in retriever.search("How long is parental leave?", k=5):
            print(passage.document, passage.chunk.page_start, passage.text)
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citewell.retrieval.errors import CitewellError
    from citewell.retrieval.retriever import Retriever, open_retriever
    from citewell.retrieval.values import Chunk, Document, Passage, Scores, SearchResult

__all__ = [
    "Chunk",
    "CitewellError",
    "Document",
    "Passage",
    "Retriever",
    "Scores",
    "SearchResult",
    "open_retriever",
]

_HOMES = {"CitewellError": "errors", "Retriever": "retriever", "open_retriever": "retriever"}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562): importing the package stays quick."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'values')}"), name)
