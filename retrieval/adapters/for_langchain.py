"""Citewell as a retriever of LangChain, for chains, agents and graphs::

from citewell.retrieval import open_retriever
from citewell.retrieval.adapters.for_langchain import CitewellRetriever

documents = CitewellRetriever(retriever=open_retriever(), k=3).invoke("How long is leave?")
"""

import asyncio

from pydantic import ConfigDict, Field, field_validator

from citewell.retrieval.adapters.passages import described
from citewell.retrieval.errors import MissingExtra
from citewell.retrieval.filters import Filter, as_filter
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import SearchMode, SearchResult

try:
    from langchain_core.callbacks import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ModuleNotFoundError as error:
    raise MissingExtra("langchain_core", "langchain") from error


class CitewellRetriever(BaseRetriever):
    """Finds passages with a `Retriever`, which whoever opened it closes.

    ``k``, ``mode`` and ``where`` can also be given for one call: ``invoke(question, k=3)``.

    Attributes:
        retriever: What searches; for one caller, give ``retriever.seen_by(labels)``.
        k: Most documents to return.
        mode: ``hybrid``, ``dense`` or ``lexical``.
        where: What must hold of a passage, such as ``tag = "hr" and year >= 2024``.

    Raises:
        FilterError: If ``where`` cannot be read.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    retriever: Retriever
    k: int = Field(default=5, ge=1)
    mode: SearchMode = "hybrid"
    where: str | Filter | None = None

    @field_validator("where")
    @classmethod
    def _read(cls, where: str | Filter | None) -> Filter | None:
        return as_filter(where)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        mode: SearchMode | None = None,
        where: str | Filter | None = None,
    ) -> list[Document]:
        k, where = self.k if k is None else k, self.where if where is None else where
        result = self.retriever.search(query, k, mode or self.mode, where=where)
        return _documents(self.retriever, result)

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        mode: SearchMode | None = None,
        where: str | Filter | None = None,
    ) -> list[Document]:
        k, where = self.k if k is None else k, self.where if where is None else where
        result = await self.retriever.asearch(query, k, mode or self.mode, where=where)
        return await asyncio.to_thread(_documents, self.retriever, result)


def _documents(retriever: Retriever, result: SearchResult) -> list[Document]:
    return [
        Document(page_content=passage.text, metadata=metadata, id=passage.chunk.id)
        for passage, metadata in described(retriever, result)
    ]
