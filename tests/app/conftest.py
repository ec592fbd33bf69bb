"""What tests of the question side share: scripted models, a server of one, and a small library."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Page, embedding_text

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


class ModelServer:
    """An OpenAI-compatible server on this machine that behaves as its mode says.

    Modes: ``ok`` streams ``The cat sleeps [1].``; ``slow`` a piece every 50 ms without end;
    ``hang`` says nothing; ``error`` answers HTTP 500; ``busy`` HTTP 429; ``unknown`` HTTP 404;
    ``redirect`` HTTP 307 to `elsewhere`; ``auth`` wants the key ``secret``; ``malformed`` sends
    broken SSE data; ``wrong_json`` data of another shape; ``not_sse`` a page of HTML; ``cut``
    closes within the answer; ``cut_quietly`` leaves out its end; ``endless`` sends 10 MB;
    ``wrong_utf8`` bytes that are no UTF-8; ``starting`` answers HTTP 503 twice, then like ``ok``.

    Attributes:
        requests: Body of each request.
        headers: Headers of each request, names in lower case.
        hung_up: Set once a client closed a connection while an answer was being sent.
        elsewhere: Where ``redirect`` points.
    """

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.requests: list[dict[str, object]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = threading.Event()
        self.elsewhere = ""
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.double = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def address(self) -> str:
        return f"http://{self.host}/v1"

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def answer(self, handler: "_Handler") -> None:
        getattr(self, f"_{self.mode}")(handler)

    def _ok(self, handler: "_Handler") -> None:
        handler.stream([*map(_data, ("The", " cat", " sleeps", " [1].")), _FINISH, _DONE])

    def _slow(self, handler: "_Handler") -> None:
        handler.stream(self._dribble())

    def _dribble(self) -> Iterator[bytes]:
        while not self._closing.wait(0.05):
            yield _data("drip ")

    def _hang(self, handler: "_Handler") -> None:
        handler.connection.settimeout(0.05)
        while not self._closing.is_set():
            with suppress(TimeoutError):
                if handler.connection.recv(1) == b"":
                    self.hung_up.set()
                    return

    def _error(self, handler: "_Handler") -> None:
        handler.whole(500, json.dumps({"error": {"message": "the model broke"}}))

    def _busy(self, handler: "_Handler") -> None:
        handler.whole(429, json.dumps({"error": {"message": "slow down"}}))

    def _starting(self, handler: "_Handler") -> None:
        if len(self.requests) > 2:
            self._ok(handler)
        else:
            handler.whole(503, json.dumps({"error": {"message": "the model is loading"}}))

    def _unknown(self, handler: "_Handler") -> None:
        handler.whole(404, json.dumps({"error": {"message": "no model test"}}))

    def _redirect(self, handler: "_Handler") -> None:
        handler.whole(307, "", {"Location": self.elsewhere})

    def _auth(self, handler: "_Handler") -> None:
        if handler.headers["Authorization"] == "Bearer secret":
            self._ok(handler)
        else:
            handler.whole(401, json.dumps({"error": {"message": "bad key: wro***"}}))

    def _malformed(self, handler: "_Handler") -> None:
        handler.stream([b'data: {"choices": [{"delta"\n\n'])

    def _wrong_json(self, handler: "_Handler") -> None:
        handler.stream([b'data: {"answer": "The cat"}\n\n', _DONE])

    def _not_sse(self, handler: "_Handler") -> None:
        handler.whole(200, "<html>Welcome to the router</html>")

    def _cut(self, handler: "_Handler") -> None:
        handler.stream([_data("The cat")], end=False)

    def _cut_quietly(self, handler: "_Handler") -> None:
        handler.stream([_data("The cat")])

    def _endless(self, handler: "_Handler") -> None:
        handler.stream(_data("x" * 10_000) for _ in range(1000))

    def _wrong_utf8(self, handler: "_Handler") -> None:
        handler.stream([_data("The "), _data("cat").replace(b"cat", b"\xff\xfe"), _FINISH, _DONE])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    double: ModelServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        double = self.server.double
        body = self.rfile.read(int(self.headers["Content-Length"]))
        double.requests.append(json.loads(body))
        double.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.close_connection = True
        try:
            double.answer(self)
        except ConnectionError:
            double.hung_up.set()

    def whole(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def stream(self, events: "Iterator[bytes] | list[bytes]", end: bool = True) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        if end:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        pass


def _event(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "test"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()


def _data(text: str) -> bytes:
    return _event({"role": "assistant", "content": text}, None)


_FINISH = _event({}, "stop")
_DONE = b"data: [DONE]\n\n"


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
