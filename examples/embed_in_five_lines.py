"""Search your documents from Python. First, once: citewell ingest corpora/llm-primer"""

from citewell.retrieval import open_retriever

with open_retriever() as retriever:
    for passage in retriever.search("What is low-rank adaptation?", k=3):
        print(f"[{passage.rank}] {passage.document}, page {passage.chunk.page_start}")
        print(passage.text, end="\n\n")
