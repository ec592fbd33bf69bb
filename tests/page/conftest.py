"""What tests of the page share: a small document, and an engine that answers from a script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

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
from citewell.app.page.engine import ModelNote
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Collection,
    Document,
    Fingerprint,
    Heading,
    Page,
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
    pages=(Page(1, 0, TEXT.index("## Sleep")), Page(2, TEXT.index("## Sleep"), len(TEXT))),
    headings=(Heading(1, "Elephants", 0), Heading(2, "Sleep", TEXT.index("## Sleep"))),
)
QUOTE = "Elephants sleep about two hours a night."
FINGERPRINT = Fingerprint("animals", "0" * 64, "fp32", "none", 4)
NOTE = ModelNote("none", "", local=True)


@dataclass
class ScriptedEngine:
    """Answers every question with the same events; an error among them is raised."""

    events: Sequence[Event | Exception] = ()
    names: Sequence[str] = ("animals",)
    documents: Sequence[Document] = (DOCUMENT,)
    preferred: str = "default"
    note: ModelNote = NOTE
    asked: list[tuple[str, str]] = field(default_factory=list)
    histories: list[tuple[Turn, ...]] = field(default_factory=list)

    def collections(self) -> list[Collection]:
        return [
            Collection(name, FINGERPRINT, ChunkingSettings(), 1, len(self.documents), 3)
            for name in self.names
        ]

    def document(self, collection: str, name: str) -> Document:
        for document in self.documents:
            if document.name == name:
                return document
        raise NotConfigured(f"Collection {collection!r} holds no document {name!r}.")

    def prepare(self, collection: str) -> None:
        pass

    def ready(self, collection: str) -> bool:
        return any(name == collection for name, _ in self.asked)

    def ask(self, collection: str, question: str, history: Sequence[Turn] = ()) -> Iterator[Event]:
        self.asked.append((collection, question))
        self.histories.append(tuple(history))
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event

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
