"""Citewell as a retriever of LlamaIndex, for query engines, chat engines and agents::

from citewell.retrieval import open_retriever
from citewell.retrieval.adapters.for_llama_index import CitewellRetriever

nodes = CitewellRetriever(open_retriever(), k=3).retrieve("How long is leave?")
"""

import asyncio

from citewell.retrieval.adapters.passages import described
from citewell.retrieval.errors import MissingExtra
from citewell.retrieval.filters import Filter, as_filter
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import Passage, SearchMode, SearchResult

try:
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import (
        NodeRelationship,
        NodeWithScore,
        QueryBundle,
        RelatedNodeInfo,
        TextNode,
    )
except ModuleNotFoundError as error:
    raise MissingExtra("llama_index.core", "llama-index") from error

IN_PROMPT = frozenset({"source", "title", "pages", "header"})
"""What a language model reads of the metadata: the rest would only take up its context."""

IN_EMBEDDING = frozenset({"title", "headings", "header"})
"""What a reranker or embedding model reads of it: as Citewell itself embeds a passage."""


class CitewellRetriever(BaseRetriever):
    """Finds passages with a `Retriever`, which whoever opened it closes."""

    def __init__(
        self,
        retriever: Retriever,
        k: int = 5,
        mode: SearchMode = "hybrid",
        where: str | Filter | None = None,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        """Search with a retriever.

        Args:
            retriever: What searches; for one caller, give ``retriever.seen_by(labels)``.
            k: Most nodes to return, at least 1.
            mode: ``hybrid``, ``dense`` or ``lexical``.
            where: What must hold of a passage, such as ``tag = "hr" and year >= 2024``.
            callback_manager: Of LlamaIndex; told of each search.

        Raises:
            FilterError: If ``where`` cannot be read.
        """
        super().__init__(callback_manager=callback_manager)
        self._retriever = retriever
        self._k = k
        self._mode = mode
        self._where = as_filter(where)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        result = self._retriever.search(
            query_bundle.query_str, self._k, self._mode, where=self._where
        )
        return _nodes(self._retriever, result)

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        result = await self._retriever.asearch(
            query_bundle.query_str, self._k, self._mode, where=self._where
        )
        return await asyncio.to_thread(_nodes, self._retriever, result)


def _nodes(retriever: Retriever, result: SearchResult) -> list[NodeWithScore]:
    return [
        NodeWithScore(node=_node(passage, metadata), score=passage.score)
        for passage, metadata in described(retriever, result)
    ]


def _node(passage: Passage, metadata: dict[str, object]) -> TextNode:
    chunk = passage.chunk
    return TextNode(
        id_=chunk.id,
        text=chunk.text,
        start_char_idx=chunk.start,
        end_char_idx=chunk.end,
        metadata=metadata,
        excluded_llm_metadata_keys=sorted(metadata.keys() - IN_PROMPT),
        excluded_embed_metadata_keys=sorted(metadata.keys() - IN_EMBEDDING),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=chunk.document)},
    )
