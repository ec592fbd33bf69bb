"""A citation says where its quote stands: boxes on the page, cells of a sheet, the header."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import pypdfium2  # type: ignore[import-untyped]
import pytest
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from citewell.app.answer_values import Citation
from citewell.app.checking import Tie
from citewell.app.composing import Composer
from citewell.app.evidence import Scored
from citewell.app.features import Features
from citewell.app.units import Candidate
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.store import EmbeddedDocument, SourceFile, Store
from citewell.retrieval.values import Chunk, Document, Passage, Scores, Table

SCALE = 4.0
"""Pixels a point."""


class Library(Protocol):
    store: Store
    embedder: Embedder


def store(library: Library, document: Document) -> None:
    chunk = Chunk(document.name, 0, len(document.text), document.text)
    vectors = library.embedder.embed_passages([chunk.text])
    file = SourceFile(Path("/docs") / document.name, "1" * 64, "pdf-1")
    library.store.replace_file("default", file, [EmbeddedDocument(document, [chunk], vectors)])


def cited(retriever: Retriever, document: Document, quote: str, header: str = "") -> Citation:
    start = document.text.index(quote)
    chunk = Chunk(document.name, 0, len(document.text), document.text)
    passage = Passage(1, chunk, document.title, 1.0, Scores())
    candidate = Candidate(passage, start, start + len(quote), quote, "", header)
    item = Scored(candidate, Features(0, 0, 0, 0, 0, 0, 0, 0))
    sentence = Composer(retriever).add("It says so.", Tie((item,), "verified"))
    assert sentence is not None
    (citation,) = sentence.citations
    return citation


def write(path: Path, lines: Sequence[str]) -> None:
    canvas = Canvas(str(path), pagesize=(400, 300))
    canvas.drawString(50, 280, "The first page.")
    canvas.showPage()
    for place, line in enumerate(lines):
        canvas.drawString(50, 250 - 30 * place, line)
    canvas.save()


def ink(path: Path) -> NDArray[np.bool_]:
    """Tell of each pixel of the second page whether anything is drawn there."""
    with pypdfium2.PdfDocument(path) as pdf:
        bitmap = pdf[1].render(scale=SCALE, grayscale=True)
        return np.asarray(bitmap.to_numpy()).squeeze() < 128


def inside(citation: Citation, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Tell of each pixel of a page whether it lies in a box."""
    covered = np.zeros(shape, dtype=bool)
    for mark in citation.boxes:
        x0, top, x1, bottom = (SCALE * value for value in mark.box)
        covered[int(top) : int(np.ceil(bottom)), int(x0) : int(np.ceil(x1))] = True
    return covered


def test_the_boxes_cover_the_quoted_words_and_no_others(
    library: Library, retriever: Retriever, tmp_path: Path
) -> None:
    lines = ["Cats sleep fourteen hours.", "Dogs sleep ten hours", "a day. Horses stand."]
    write(tmp_path / "pets.pdf", lines)
    write(tmp_path / "rest.pdf", [lines[0], "", ""])
    (document,) = read_pdf(tmp_path / "pets.pdf", "pets.pdf")
    store(library, document)

    citation = cited(retriever, document, "Dogs sleep ten hours\na day. Horses stand.")

    drawn, rest = ink(tmp_path / "pets.pdf"), ink(tmp_path / "rest.pdf")
    covered = inside(citation, drawn.shape)
    assert [mark.page for mark in citation.boxes] == [2, 2]
    assert citation.page == 2
    assert (drawn & ~rest).any()
    assert not (drawn & ~rest & ~covered).any()
    assert not (rest & covered).any()


def test_a_document_without_pages_has_no_boxes(library: Library, retriever: Retriever) -> None:
    document = Document("a.md", "A", "Cats sleep. Dogs bark.")
    store(library, document)

    citation = cited(retriever, document, "Dogs bark.")

    assert (citation.boxes, citation.page, citation.place) == ((), None, "")


def test_a_row_of_a_sheet_is_cited_with_its_cells_and_its_header(
    library: Library, retriever: Retriever
) -> None:
    header, rows = "Item\tPrice", "Chair\t40\nTable\t90"
    text = f"{header}\n{rows}"
    table = Table(0, len(text), header, "Costs", "B:C", (4, 5, 6))
    document = Document("costs.xlsx", "Costs", text, tables=(table,))
    store(library, document)

    citation = cited(retriever, document, "Table\t90", header)

    assert (citation.place, citation.header) == ("Costs!B6:C6", "Item\tPrice")


def test_where_words_stand_is_told_only_to_those_who_see_the_document(
    library: Library, retriever: Retriever, tmp_path: Path
) -> None:
    write(tmp_path / "pets.pdf", ["Cats sleep fourteen hours."])
    (document,) = read_pdf(tmp_path / "pets.pdf", "pets.pdf")
    store(library, document)
    library.store.mark("default", "label", ["pets.pdf"], ["staff"])

    assert len(retriever.seen_by(["staff"]).layouts("pets.pdf", [2])) == 1
    with pytest.raises(NotConfigured, match="holds no document"):
        retriever.layouts("pets.pdf", [2])
