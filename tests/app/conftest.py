"""What tests of the question side share: scripted models, a server of one, and a small library."""

import re
import socket
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

import pytest

from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Page, embedding_text

# Where the tests run on the installed package, what measures it is found all the same.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from bench.model_server import ModelServer

Reply = str | Exception | Sequence[str | Exception]


class ScriptedModel:
    """Gives one reply after the other; after the last it starts again.

    A reply in one string comes in pieces of a word each, one in a list in the pieces given. An
    exception is raised where it stands.

    Attributes:
        shown: The messages of each call.
        settings: The settings of each call.
        open: Replies that are neither at their end nor closed.
        closed: How often it was closed.
    """

    name = "scripted"
    place = "this machine"
    context_tokens: int | None = None

    def __init__(self, replies: Sequence[Reply]) -> None:
        self._replies = list(replies)
        self.shown: list[tuple[Message, ...]] = []
        self.settings: list[GenerationSettings] = []
        self.open = 0
        self.closed = 0

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        reply = self._replies[len(self.shown) % len(self._replies)]
        self.shown.append(tuple(messages))
        self.settings.append(settings)
        if isinstance(reply, str):
            reply = re.findall(r" *[^ ]+| +", reply)
        self.open += 1
        try:
            for piece in [reply] if isinstance(reply, Exception) else reply:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            self.open -= 1

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def scripted() -> type[ScriptedModel]:
    """Makes language models that give the replies they are made with."""
    return ScriptedModel


class Library:
    """A store with the collection ``default``, filled by hand, and retrievers over it."""

    def __init__(self, home: Path, embedder: Embedder) -> None:
        self.home = home
        self.embedder = embedder
        self.store = open_store(home)
        self.store.create_collection("default", embedder.fingerprint, ChunkingSettings())

    def put(
        self,
        name: str,
        *texts: str,
        title: str = "Untitled",
        pages: Sequence[Page] = (),
        headings: tuple[str, ...] = (),
    ) -> Document:
        """Store a document of one chunk a text, one text a line, as the only one of its file."""
        document = Document(name, title, "\n".join(texts), tuple(pages))
        chunks, start = [], 0
        for text in texts:
            chunks.append(Chunk(name, start, start + len(text), text, headings=headings))
            start += len(text) + 1
        vectors = self.embedder.embed_passages([embedding_text(title, each) for each in chunks])
        file = SourceFile(Path("/docs") / name, "0" * 64, "text-1")
        self.store.replace_file("default", file, [EmbeddedDocument(document, chunks, vectors)])
        return document

    def remove(self, name: str) -> None:
        """Remove a document."""
        self.store.delete_file("default", Path("/docs") / name)

    def retriever(self) -> Retriever:
        """Open the collection for search; whoever opens it closes it."""
        return open_retriever(self.home, collection="default", embedder=self.embedder)


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Iterator[Library]:
    """A store of three small documents on how animals sleep."""
    made = Library(tmp_path / "home", embedder)
    made.put(
        "cats.md", "Cats sleep fourteen hours a day. Cats eat mice, birds and fish.", title="Cats"
    )
    made.put(
        "dogs.md", "Dogs sleep ten hours a day. A dog guards the house at night.", title="Dogs"
    )
    made.put("horses.md", "Horses sleep standing up. A horse eats hay.", title="Horses")
    yield made
    made.store.close()


@pytest.fixture
def retriever(library: Library) -> Iterator[Retriever]:
    """A retriever over the library."""
    with library.retriever() as opened:
        yield opened


@pytest.fixture
def model_server() -> Iterator[Callable[[str], ModelServer]]:
    """Starts servers of a language model, each with a mode; see `ModelServer`."""
    started: list[ModelServer] = []

    def start(mode: str) -> ModelServer:
        started.append(ModelServer(mode))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def closed_address() -> str:
    """The address of a port on this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], bool]:
    """Waits up to thirty seconds for something to become true, and says whether it did."""

    def wait(true: Callable[[], bool]) -> bool:
        end = time.monotonic() + 30
        while not true() and time.monotonic() < end:
            time.sleep(0.01)
        return true()

    return wait
