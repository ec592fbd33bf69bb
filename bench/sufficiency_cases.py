"""Questions of known kind with the signals of what was found for them, kept in a file.

An answerable question comes once more with the documents that answer it taken out of what is
searched: it then has no answer, though the documents speak of its subject.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.collection import fill
from bench.fit_cases import corpus_of
from bench.halves import Half, half_of
from bench.questions import read_rows
from citewell.app.evidence import gather, understand
from citewell.app.reading.reader import Reader
from citewell.app.signals import Signals, read_signals
from citewell.app.tuning.remembering import RememberingEmbedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.filters import Filter, Not, OneOf
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings

NO_JUDGEMENT = frozenset({"underspecified"})
"""Kinds of questions that are to be asked back, not declined."""


@dataclass(frozen=True, slots=True)
class QuestionFiles:
    """A set of questions and what they are asked of.

    Attributes:
        corpus: File or folder; None where each question carries its passage.
    """

    name: str
    corpus: Path | None
    questions: Path


@dataclass(frozen=True, slots=True)
class SignalCase:
    """A question with its signals.

    Attributes:
        whole: False when the documents that answer it were taken out.
        answerable: Whether what was searched answers it.
        signals: None when nothing was found.
    """

    set: str
    half: Half
    whole: bool
    answerable: bool
    signals: Signals | None


def signal_cases(files: QuestionFiles, home: Path, reader: Reader | None) -> list[SignalCase]:
    """Return the cases of a set; worked out once for a home folder."""
    read = "unread" if reader is None else "read"
    kept = home / f"signals-{files.name.replace('/', '-')}-{read}.jsonl"
    if not kept.exists():
        found = list(_cases(files, home / files.name.replace("/", "-"), reader))
        lines = (json.dumps(asdict(each)) for each in found)
        kept.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [_case(row) for _, row in read_rows(kept)]


def _case(row: dict[str, object]) -> SignalCase:
    signals = row.pop("signals")
    found = Signals(**signals) if isinstance(signals, dict) else None
    return SignalCase(**row, signals=found)  # type: ignore[arg-type]  # as `asdict` wrote it


def _cases(files: QuestionFiles, home: Path, reader: Reader | None) -> Iterator[SignalCase]:
    home.mkdir(parents=True, exist_ok=True)
    corpus = files.corpus or corpus_of(files.questions, home)
    settings = Settings(home=home)
    fill(settings, [corpus])
    embedder = RememberingEmbedder(open_embedder())
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        for _, row in read_rows(files.questions):
            if row.get("kind") in NO_JUDGEMENT:
                continue
            for whole, where in _searches(row):
                yield SignalCase(
                    files.name,
                    half_of(row["id"]),
                    whole,
                    bool(row["answerable"]) and whole,
                    _signals(row["question"], where, retriever, reader),
                )


def _searches(row: dict[str, object]) -> Sequence[tuple[bool, Filter | None]]:
    documents = row.get("gold_doc_ids") or [row.get("document")]
    if not row["answerable"] or not isinstance(documents, list) or None in documents:
        return [(True, None)]
    return [(True, None), (False, Not(OneOf("document", tuple(documents))))]


def _signals(
    question: str, where: Filter | None, retriever: Retriever, reader: Reader | None
) -> Signals | None:
    asked = understand(question, retriever)
    passages = retriever.search(question, where=where).passages
    scored = gather(asked, passages, retriever, reader)
    return read_signals(asked, scored) if scored else None
