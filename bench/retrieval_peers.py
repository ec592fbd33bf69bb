"""The hybrid searches of LangChain and LlamaIndex, over chunks and vectors that are given.

Each is put together as its documentation does. Both search by words in the text that was
embedded: title, headings, then the chunk. Chunks of the same text in two documents stay two.

Sources: https://reference.langchain.com/python/langchain-classic/retrievers/ensemble and
https://developers.llamaindex.ai/python/framework/integrations/retrievers/reciprocal_rerank_fusion
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Chunk

Ranking = Callable[[str, int], list[Chunk]]
"""Returns at most so many chunks for a question, best first."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What every system ranks.

    Attributes:
        texts: What was embedded for each chunk.
        vectors: Shape ``(len(chunks), dimension)``, unit rows.
        embed: Returns the vector of a question.
    """

    chunks: Sequence[Chunk]
    texts: Sequence[str]
    vectors: Vectors
    embed: Callable[[str], Vectors]


def lower_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without marks."""
    return re.findall(r"\w+", text.lower())


def langchain_ensemble(
    shared: Shared, candidates: int, split: Callable[[str], list[str]] = str.split
) -> Ranking:
    """Return LangChain's EnsembleRetriever over its BM25Retriever and its vector store.

    Args:
        candidates: Passages that each of the two gives.
        split: How texts become words for BM25; by default as there, at white space.

    Raises:
        ImportError: If a package of it is not installed.
    """
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Given(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            known = dict(zip(shared.texts, shared.vectors.tolist(), strict=True))
            return [known[text] for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return list(map(float, shared.embed(text)))

    documents = [
        Document(page_content=text, metadata={"number": number})
        for number, text in enumerate(shared.texts)
    ]
    by_word = BM25Retriever.from_documents(documents, k=candidates, preprocess_func=split)
    store = InMemoryVectorStore.from_documents(documents, Given())
    by_meaning = store.as_retriever(search_kwargs={"k": candidates})
    ensemble = EnsembleRetriever(
        retrievers=[by_word, by_meaning], weights=[0.5, 0.5], id_key="number"
    )

    def ranked(question: str, k: int) -> list[Chunk]:
        found = ensemble.invoke(question)[:k]
        return [shared.chunks[each.metadata["number"]] for each in found]

    return ranked


def llamaindex_fusion(shared: Shared, candidates: int) -> Ranking:
    """Return LlamaIndex's QueryFusionRetriever over its BM25Retriever and its vector index.

    Raises:
        ImportError: If a package of it is not installed.
    """
    from llama_index.core import MockEmbedding, VectorStoreIndex
    from llama_index.core.llms import MockLLM
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
    from llama_index.core.schema import BaseNode, QueryBundle, TextNode
    from llama_index.retrievers.bm25 import BM25Retriever

    nodes: list[BaseNode] = [
        TextNode(
            id_=str(number),
            text=text,
            embedding=vector,
            metadata={"number": number},
            excluded_embed_metadata_keys=["number"],
        )
        for number, (text, vector) in enumerate(
            zip(shared.texts, shared.vectors.tolist(), strict=True)
        )
    ]
    most = min(candidates, len(nodes))
    index = VectorStoreIndex(nodes, embed_model=MockEmbedding(embed_dim=shared.vectors.shape[1]))
    by_word = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=most)
    fusion = QueryFusionRetriever(
        [index.as_retriever(similarity_top_k=most), by_word],
        llm=MockLLM(),
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=most,
        num_queries=1,
        use_async=False,
    )

    def ranked(question: str, k: int) -> list[Chunk]:
        asked = QueryBundle(question, embedding=shared.embed(question).tolist())
        return [shared.chunks[int(each.node_id)] for each in fusion.retrieve(asked)[:k]]

    return ranked
