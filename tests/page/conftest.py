"""What tests of the page share: a small document, and an engine that answers from a script."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from citewell.app.answer_values import (
    AbstentionReason,
    Answer,
    Answered,
    AnswerMode,
    AnswerSentence,
    Citation,
    CitationState,
    Event,
    Said,
    Searched,
    Timings,
)
from citewell.app.followups import Turn
from citewell.retrieval import values
from citewell.retrieval.diagnosis import Diagnosis
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import DocumentSummary, EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Collection,
    Document,
    Fingerprint,
    Heading,
    Layout,
    Passage,
    Scores,
    embedding_text,
)

TEXT = (
    "# Elephants\n\n"
    "They are the largest living land animals.\n\n"
    "## Sleep\n\n"
    "Two animals wore collars for a month. Elephants sleep about two hours a night. "
    "They stand up while they do.\n"
)
DOCUMENT = Document(
    name="animals/elephants.md",
    title="Elephants",
    text=TEXT,
    pages=(
        values.Page(1, 0, TEXT.index("## Sleep")),
        values.Page(2, TEXT.index("## Sleep"), len(TEXT)),
    ),
    headings=(Heading(1, "Elephants", 0), Heading(2, "Sleep", TEXT.index("## Sleep"))),
)
QUOTE = "Elephants sleep about two hours a night."
FINGERPRINT = Fingerprint("animals", "0" * 64, "fp32", "none", 4)
FOUND = Diagnosis(DOCUMENT.name, "found", "It was found.")


@dataclass
class ScriptedEngine:
    """Answers every question with the same events; an error among them is raised."""

    events: Sequence[Event | Exception] = ()
    names: Sequence[str] = ("animals",)
    documents_held: Sequence[Document] = (DOCUMENT,)
    suggested: tuple[str, ...] | None = ()
    found: Diagnosis = FOUND
    least: float = 0.277
    asked: list[tuple[str, str]] = field(default_factory=list)
    histories: list[tuple[Turn, ...]] = field(default_factory=list)
    chosen: list[Settings] = field(default_factory=list)

    def collections(self) -> list[Collection]:
        return [
            Collection(name, FINGERPRINT, ChunkingSettings(), 1, len(self.documents_held), 3)
            for name in self.names
        ]

    def generation(self, collection: str) -> int:
        return 1

    def documents(self, collection: str) -> list[DocumentSummary]:
        return [
            DocumentSummary(
                each.name, each.title, Path("/") / each.name, len(each.pages), len(each.text), 3
            )
            for each in self.documents_held
        ]

    def document(self, collection: str, name: str) -> Document:
        for document in self.documents_held:
            if document.name == name:
                return document
        raise NotConfigured(f"Collection {collection!r} holds no document {name!r}.")

    def layouts(self, collection: str, name: str, pages: Iterable[int]) -> list[Layout]:
        return []

    def path_of(self, collection: str, name: str) -> Path:
        return Path("/") / self.document(collection, name).name

    def sha256_of(self, collection: str, name: str) -> str:
        return "0" * 64

    def prepare(self, collection: str) -> None:
        pass

    def ready(self, collection: str) -> bool:
        return any(name == collection for name, _ in self.asked)

    def ask(
        self, collection: str, question: str, history: Sequence[Turn], settings: Settings
    ) -> Iterator[Event]:
        self.asked.append((collection, question))
        self.histories.append(tuple(history))
        self.chosen.append(settings)
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event

    def why(self, collection: str, question: str, document: str, settings: Settings) -> Diagnosis:
        return self.found

    def threshold(self, collection: str, settings: Settings) -> float:
        return self.least if settings.threshold is None else settings.threshold

    def suggestions(self, collection: str) -> tuple[str, ...] | None:
        return self.suggested

    def close(self) -> None:
        pass


def citation(
    marker: int = 1,
    quote: str = QUOTE,
    state: CitationState = "verified",
    document: Document = DOCUMENT,
    page: int | None = 2,
) -> Citation:
    start = document.text.index(quote)
    return Citation(
        marker, document.name, document.title, page, start, start + len(quote), quote, state
    )


def sentence(
    text: str = "They sleep two hours [1].",
    *citations: Citation,
    start: int = 0,
    supported: bool = True,
) -> AnswerSentence:
    return AnswerSentence(text, start, start + len(text), supported, citations)


def passage(document: Document = DOCUMENT, rank: int = 1) -> Passage:
    chunk = Chunk(document.name, 0, len(document.text), document.text, 1, 2, ("Elephants", "Sleep"))
    return Passage(rank, chunk, document.title, 0.5, Scores())


def answer(
    *sentences: AnswerSentence,
    mode: AnswerMode = "generated",
    reason: AbstentionReason | None = None,
    sources: Sequence[Passage] = (),
    notices: Sequence[str] = (),
) -> Answer:
    text = " ".join(item.text for item in sentences)
    timings = Timings(search=12, first_token=None, total=1850)
    return Answer(
        "How long?",
        text,
        mode,
        reason,
        sentences,
        tuple(sources),
        "bundled",
        timings,
        tuple(notices),
    )


@dataclass(frozen=True)
class Samples:
    """The makers above, for tests that cannot import this file."""

    document: Document = DOCUMENT
    quote: str = QUOTE
    engine: Callable[..., ScriptedEngine] = ScriptedEngine
    citation: Callable[..., Citation] = citation
    sentence: Callable[..., AnswerSentence] = sentence
    passage: Callable[..., Passage] = passage
    answer: Callable[..., Answer] = answer


@pytest.fixture
def make() -> Samples:
    """Makers of small answers and of the engine that gives them."""
    return Samples()


@pytest.fixture
def answered() -> list[Event]:
    """A search, one cited sentence, and the answer made of it."""
    said = sentence("They sleep two hours [1].", citation())
    return [Searched((passage(),)), Said(said), Answered(answer(said, sources=[passage()]))]


@dataclass
class Listener:
    """A server on this machine that notes what is asked of it."""

    port: int
    paths: list[str]


@pytest.fixture(scope="session")
def listener() -> Iterator[Listener]:
    """A server that no page has a reason to ask for anything."""
    paths: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Note)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Listener(server.server_port, paths)
    server.shutdown()
    server.server_close()


def planted(port: int) -> Document:
    """A document that asks a browser in every way it knows to fetch from a port."""
    url = f"http://127.0.0.1:{port}"
    text = (
        f"The harbour of Ostrand opens at six ![a]({url}/inline.png) in the morning, "
        f'<img src="{url}/tag.png"> as the ![b][leak] board says. {url}/bare and <{url}/auto> '
        f"follow, with [c]({url}/link).\n\n[leak]: {url}/reference.png\n\n"
        f"| Board | Hours |\n| --- | --- |\n| ![e]({url}/cell.png) | six |\n\n"
        f"```\n![f]({url}/fence.png)\n```\n\n"
        f"\\u0021[g]({url}/escaped.png) &#33;[h]({url}/entity.png)\n"
    )
    return Document("ports/harbour.md", f"Harbour ![t]({url}/title.png)", text)


@pytest.fixture(scope="session")
def add_document() -> Callable[[Path, Document], None]:
    """Puts a document of one passage into the collection ``animals`` of a home folder."""

    def add(home: Path, document: Document) -> None:
        embedder = open_embedder()
        pages = (document.pages[0].number, document.pages[-1].number) if document.pages else ()
        chunk = Chunk(document.name, 0, len(document.text), document.text, *pages)
        vectors = embedder.embed_passages([embedding_text(document.title, chunk)])
        with open_store(home) as store:
            store.create_collection("animals", embedder.fingerprint, ChunkingSettings())
            store.replace_file(
                "animals",
                SourceFile(Path("/documents") / document.name, "0" * 64, "test-1"),
                [EmbeddedDocument(document, [chunk], vectors)],
            )

    return add


@pytest.fixture(scope="session")
def filled_home(
    tmp_path_factory: pytest.TempPathFactory,
    listener: Listener,
    add_document: Callable[[Path, Document], None],
) -> Path:
    """A home folder with two documents, one of them planted."""
    home = tmp_path_factory.mktemp("home")
    add_document(home, DOCUMENT)
    add_document(home, planted(listener.port))
    return home


MakeServices = Callable[..., Any]


@pytest.fixture
def make_services(tmp_path: Path) -> Iterator[MakeServices]:
    """Makes the services of a page in a home of its own, around an engine."""
    from citewell.app.chats.sqlite_chats import open_chats
    from citewell.app.page.jobs import Jobs
    from citewell.app.page.runs import Runs
    from citewell.app.page.services import Services
    from citewell.app.page_images.images import PageImages

    made: list[Services] = []

    def services(engine: ScriptedEngine | None = None, **settings: Any) -> Services:
        chosen = Settings(home=tmp_path / "home", llm="none").model_copy(update=settings)
        made.append(
            Services(
                settings=chosen,
                engine=engine or ScriptedEngine(),
                chats=open_chats(chosen.home),
                runs=Runs(chosen.answers_at_once),
                jobs=Jobs(chosen),
                images=PageImages(),
            )
        )
        return made[-1]

    yield services
    for each in made:
        each.close()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SERVE = (
    "import sys; from citewell.app.ui import serve; "
    "from citewell.retrieval.settings import load_settings; "
    "serve('127.0.0.1', int(sys.argv[1]), load_settings(), open_browser=False)"
)
SECONDS = 60

ServePage = Callable[..., AbstractContextManager[str]]


@contextmanager
def served(home: Path, **variables: str) -> Iterator[str]:
    """The page as ``citewell ui`` serves it, in a process of its own. Gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chosen = {"CITEWELL_HOME": str(home), "CITEWELL_LLM": "none", **variables}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        env={**os.environ, **chosen},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}" in process.stderr.readline()
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=SECONDS)
    assert "Traceback" not in complaints, complaints


def wait_until_healthy(url: str) -> None:
    for _ in range(SECONDS * 5):
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="session")
def serve_page() -> ServePage:
    """Serves the page of a home folder: ``with serve_page(home, CITEWELL_K="3") as url``."""
    return served


@pytest.fixture(scope="session")
def server(filled_home: Path) -> Iterator[str]:
    """The page of the filled home, shared by tests that change no collection."""
    with served(filled_home) as url:
        yield url


# of a module: while Playwright runs, an event loop of its own does, and no other test can start one
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on the path")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Visit:
    """An open page, and what the browser complained about or fetched from elsewhere."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self._context = browser.new_context(**context)
        self.url = url
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))
        self.page.on("request", lambda request: self._see(request.url))
        self.page.goto(url)
        self.page.get_by_test_id("stApp").wait_for()

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _see(self, asked: str) -> None:
        own = self.url.split("/", 3)[:3]
        if asked.split("/", 3)[:3] != own and not asked.startswith(("data:", "blob:")):
            self.elsewhere.append(asked)

    def ask(self, question: str) -> None:
        """Ask, and wait for the whole answer."""
        answers = self.page.locator(".cw-made")
        before = answers.count()
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(question)
        box.press("Enter")
        answers.nth(before).wait_for()

    def close(self) -> None:
        self._context.close()


Open = Callable[..., Visit]


@pytest.fixture
def open_visit(browser: Browser) -> Iterator[Open]:
    """Opens an address in a window of its own: ``open_visit(url, viewport=...)``."""
    opened: list[Visit] = []

    def visit(url: str, **context: Any) -> Visit:
        opened.append(Visit(browser, url, **context))
        return opened[-1]

    yield visit
    for each in opened:
        each.close()


@pytest.fixture
def visit(open_visit: Open, server: str) -> Visit:
    """The filled home's page on a laptop."""
    return open_visit(server, viewport={"width": 1400, "height": 900})


@pytest.fixture
def phone(open_visit: Open, server: str) -> Visit:
    """Likewise on a phone in the dark."""
    return open_visit(server, viewport={"width": 360, "height": 740}, color_scheme="dark")
