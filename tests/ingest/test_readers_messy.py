"""Real files that broke the readers of other projects, and what has to come of each here."""

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from citewell.ingest.workers import ReaderPool, ReadJob, ReadOutcome
from citewell.retrieval.values import Document

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "messy-files"
FORMATS = {
    "bin",
    "docx",
    "eml",
    "epub",
    "gz",
    "html",
    "ipynb",
    "md",
    "msg",
    "odt",
    "pdf",
    "pptx",
    "rst",
    "txt",
    "xlsx",
    "xml",
    "zip",
}
TIMEOUT = 60.0


@dataclass(frozen=True)
class MessyFile:
    """A line of the manifest."""

    name: str
    expect: str
    phrases: tuple[str, ...]


def messy_files() -> list[MessyFile]:
    """Return the files of the formats that are read; none where the test material is absent."""
    manifest = FOLDER / "MANIFEST.tsv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [
        MessyFile(row[0], row[2], tuple(filter(None, row[4].split(" || "))))
        for row in rows
        if row[1] in FORMATS
    ]


def expected(*kinds: str) -> list[MessyFile]:
    return [file for file in messy_files() if file.expect in kinds]


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    if not FOLDER.is_dir():
        pytest.skip(f"the test material is not there: {FOLDER}")
    with ReaderPool(1, TIMEOUT, 2048) as pool:
        yield pool


def outcome(pool: ReaderPool, file: MessyFile) -> ReadOutcome:
    (found,) = pool.read([ReadJob(FOLDER / file.name, file.name)])
    return found


def assert_sound(document: Document) -> None:
    """Check what every document promises."""
    length = len(document.text)
    assert document.text.strip()
    assert document.title.strip()
    assert all(0 <= heading.start < length for heading in document.headings)
    starts = [heading.start for heading in document.headings]
    assert starts == sorted(starts)
    if document.pages:
        assert document.pages[0].start == 0
        assert document.pages[-1].end == length
        ends = [page.end for page in document.pages[:-1]]
        assert ends == [page.start for page in document.pages[1:]]
    bounds = [bound for table in document.tables for bound in (table.start, table.end)]
    assert bounds == sorted(bounds)
    for table in document.tables:
        lines = document.text[table.start : table.end].split("\n")
        assert all(map(str.strip, lines))
        assert len(table.rows) in (0, len(lines))


@pytest.mark.parametrize("file", expected("text", "text-or-skip"), ids=lambda file: file.name)
def test_a_messy_file_is_read_with_its_phrases(pool: ReaderPool, file: MessyFile) -> None:
    found = outcome(pool, file)
    assert found.error is None
    (document,) = found.documents
    assert_sound(document)
    text = " ".join(document.text.split())
    assert [phrase for phrase in file.phrases if " ".join(phrase.split()) not in text] == []


@pytest.mark.parametrize("file", expected("ocr-or-report"), ids=lambda file: file.name)
def test_a_file_without_a_text_layer_is_recognised_or_reported(
    pool: ReaderPool, file: MessyFile
) -> None:
    found = outcome(pool, file)
    assert [page.source for each in found.documents for page in each.pages] == (
        [] if found.error else ["ocr"]
    )


@pytest.mark.parametrize("file", expected("refuse"), ids=lambda file: file.name)
def test_a_file_without_readable_text_fails_with_a_reason(
    pool: ReaderPool, file: MessyFile
) -> None:
    found = outcome(pool, file)
    assert found.documents == ()
    assert found.error
    assert "crashed" not in found.error
    assert str(FOLDER) not in found.error


@pytest.mark.parametrize("file", expected("survive", "safe"), ids=lambda file: file.name)
def test_a_hostile_file_neither_breaks_nor_hangs_the_reader(
    pool: ReaderPool, file: MessyFile
) -> None:
    started = time.monotonic()
    found = outcome(pool, file)
    assert "crashed" not in (found.error or "")
    assert time.monotonic() - started < TIMEOUT
    for document in found.documents:
        assert_sound(document)


def test_an_old_word_document_is_refused_by_its_name(pool: ReaderPool) -> None:
    found = outcome(pool, MessyFile("docs/doc-word6.doc", "text-or-skip", ()))
    assert found.error == "old Word format (.doc): save it as .docx"


def test_a_sheet_knows_its_rows_and_header(pool: ReaderPool) -> None:
    found = outcome(pool, MessyFile("docs/xlsx-half-year.xlsx", "text-or-skip", ()))
    table = found.documents[0].tables[3]
    assert (table.columns, table.rows) == ("A:J", tuple(range(9, 19)))
    assert table.header.startswith("\tSales (a)\tUnderlying Trading operating profit (b)")


def test_invisible_text_is_gone_and_split_words_are_whole(pool: ReaderPool) -> None:
    found = outcome(pool, MessyFile("generated/gen-invisible-unicode.txt", "safe", ()))
    (document,) = found.documents
    assert document.text == (
        "The office opens at 9:40 on Tuesdays.\nPrice: 00.01$ zerowidthjoined words.\n"
    )


def test_an_arabic_page_that_says_it_is_utf_8_is_read_as_arabic(pool: ReaderPool) -> None:
    found = outcome(pool, MessyFile("docs/html-arabic-misleading-charset.html", "text", ()))
    assert "في قرية من القرى كان هناك رجل حكيم" in found.documents[0].text


def test_mainframe_text_and_lines_of_two_encodings_are_read(pool: ReaderPool) -> None:
    mainframe = outcome(pool, MessyFile("docs/txt-ebcdic-cp500.txt", "text", ()))
    mixed = outcome(pool, MessyFile("generated/gen-mixed-encodings.txt", "survive", ()))
    assert "IBM IntelliStation" in mainframe.documents[0].text
    assert "\ufffd" not in mainframe.documents[0].text + mixed.documents[0].text


def test_archives_and_random_bytes_are_refused_with_the_reason(pool: ReaderPool) -> None:
    archive = outcome(pool, MessyFile("hostile/zip-droste-self-nesting.zip", "survive", ()))
    random = outcome(pool, MessyFile("hostile/bin-random.bin", "refuse", ()))
    assert archive.error == "an archive is not opened: unpack it first"
    assert random.error == "binary data in no format that is read"


def test_two_columns_are_not_read_across(pool: ReaderPool) -> None:
    found = outcome(pool, MessyFile("docs/pdf-two-column-latex.pdf", "text", ()))
    text = " ".join(found.documents[0].text.split())
    assert "Lorem ipsum dolor sit amet, consectetuer adipiscing elit. Ut purus elit" in text


def test_scripts_of_a_search_page_stay_out(pool: ReaderPool) -> None:
    found = outcome(pool, MessyFile("docs/html-serp.html", "text", ()))
    assert "function(" not in found.documents[0].text
