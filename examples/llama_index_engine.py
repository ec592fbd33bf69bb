"""A query engine of LlamaIndex that answers from your documents and cites them.

First, once: citewell ingest corpora/llm-primer
Then: python examples/llama_index_engine.py "What is low-rank adaptation?"
"""

import sys

from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import CitationQueryEngine

from citewell.retrieval import open_retriever
from citewell.retrieval.adapters.for_llama_index import CitewellRetriever

# Stands in for a language model, so that this runs anywhere: it says what it was shown. Any LLM of
# LlamaIndex can take its place: Ollama(model="llama3.2") of llama-index-llms-ollama, for one.
LLM = MockLLM()


def main(question: str) -> None:
    """Print the answer, and where each of its sources stands."""
    with open_retriever() as searched:
        engine = CitationQueryEngine(CitewellRetriever(searched, k=3), llm=LLM)
        answer = engine.query(question)
    print(answer)
    for number, found in enumerate(answer.source_nodes, start=1):
        facts = found.metadata
        print(f"[{number}] {facts['source']}, characters {facts['start']} to {facts['end']}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "What is low-rank adaptation?")
