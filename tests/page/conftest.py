"""What tests of the page share: a small document, and an engine that answers from a script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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
from citewell.app.page.engine import ModelNote
from citewell.retrieval.errors import NotConfigured
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

    def ready(self, collection: str) -> bool:
        return any(name == collection for name, _ in self.asked)

    def ask(self, collection: str, question: str) -> Iterator[Event]:
        self.asked.append((collection, question))
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
