"""The documents of a measurement of cutting, and where in them the answers stand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.chunking_scores import Place
from bench.metrics import gold_spans
from bench.questions import read_rows
from citewell.ingest.readers import reader_for
from citewell.ingest.workers import ReaderPool, ReadJob
from citewell.retrieval.values import Document

_ENDINGS = ("", ".pdf", ".md", ".txt")


@dataclass(frozen=True, slots=True)
class GoldSpans:
    """A question, and the spans that answer it."""

    text: str
    places: tuple[Place, ...]


def read_documents(corpus: Path) -> list[Document]:
    """Return the documents of a folder or a file, named by their path in the folder.

    Raises:
        SystemExit: If a file cannot be read.
    """
    files = [corpus] if corpus.is_file() else sorted(corpus.rglob("*"))
    top = corpus.parent if corpus.is_file() else corpus
    jobs = [
        ReadJob(path, path.relative_to(top).as_posix())
        for path in files
        if path.is_file() and reader_for(path)
    ]
    documents: list[Document] = []
    with ReaderPool(workers=2, timeout=300, memory_mb=4096) as pool:
        for outcome in pool.read(jobs):
            if outcome.error:
                raise SystemExit(f"{outcome.job.path} cannot be read: {outcome.error}")
            documents.extend(outcome.documents)
    return documents


def read_gold(
    path: Path, documents: Sequence[Document], limit: int | None = None
) -> list[GoldSpans]:
    """Return the questions of which an answer can be placed in the documents, in their order.

    A row places it by ``spans`` in its one document, else by ``gold_pages_1based`` of the files
    in ``gold_page_docs``, else by ``gold_passages``, which are looked for.

    Raises:
        SystemExit: If none can be placed.
    """
    by_name = {document.name: document for document in documents}
    questions = [
        GoldSpans(row["question"], places)
        for _, row in read_rows(path)
        if row["answerable"] and (places := tuple(_places(row, by_name)))
    ]
    if not questions:
        raise SystemExit(f"No answer of {path} stands in the corpus. Give its own documents.")
    if limit is None or limit >= len(questions):
        return questions
    return [questions[i * len(questions) // limit] for i in range(limit)]


def _places(row: Mapping[str, Any], documents: Mapping[str, Document]) -> Iterator[Place]:
    names = row["gold_doc_ids"]
    if "spans" in row:
        yield from (Place(names[0], start, end) for start, end in row["spans"])
    elif "gold_pages_1based" in row:
        yield from _pages(row, documents)
    else:
        for name in names:
            if name in documents:
                spans = gold_spans(row["gold_passages"], documents[name].text)
                yield from (Place(name, start, end) for start, end in _apart(spans))


def _pages(row: Mapping[str, Any], documents: Mapping[str, Document]) -> Iterator[Place]:
    """Yield the gold pages; the files are named without their ending."""
    for name, number in zip(row["gold_page_docs"], row["gold_pages_1based"], strict=True):
        document = next(
            (documents[name + end] for end in _ENDINGS if name + end in documents), None
        )
        for page in document.pages if document else ():
            if page.number == number and page.start < page.end:
                yield Place(document.name if document else name, page.start, page.end)


def _apart(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans without what they share with those before."""
    reached = 0
    for start, end in sorted(spans):
        if end > reached:
            yield max(start, reached), end
            reached = end
