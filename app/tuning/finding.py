"""What search finds for the questions to teach from, ranked as answering ranks it."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from citewell.app.evidence import Scored, gather, understand
from citewell.app.features import Question
from citewell.app.tuning.questions import CORPUS, QuestionFile, TaughtQuestion
from citewell.app.tuning.remembering import RememberingEmbedder
from citewell.ingest.run import ingest
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.retriever import (
    Retriever,
    open_collection_embedder,
    open_retriever,
)
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store

MOST_KEPT = 24
"""Units of a question that are kept, with those that answer it; worse ones are never shown."""

Tell = Callable[[int, int], None]
"""Is told how many questions of how many were asked."""


@dataclass(frozen=True, slots=True)
class Found:
    """A question with what was found for it.

    Attributes:
        scored: Ranked by words and by meaning, with no reader: the one that ships was taught
            with such questions, so that with it the answer would nearly always stand first.
    """

    question: TaughtQuestion
    asked: Question
    scored: tuple[Scored, ...]


@contextmanager
def collection_of(questions: QuestionFile, home: Path | None = None) -> Iterator[Settings]:
    """Yield settings whose collection holds the documents that questions are asked of.

    Args:
        home: Where the collection is made and left; a temporary folder where None.

    Raises:
        ConfigError: If none of the documents could be read.
    """
    with TemporaryDirectory(prefix="citewell-tune-") as folder:
        settings = Settings(home=home or Path(folder) / "home")
        paths = questions.corpus or (_written(questions, Path(folder)),)
        report = ingest(paths, settings)
        if report.added + report.changed + report.unchanged == 0:
            reasons = "; ".join(f"{each.name}: {each.reason}" for each in report.failed[:3])
            raise ConfigError(
                f"No documents for the questions in {questions.path} could be read from "
                f"{', '.join(map(str, paths))}. {reasons}".strip()
            )
        yield settings


def find_all(
    questions: Sequence[TaughtQuestion], settings: Settings, tell: Tell
) -> Iterator[Found]:
    """Yield each question with what is found for it, in their order."""
    with open_store(settings.home) as store:
        embedder = RememberingEmbedder(open_collection_embedder(store, settings))
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        for number, question in enumerate(questions, 1):
            yield find(question, retriever, settings)
            tell(number, len(questions))


def find(question: TaughtQuestion, retriever: Retriever, settings: Settings) -> Found:
    """Return a question with the units that are found for it."""
    asked = understand(question.text, retriever)
    passages = retriever.search(question.text, settings.k, settings.mode).passages
    scored = gather(asked, passages, retriever)
    rest = [item for item in scored[MOST_KEPT:] if in_gold(item, question)]
    return Found(question, asked, (*scored[:MOST_KEPT], *rest))


def in_gold(item: Scored, question: TaughtQuestion) -> bool:
    """Tell whether a unit stands in what answers a question."""
    if item.candidate.document not in question.documents:
        return False
    said = _plain(item.candidate.text)
    passages = [_plain(each) for each in question.passages]
    return not passages or any(said in each or each in said for each in passages)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _written(questions: QuestionFile, folder: Path) -> Path:
    corpus = folder / CORPUS
    with corpus.open("w", encoding="utf-8") as lines:
        for document in questions.carried:
            lines.write(json.dumps(document, ensure_ascii=False) + "\n")
    return corpus
