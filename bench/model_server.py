"""An OpenAI-compatible server on this machine that does what real ones do when they fail."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_EVIDENCE = re.compile(r"^\[(\d+)\] (?:\([^)\n]*\) )?(.+)$", re.MULTILINE)
_WORD = re.compile(r"\w+")


class ModelServer:
    """Behaves as its mode says, until it is closed.

    Modes: ``ok`` streams ``The cat sleeps [1].``; ``quote`` the line of the evidence that has most
    words of the question; ``slow`` a piece every 50 ms without end;
    ``hang`` says nothing; ``error`` answers HTTP 500; ``busy`` HTTP 429; ``unknown`` HTTP 404;
    ``redirect`` HTTP 307 to `elsewhere`; ``auth`` wants the key ``secret``; ``malformed`` sends
    broken SSE data; ``wrong_json`` data of another shape; ``not_sse`` a page of HTML; ``cut``
    closes within the answer; ``cut_quietly`` leaves out its end; ``endless`` sends 10 MB;
    ``one_line`` sends 10 MB without an end of line; ``dribble`` a word a second without end;
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

    def _quote(self, handler: "_Handler") -> None:
        words = [f"{word} " for word in _quoted(handler.prompt).split()]
        handler.stream([*map(_data, words), _FINISH, _DONE])

    def _slow(self, handler: "_Handler") -> None:
        handler.stream(self._drips(0.05))

    def _dribble(self, handler: "_Handler") -> None:
        handler.stream(self._drips(1))

    def _drips(self, every: float) -> Iterator[bytes]:
        while not self._closing.wait(every):
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

    def _one_line(self, handler: "_Handler") -> None:
        handler.stream(b"x" * 10_000 for _ in range(1000))

    def _wrong_utf8(self, handler: "_Handler") -> None:
        handler.stream([_data("The "), _data("cat").replace(b"cat", b"\xff\xfe"), _FINISH, _DONE])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    double: ModelServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    prompt = ""

    def do_GET(self) -> None:
        models = [{"id": name, "object": "model"} for name in ("test", "small")]
        self.whole(200, json.dumps({"object": "list", "data": models}))

    def do_POST(self) -> None:
        double = self.server.double
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        self.prompt = asked["messages"][-1]["content"]
        double.requests.append(asked)
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


def _quoted(prompt: str) -> str:
    """Return the line of the evidence in a prompt that has most words of its question, cited."""
    question = set(_WORD.findall(prompt.rpartition("Question:")[2].lower()))
    lines = _EVIDENCE.findall(prompt)
    number, line = max(
        lines,
        key=lambda each: len(question & set(_WORD.findall(each[1].lower()))),
        default=("", "Not found."),
    )
    return f"{line} [{number}]"


_FINISH = _event({}, "stop")
_DONE = b"data: [DONE]\n\n"
