"""What the ranking is fitted to: questions with the scored units found for them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.collection import fill
from bench.questions import GoldQuestion, read_rows
from citewell.app.evidence import Scored, gather, understand
from citewell.app.reading.reader import Reader
from citewell.app.tuning.matching import holds
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint


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


class RememberingEmbedder:
    """Embeds each text once: the cases of a set share most of their sentences."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self._asked: dict[str, Vectors] = {}

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the model itself."""
        return self._embedder.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed stored text. Returns shape ``(len(texts), dimension)``, in the order given."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for text, vector in zip(new, self._embedder.embed_passages(new), strict=True):
            self._known[text] = vector
        return np.array([self._known[text] for text in texts], dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        """Embed a question. Returns shape ``(dimension,)``."""
        if text not in self._asked:
            self._asked[text] = self._embedder.embed_question(text)
        return self._asked[text]


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
