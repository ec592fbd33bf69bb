"""The question sets that retrieval is measured by, and what in their documents answers."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.chunking_scores import Place
from bench.halves import Half, in_half
from bench.metrics import overlaps
from bench.questions import read_rows
from bench.retrieval_scores import Gold
from citewell.retrieval.values import Chunk

Kind = Literal["documents", "pages", "passages"]
"""What is judged: whole documents, pages of them, or the passages that hold a gold span."""

LANGUAGES = ("ar", "de", "en", "ru", "zh")


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the documents of its set answer.

    Attributes:
        gold: Names of documents, or pairs of document and page; empty where spans are given.
        spans: Where the answer stands, without overlap; empty unless passages are judged.
    """

    id: str
    text: str
    gold: Gold
    spans: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Documents, and questions that they answer.

    Attributes:
        family: The folder it comes from; sets of one folder count as one in a mean over sets.
        corpus: File or folder of its documents.
    """

    name: str
    family: str
    kind: Kind
    corpus: Path
    questions: tuple[Question, ...]


def read_sets(folder: Path, names: Sequence[str], half: Half) -> list[QuestionSet]:
    """Return the sets in these folders with the questions of a half, in the order of `SETS`.

    Raises:
        SystemExit: If one of the folders is not there.
    """
    found: list[QuestionSet] = []
    for name in (name for name in SETS if name in names):
        if not (folder / name).is_dir():
            raise SystemExit(f"There is no folder {folder / name}. Leave {name} out of --sets.")
        found.extend(SETS[name](folder / name))
    return [_of_half(each, half) for each in found]


def units_of(chunk: Chunk, kind: Kind) -> list[Hashable]:
    """Return what a chunk stands for in a ranking."""
    if kind == "documents":
        return [chunk.document]
    if kind == "passages":
        return [Place(chunk.document, chunk.start, chunk.end)]
    first, last = chunk.page_start or 0, chunk.page_end or 0
    return [(chunk.document, page) for page in range(first, last + 1)]


def ranked_units(chunks: Iterable[Chunk], kind: Kind) -> list[Hashable]:
    """Return what a ranking of chunks stands for; a document has the rank of its first chunk."""
    return list(dict.fromkeys(unit for chunk in chunks for unit in units_of(chunk, kind)))


def gold_of(question: Question, chunks: Iterable[Chunk]) -> Gold:
    """Return what should be found: what was judged, or all chunks that share text with a span.

    Raises:
        SystemExit: If no chunk does.
    """
    if not question.spans:
        return question.gold
    places = [Place(chunk.document, chunk.start, chunk.end) for chunk in chunks]
    gold: Gold = {place: 1.0 for place in places if _shares(place, question.spans)}
    if not gold:
        raise SystemExit(f"No chunk holds what answers {question.id}. Is it the right corpus?")
    return gold


def _shares(place: Place, spans: Iterable[Place]) -> bool:
    same = [(span.start, span.end) for span in spans if span.document == place.document]
    return overlaps((place.start, place.end), same)


def _of_half(questions: QuestionSet, half: Half) -> QuestionSet:
    kept = (each for each in questions.questions if in_half(each.id, half))
    return QuestionSet(
        questions.name, questions.family, questions.kind, questions.corpus, tuple(kept)
    )


def _documents(folder: Path) -> Iterator[QuestionSet]:
    yield _judged_documents(folder, folder.name, folder / "corpus.jsonl", "questions.jsonl")


def _code(folder: Path) -> Iterator[QuestionSet]:
    """Yield the set in which each golden chunk is a document of its own."""
    yield _judged_documents(folder, folder.name, folder / "chunks.jsonl", "questions.jsonl")


def _languages(folder: Path) -> Iterator[QuestionSet]:
    for language in LANGUAGES:
        name = f"{folder.name.removesuffix('-multi')}-{language}"
        corpus = folder / f"corpus.{language}.jsonl"
        yield _judged_documents(folder, name, corpus, f"questions.{language}.jsonl")


def _spans(folder: Path) -> Iterator[QuestionSet]:
    questions = tuple(
        Question(row["id"], row["question"], {}, tuple(_places(row)))
        for row in _answerable(folder / "questions.jsonl")
    )
    yield QuestionSet(folder.name, folder.name, "passages", folder / "docs", questions)


def _pages(folder: Path) -> Iterator[QuestionSet]:
    """Yield a set of PDF files, which its questions name without their ending."""
    questions = tuple(
        Question(row["id"], row["question"], dict.fromkeys(_gold_pages(row), 1.0))
        for row in _answerable(folder / "questions.jsonl")
    )
    yield QuestionSet(folder.name, folder.name, "pages", folder / "docs", questions)


def _judged_documents(folder: Path, name: str, corpus: Path, questions: str) -> QuestionSet:
    rows = _answerable(folder / questions)
    found = tuple(Question(row["id"], row["question"], _gold_documents(row)) for row in rows)
    return QuestionSet(name, folder.name, "documents", corpus, found)


def _gold_documents(row: Mapping[str, Any]) -> Gold:
    """Return the graded judgements of a row, or those of its list, which are all alike."""
    if "qrels" in row:
        return {document: float(gain) for document, gain in row["qrels"].items()}
    return dict.fromkeys(row.get("gold_chunk_ids", row["gold_doc_ids"]), 1.0)


def _gold_pages(row: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, number in zip(row["gold_page_docs"], row["gold_pages_1based"], strict=True):
        yield f"{name}.pdf", number


def _places(row: Mapping[str, Any]) -> Iterator[Place]:
    for start, end in row["spans"]:
        yield Place(row["gold_doc_ids"][0], start, end)


def _answerable(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in read_rows(path) if row["answerable"]]


SETS: dict[str, Callable[[Path], Iterator[QuestionSet]]] = {
    "scifact": _documents,
    "cranfield": _documents,
    "anthropic-docs": _documents,
    "code-retrieval": _code,
    "chunking-eval": _spans,
    "financebench": _pages,
    "squad": _documents,
    "nq-open": _documents,
    "xquad-multi": _languages,
}
"""How the sets are read, by the name of their folder."""
