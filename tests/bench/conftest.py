"""Lets tests import ``bench``, which is no part of the package, however pytest is started."""

import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import pytest

from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, embedding_text

sys.path.append(str(Path(__file__).resolve().parents[2]))


class ScriptedModel:
    """Gives one reply after the other, a word a piece, and keeps what it was shown."""

    name = "scripted"
    place = "this machine"
    context_tokens = 2048

    def __init__(self, *replies: str) -> None:
        self._replies = list(replies)
        self.shown: list[Sequence[Message]] = []

    def count_tokens(self, text: str) -> int:
        """Count words."""
        return len(text.split())

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        self.shown.append(messages)
        reply = self._replies[(len(self.shown) - 1) % len(self._replies)]
        yield from (f"{word} " for word in reply.split(" "))

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def scripted() -> type[ScriptedModel]:
    """Makes language models that give the replies they are made with."""
    return ScriptedModel


@pytest.fixture
def animals(tmp_path: Path, embedder: Embedder) -> Iterator[Retriever]:
    """A retriever over two documents of one passage each, on how cats and dogs live."""
    home = tmp_path / "home"
    texts = {
        "cats.md": "Cats sleep fourteen hours a day. Cats eat mice.",
        "dogs.md": "Dogs sleep ten hours a day. Dogs guard houses.",
    }
    with open_store(home) as store:
        store.create_collection("default", embedder.fingerprint, ChunkingSettings())
        for name, text in texts.items():
            chunk = Chunk(name, 0, len(text), text)
            vectors = embedder.embed_passages([embedding_text(name, chunk)])
            document = EmbeddedDocument(Document(name, name, text), [chunk], vectors)
            store.replace_file("default", SourceFile(Path("/docs") / name, "0", "1"), [document])
    with open_retriever(home, collection="default", embedder=embedder) as opened:
        yield opened
