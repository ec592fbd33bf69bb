"""The questions that the reader is taught and judged with, each with what a search returns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.collection import fill
from bench.fit_cases import corpus_of
from bench.halves import Half, in_half
from bench.questions import read_rows
from citewell.app.evidence import Scored, candidates, gather, understand
from citewell.app.reading.reader import ReadablePassage
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Passage

SEARCHED = 5
"""Passages that a search returns."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what a search returned for it.

    Attributes:
        answers: Accepted answers; empty when the documents do not answer it.
        documents: Those that answer it, or that it was written against.
        article: What its documents belong to, where a set says so; else blank.
        passages: Best first.
        scored: Their sentences as they are ranked without a reader; empty unless asked for.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    answerable: bool
    documents: frozenset[str]
    article: str
    passages: tuple[Passage, ...]
    scored: tuple[Scored, ...] = ()


def ask_fitting_set(questions: Path, home: Path, embedder: Embedder) -> list[Asked]:
    """Return the questions of a file whose rows carry their passages, searched among these."""
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home)
    fill(settings, [corpus_of(questions, home)])
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        return [_asked(row, retriever, ranked=False) for _, row in read_rows(questions)]


def ask_half(folder: Path, half: Half, home: Path, embedder: Embedder) -> list[Asked]:
    """Return the questions of a half of a set, searched among its documents and ranked."""
    settings = Settings(home=home)
    fill(settings, [folder / "corpus.jsonl"])
    rows = (row for _, row in read_rows(folder / "questions.jsonl") if in_half(row["id"], half))
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        return [_asked(row, retriever, ranked=True) for row in rows]


def readable(passage: Passage, found: Sequence[Scored] = ()) -> ReadablePassage:
    """Return a passage with its sentences; ``found`` are some that are known already."""
    known = [each.candidate for each in found if each.candidate.passage == passage]
    offset = passage.chunk.start
    units = sorted(
        {(each.start - offset, each.end - offset) for each in (*known, *candidates([passage]))}
    )
    context = " > ".join(dict.fromkeys((passage.title, *passage.chunk.headings)))
    return ReadablePassage(context, passage.text, units)


def _asked(row: dict[str, Any], retriever: Retriever, *, ranked: bool) -> Asked:
    text = row["question"]
    passages = tuple(retriever.search(text, SEARCHED))
    scored: Sequence[Scored] = ()
    if ranked:
        scored = gather(understand(text, retriever), passages, retriever)
    alone = [row["document"]] if "document" in row else []
    return Asked(
        id=row["id"],
        text=text,
        answers=tuple(row["answers"]) if row["answerable"] else (),
        answerable=row["answerable"],
        documents=frozenset(row.get("gold_doc_ids") or row.get("nearest_doc_ids") or alone),
        article=row.get("article") or row.get("title") or "",
        passages=passages,
        scored=tuple(scored),
    )
