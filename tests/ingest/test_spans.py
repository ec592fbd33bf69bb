"""On real documents, chunks are exact spans, no word is left out and no row of a table is cut."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.ingest.chunking import chunk
from citewell.ingest.readers import reader_for
from citewell.ingest.workers import ReaderPool, ReadJob
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY.parent / "shared" / "data"
MOST_DOCUMENTS = 400
"""Documents of one file that are looked at, spread over all of it."""


def sources() -> Iterator[Path]:
    """Yield the folders of files and the JSONL corpora to check."""
    yield from sorted(path for path in (REPOSITORY / "corpora").glob("*") if path.is_dir())
    yield from sorted(DATA.glob("*/docs"))
    yield from sorted(DATA.glob("**/corpus*.jsonl"))


def read(source: Path) -> Iterator[Document]:
    files = [source] if source.is_file() else sorted(source.rglob("*"))
    jobs = [ReadJob(path, path.name) for path in files if path.is_file() and reader_for(path)]
    with ReaderPool(workers=2, timeout=60, memory_mb=2048) as pool:
        for outcome in pool.read(jobs):
            if outcome.error and source.is_file():
                pytest.skip(f"{source} was not read: {outcome.error}")
            step = len(outcome.documents) // MOST_DOCUMENTS + 1
            yield from outcome.documents[::step]


@pytest.mark.skipif(not DATA.is_dir(), reason="the test documents in ../shared/data are not here")
def test_the_test_documents_are_found() -> None:
    assert len(list(sources())) > 1


@pytest.mark.parametrize("source", [pytest.param(path, id=path.name) for path in sources()])
def test_chunks_are_exact_spans_that_hold_all_of_the_text_and_whole_rows(source: Path) -> None:
    documents = list(read(source))
    assert documents
    for document in documents:
        chunks = chunk(document, ChunkingSettings())
        assert [document.text[each.start : each.end] for each in chunks] == [
            each.text for each in chunks
        ]
        assert max(len(each.header) + bool(each.header) + len(each.text) for each in chunks) <= 900
        words = "".join("".join(each.text.split()) for each in chunks)
        assert words == "".join(document.text.split())
        assert list(rows_cut(document, chunks)) == []


def rows_cut(document: Document, chunks: list[Chunk]) -> Iterator[str]:
    """Yield the rows of tables that are cut without need."""
    starts = [each.start for each in chunks]
    for table in document.tables:
        for start in starts[bisect_right(starts, table.start) : bisect_left(starts, table.end)]:
            before = document.text[table.start : start].rpartition("\n")[2]
            row = before + document.text[start : table.end].partition("\n")[0]
            if before.strip() and len(row) <= 900:
                yield row
