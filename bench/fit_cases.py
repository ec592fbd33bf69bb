"""What the constants are fitted to: questions with the scored sentences found for them."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.collection import fill
from bench.metrics import contains_answer
from bench.questions import GoldQuestion, read_rows
from citewell.app.evidence import Scored, gather, understand
from citewell.app.features import Question
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.filters import Not, OneOf
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what was found for it.

    Attributes:
        whole: False when the document that answers it was taken out of the results.
        answerable: Whether what was searched answers it.
        holds: For each scored sentence, whether it holds an accepted answer.
    """

    question: Question
    whole: bool
    answerable: bool
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


def chosen(questions: Sequence[GoldQuestion], count: int, seed: int) -> list[GoldQuestion]:
    """Return at most so many questions, the same ones for the same seed."""
    return random.Random(seed).sample(list(questions), min(count, len(questions)))


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
    corpus: Path, questions: Sequence[GoldQuestion], home: Path, *, without_gold: bool
) -> list[Case]:
    """Ingest a corpus and return the cases of its questions.

    Args:
        without_gold: Add each answerable question once more with the documents that answer it
            taken out of what was found.
    """
    settings = Settings(home=home)
    fill(settings, [corpus])
    embedder = RememberingEmbedder(open_embedder())
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        cases = []
        for question in questions:
            cases.append(_case(question, retriever, settings.k, whole=True))
            if without_gold and question.answerable:
                cases.append(_case(question, retriever, settings.k, whole=False))
        return cases


def _case(question: GoldQuestion, retriever: Retriever, k: int, *, whole: bool) -> Case:
    """Search for a question, without the documents that answer it unless it is to be whole."""
    gold = tuple(sorted(question.documents))
    where = None if whole or not gold else Not(OneOf("document", gold))
    asked = understand(question.text, retriever)
    scored = tuple(gather(asked, retriever.search(question.text, k, where=where), retriever))
    holds = tuple(contains_answer(item.candidate.text, question.answers) for item in scored)
    return Case(asked, whole, question.answerable and whole, scored, holds)
