"""Finds passages in your documents: the store, the embedding model and the search.

It stands on its own, so that other programs can embed it::

    from citewell.retrieval import open_retriever

    with open_retriever(collection="handbook") as retriever:
        for passage in retriever.search("How long is parental leave?", k=5):
            print(passage.document, passage.chunk.page_start, passage.text)
"""

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
