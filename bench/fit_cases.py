"""What the ranking is fitted to: questions with the scored units found for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.collection import fill
from bench.questions import GoldQuestion, read_rows
from citewell.app.evidence import Scored, gather, understand
from citewell.app.reading.reader import Reader
from citewell.app.tuning.matching import holds
from citewell.app.tuning.remembering import RememberingEmbedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings


@dataclass(frozen=True, slots=True)
class Case:
    """A question that the documents answer, and what was found for it.

    Attributes:
        scored: As `gather` ranks them.
        holds: For each, whether it holds an accepted answer.
    """

    id: str
    scored: tuple[Scored, ...]
    holds: tuple[bool, ...]


def corpus_of(questions: Path, folder: Path) -> Path:
    """Write the passages that a fitting set carries as a corpus; return its path."""
    rows = {row["document"]: row for _, row in read_rows(questions)}
    corpus = folder / "corpus.jsonl"
    with corpus.open("w", encoding="utf-8") as lines:
        for name, row in rows.items():
            lines.write(json.dumps({"id": name, "title": row["title"], "text": row["passage"]}))
            lines.write("\n")
    return corpus


def find_cases(
    corpus: Path, questions: Sequence[GoldQuestion], home: Path, reader: Reader | None
) -> list[Case]:
    """Ingest a corpus and return the cases of those of the questions that it answers."""
    settings = Settings(home=home)
    fill(settings, [corpus])
    embedder = RememberingEmbedder(open_embedder())
    cases = []
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        for question in questions:
            if question.answerable:
                asked = understand(question.text, retriever)
                passages = retriever.search(question.text, settings.k).passages
                scored = tuple(gather(asked, passages, retriever, reader))
                held = tuple(holds(item.candidate.text, question.answers) for item in scored)
                cases.append(Case(question.id, scored, held))
    return cases
