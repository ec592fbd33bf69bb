"""A chain of LangChain that answers from your documents.

First, once: citewell ingest corpora/llm-primer
Then: python examples/langchain_chain.py "What is low-rank adaptation?"
"""

import sys

from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

from citewell.retrieval import open_retriever
from citewell.retrieval.adapters.for_langchain import CitewellRetriever

PROMPT = ChatPromptTemplate.from_template(
    "Answer from the sources alone and cite them by number.\n\n{sources}\n\nQuestion: {question}"
)

# Stands in for a language model, so that this runs anywhere: it says what it was shown. Any chat
# model of LangChain can take its place: ChatOllama(model="llama3.2") of langchain-ollama, for one.
MODEL = RunnableLambda(lambda shown: shown.to_string())


def numbered(documents: list[Document]) -> str:
    """Return the sources as the prompt shows them: a number, where it stands, its text."""
    return "\n\n".join(
        f"[{number}] {document.metadata['source']}, characters {document.metadata['start']} to "
        f"{document.metadata['end']}:\n{document.page_content}"
        for number, document in enumerate(documents, start=1)
    )


def main(question: str) -> None:
    """Print what the model says to the question and the sources that were found for it."""
    with open_retriever() as searched:
        sources = CitewellRetriever(retriever=searched, k=3) | numbered
        asked = {"sources": sources, "question": RunnablePassthrough()} | PROMPT
        chain = asked | MODEL | StrOutputParser()
        print(chain.invoke(question))


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "What is low-rank adaptation?")
