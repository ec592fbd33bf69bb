"""The demo corpus holds what its questions promise, and its built files can be built again."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pypdfium2  # type: ignore[import-untyped, unused-ignore]
import pytest
from docx.table import Table

CORPORA = Path(__file__).resolve().parents[2] / "corpora"
PRIMER = CORPORA / "llm-primer"
QUESTIONS = PRIMER / "questions.jsonl"
DOCUMENTS = sorted(
    path.relative_to(PRIMER).as_posix()
    for path in PRIMER.rglob("*")
    if path.is_file() and path != QUESTIONS
)
KINDS = {"fact", "number", "definition", "comparison", "table", "list", "why"}


@dataclass(frozen=True)
class Question:
    """One row of questions.jsonl."""

    id: str
    question: str
    answers: tuple[str, ...]
    gold_doc_ids: tuple[str, ...]
    gold_passages: tuple[str, ...]
    answerable: bool
    kind: str
    nearest_doc_ids: tuple[str, ...] = ()


def question_of(line: str) -> Question:
    """Read one row, with tuples for its lists."""
    row = json.loads(line)
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items()
    }
    return Question(**fields)


ALL = [question_of(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
ANSWERABLE = [question for question in ALL if question.answerable]
UNANSWERABLE = [question for question in ALL if not question.answerable]


class VisibleText(HTMLParser):
    """Collects what a browser shows, with the cells of a table row parted by bars."""

    BLOCKS = frozenset({"p", "h1", "h2", "h3", "li", "tr", "caption", "blockquote", "title"})
    HIDDEN = frozenset({"style", "script"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = self.in_row = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"td", "th"}:
            self.parts.append(" | " if self.in_row else "")
            self.in_row = True
        elif tag in self.BLOCKS:
            self.parts.append("\n")
            self.in_row = False
        self.hidden = tag in self.HIDDEN

    def handle_endtag(self, tag: str) -> None:
        self.hidden = False

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def html_text(path: Path) -> str:
    """Return the visible text of a page."""
    parser = VisibleText()
    parser.feed(path.read_text(encoding="utf-8"))
    return "".join(parser.parts)


def pdf_text(path: Path) -> str:
    """Return the text of all pages."""
    with pypdfium2.PdfDocument(path) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def docx_text(path: Path) -> str:
    """Return paragraphs and table rows, the cells of a row parted by bars."""
    lines: list[str] = []
    for block in docx.Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            lines += [" | ".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    return "\n".join(lines)


def plain_text(path: Path) -> str:
    """Return a text file as it is."""
    return path.read_text(encoding="utf-8")


READERS = {
    ".pdf": pdf_text,
    ".docx": docx_text,
    ".html": html_text,
    ".md": plain_text,
    ".txt": plain_text,
}


def normal(text: str) -> str:
    """Make every run of white space one blank."""
    return " ".join(text.split())


@cache
def text_of(doc_id: str) -> str:
    """Return a document's normalised text."""
    path = PRIMER / doc_id
    return normal(READERS[path.suffix](path))


def test_it_holds_five_formats_and_enough_documents() -> None:
    formats = Counter(Path(doc_id).suffix for doc_id in DOCUMENTS)
    assert formats == {".md": 11, ".html": 4, ".pdf": 3, ".docx": 3, ".txt": 3}


@pytest.mark.parametrize("doc_id", DOCUMENTS)
def test_every_document_is_of_a_fair_length(doc_id: str) -> None:
    assert 600 <= len(text_of(doc_id).split()) <= 1400
    assert re.fullmatch(r"[a-z0-9/-]+\.[a-z]+", doc_id)


def test_no_hyphenation_breaks_words_in_a_pdf() -> None:
    pages = [text_of(doc_id) for doc_id in DOCUMENTS if doc_id.endswith(".pdf")]
    assert not re.search(r"[\u00ad\ufffe]|[a-z]- [a-z]", " ".join(pages))


def test_pdfs_have_a_title_and_an_outline() -> None:
    for doc_id in (doc_id for doc_id in DOCUMENTS if doc_id.endswith(".pdf")):
        with pypdfium2.PdfDocument(PRIMER / doc_id) as document:
            entries = [entry.get_title() for entry in document.get_toc()]
            assert document.get_metadata_value("Title") == entries[0]
            assert len(document) >= 3
            assert len(entries) >= 8


def test_word_files_have_a_title_and_headings() -> None:
    for doc_id in (doc_id for doc_id in DOCUMENTS if doc_id.endswith(".docx")):
        document = docx.Document(str(PRIMER / doc_id))
        styles = Counter(
            paragraph.style.name for paragraph in document.paragraphs if paragraph.style
        )
        assert document.core_properties.title == document.paragraphs[0].text
        assert styles["Title"] == 1
        assert styles["Heading 1"] >= 5
        assert document.tables


def test_there_are_80_questions_with_ids_of_their_own() -> None:
    assert (len(ANSWERABLE), len(UNANSWERABLE)) == (55, 25)
    assert len({question.id for question in ALL}) == 80
    assert len({question.question for question in ALL}) == 80
    assert {question.kind for question in ALL} == KINDS


def test_each_document_is_asked_about_at_least_twice() -> None:
    asked = Counter(doc_id for question in ANSWERABLE for doc_id in question.gold_doc_ids)
    assert set(asked) == set(DOCUMENTS)
    assert min(asked.values()) >= 2


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.id)
def test_gold_stands_in_the_documents(question: Question) -> None:
    texts = [text_of(doc_id) for doc_id in question.gold_doc_ids]
    assert texts
    assert all(any(normal(gold) in text for text in texts) for gold in question.gold_passages)
    assert all(any(normal(gold) in text for gold in question.gold_passages) for text in texts)


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.id)
def test_answers_stand_in_the_gold(question: Question) -> None:
    gold = [passage.casefold() for passage in question.gold_passages]
    assert question.answers
    assert all(any(answer.casefold() in text for text in gold) for answer in question.answers)
    assert not question.nearest_doc_ids


@pytest.mark.parametrize("question", UNANSWERABLE, ids=lambda question: question.id)
def test_unanswerable_questions_have_no_gold(question: Question) -> None:
    assert question.answers == question.gold_doc_ids == question.gold_passages == ()
    assert question.nearest_doc_ids
    assert set(question.nearest_doc_ids) <= set(DOCUMENTS)


def test_a_rebuild_gives_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, CORPORA / "build.py", tmp_path], check=True)
    built = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert built == {doc_id for doc_id in DOCUMENTS if doc_id.endswith((".pdf", ".docx"))}
    for doc_id in built:
        assert (tmp_path / doc_id).read_bytes() == (PRIMER / doc_id).read_bytes(), doc_id
