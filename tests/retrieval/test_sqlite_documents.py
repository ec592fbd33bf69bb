"""The store keeps tables, layouts, vectors by their text, and what became of each file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.reading import PageReading, Reading
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import DocumentSummary, EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    Chunk,
    Document,
    Layout,
    Page,
    Table,
    embedding_digest,
)

Embed = Callable[..., EmbeddedDocument]
Put = Callable[..., None]

OLD = SourceFile(Path("/docs/cats.md"), "a" * 64, "markdown-1")
NEW = SourceFile(Path("/docs/deep/felines.md"), "a" * 64, "markdown-1")


# renames


@pytest.fixture
def renamed(store: SqliteStore, embed: Embed) -> dict[int, bytes]:
    """The vectors of a document's chunks by key, before its file and itself were renamed."""
    store.replace_file("papers", OLD, [embed("cats.md", "a cat", "a dog", title="Cats")])
    before = {key: vector.tobytes() for key, vector in store.vectors("papers")}
    named = {"cats.md": ("deep/felines.md", "Felines")}
    store.rename_file("papers", OLD.path, NEW, named)
    return before


def test_a_renamed_document_keeps_its_chunk_keys_and_vectors(
    store: SqliteStore, renamed: dict[int, bytes]
) -> None:
    after = {key: vector.tobytes() for key, vector in store.vectors("papers")}

    assert len(renamed) == 2
    assert after == renamed


def test_a_renamed_document_is_held_under_its_new_name_and_file_only(
    store: SqliteStore, renamed: dict[int, bytes]
) -> None:
    assert store.names("papers") == {"deep/felines.md": NEW.path}
    assert store.files("papers") == {NEW.path: NEW}
    assert store.document("papers", "deep/felines.md").title == "Felines"
    with pytest.raises(NotConfigured, match=r"holds no document 'cats\.md'"):
        store.document("papers", "cats.md")


def test_the_chunks_of_a_renamed_document_speak_of_the_new_name(
    store: SqliteStore, renamed: dict[int, bytes]
) -> None:
    stored = store.document_chunks("papers", "deep/felines.md")

    assert [(each.key, each.title, each.chunk.document) for each in stored] == [
        (key, "Felines", "deep/felines.md") for key in sorted(renamed)
    ]


def test_a_renamed_document_is_found_by_the_words_of_its_new_title_only(
    store: SqliteStore, renamed: dict[int, bytes]
) -> None:
    assert store.word_counts("papers", ["felines", "dog"]) == {"felines": 2, "dog": 1}
    assert store.word_counts("papers", ["cats"]) == {"cats": 1}


def test_a_renamed_document_has_the_digest_of_one_read_under_its_new_name(
    store: SqliteStore, renamed: dict[int, bytes], embed: Embed
) -> None:
    again = embed("deep/felines.md", "a cat", "a dog", title="Felines").document

    assert store.digests("papers", NEW.path) == {"deep/felines.md": again.digest}


def test_a_rename_is_a_change(store: SqliteStore, renamed: dict[int, bytes]) -> None:
    assert store.generation("papers") == 2


def test_a_renamed_file_of_rows_keeps_their_names(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", OLD, [embed("r1", "a cat"), embed("r2", "a dog")])

    store.rename_file("papers", OLD.path, NEW, {})

    assert store.names("papers") == {"r1": NEW.path, "r2": NEW.path}


def test_renaming_a_file_that_is_not_held_is_a_wrong_call(store: SqliteStore) -> None:
    with pytest.raises(ValueError, match=r"/docs/cats\.md cannot be renamed: the store does not"):
        store.rename_file("papers", OLD.path, NEW, {})


# layouts and tables


def layout(page: int) -> Layout:
    return Layout(page, start=page * 10, width=595.0, height=842.0, packed=b"\x00\xff" * page)


@pytest.fixture
def laid_out(store: SqliteStore, embedder: Embedder) -> Document:
    """A stored document with layouts of three of its four pages, and a table."""
    document = Document(
        "a.pdf",
        "A",
        "x" * 40,
        pages=(
            *(Page(number, number * 10 - 10, number * 10) for number in (1, 2, 3)),
            Page(4, 30, 40, "ocr", 0.75),
        ),
        tables=(Table(3, 9, "Name\tAge", "Pets", "A:B", (2, 3)),),
        layouts=(layout(1), layout(2), layout(4)),
    )
    made = EmbeddedDocument(document, [Chunk("a.pdf", 0, 1, "x")], embedder.embed_passages(["x"]))
    store.replace_file("papers", SourceFile(Path("/docs/a.pdf"), "0" * 64, "pdf-1"), [made])
    return document


@pytest.mark.parametrize(
    ("pages", "found"), [([2], [2]), ([4, 1], [1, 4]), ([3, 5], []), ([], []), ([2, 2], [2])]
)
def test_the_layouts_of_the_pages_asked_come_back_in_order(
    store: SqliteStore, laid_out: Document, pages: list[int], found: list[int]
) -> None:
    assert store.layouts("papers", "a.pdf", pages) == [layout(page) for page in found]


def test_a_document_comes_back_with_its_tables_and_without_its_layouts(
    store: SqliteStore, laid_out: Document
) -> None:
    assert store.document("papers", "a.pdf") == replace(laid_out, layouts=())


def test_layouts_go_with_their_document(store: SqliteStore, laid_out: Document) -> None:
    store.delete_file("papers", Path("/docs/a.pdf"))

    assert store.layouts("papers", "a.pdf", [1, 2, 4]) == []


def test_a_document_is_listed_with_its_pages_characters_and_chunks(
    store: SqliteStore, laid_out: Document, put: Put
) -> None:
    put("0.md", "a cat", "a dog", title="Pets")

    assert store.documents("papers") == [
        DocumentSummary("0.md", "Pets", Path("/docs/0.md"), pages=0, characters=11, chunks=2),
        DocumentSummary("a.pdf", "A", Path("/docs/a.pdf"), pages=4, characters=40, chunks=1),
    ]


# chunks


def test_chunks_of_a_document_come_in_the_order_of_its_text(
    store: SqliteStore, embed: Embed
) -> None:
    made = embed("a.md", "a cat", "a dog", "a horse")
    turned = EmbeddedDocument(made.document, list(reversed(made.chunks)), made.vectors)
    store.replace_file("papers", OLD, [turned])

    stored = store.document_chunks("papers", "a.md")

    assert [each.chunk.text for each in stored] == ["a cat", "a dog", "a horse"]


def test_a_document_that_is_not_there_has_no_chunks(store: SqliteStore) -> None:
    assert store.document_chunks("papers", "zebra.md") == []


@pytest.fixture
def continued(store: SqliteStore, embedder: Embedder) -> Chunk:
    """A stored chunk of a workbook with the header of its table."""
    text = "12\t17"
    chunk = Chunk("a.xlsx", 0, 5, text, header="Weight\tHeight", place="Pets!A9:B9")
    made = EmbeddedDocument(
        Document("a.xlsx", "Pets", text), [chunk], embedder.embed_passages([text])
    )
    store.replace_file("papers", SourceFile(Path("/docs/a.xlsx"), "0" * 64, "xlsx-1"), [made])
    return chunk


def test_a_chunk_comes_back_with_its_header_and_place(store: SqliteStore, continued: Chunk) -> None:
    (stored,) = store.document_chunks("papers", "a.xlsx")

    assert stored.chunk == continued


def test_the_header_of_a_chunk_is_searched_as_its_text(
    store: SqliteStore, continued: Chunk
) -> None:
    (stored,) = store.document_chunks("papers", "a.xlsx")

    ((key, score),) = store.search_text("papers", ["height"], 5)

    assert key == stored.key
    assert score > 0


def test_the_words_of_a_header_go_with_the_chunk(store: SqliteStore, continued: Chunk) -> None:
    store.delete_file("papers", Path("/docs/a.xlsx"))

    assert store.word_counts("papers", ["height", "pets"]) == {"height": 0, "pets": 0}


# vectors by their text


def test_the_vector_of_a_text_is_known_by_its_digest(store: SqliteStore, embed: Embed) -> None:
    made = embed("a.md", "a cat", "a dog", title="Pets")
    store.replace_file("papers", OLD, [made])
    cat, dog = (embedding_digest("Pets", chunk) for chunk in made.chunks)

    known = store.known_vectors("papers", [dog, "0" * 64])

    assert known.keys() == {dog}
    assert np.array_equal(known[dog], made.vectors[1])
    assert cat != dog


def test_a_vector_is_known_in_its_own_collection_only(
    store: SqliteStore, embed: Embed, embedder: Embedder
) -> None:
    made = embed("a.md", "a cat", title="Pets")
    store.replace_file("papers", OLD, [made])
    store.create_collection("letters", embedder.fingerprint, store.collection("papers").chunking)

    assert store.known_vectors("letters", [embedding_digest("Pets", made.chunks[0])]) == {}


@pytest.mark.parametrize(
    "chunk",
    [
        Chunk("b.md", 7, 12, "a cat"),
        Chunk("a.md", 0, 5, "a cat", 1, 2, place="Pets!A1:B1"),
    ],
)
def test_where_a_text_stands_does_not_count_for_its_vector(chunk: Chunk) -> None:
    plain = Chunk("a.md", 0, 5, "a cat")

    assert embedding_digest("Pets", chunk) == embedding_digest("Pets", plain)


@pytest.mark.parametrize(
    "chunk",
    [
        Chunk("a.md", 0, 5, "a dog"),
        Chunk("a.md", 0, 5, "a cat", headings=("Cats",)),
        Chunk("a.md", 0, 5, "a cat", header="Name"),
    ],
)
def test_all_that_is_embedded_counts_for_its_vector(chunk: Chunk) -> None:
    plain = Chunk("a.md", 0, 5, "a cat")

    assert embedding_digest("Pets", chunk) != embedding_digest("Pets", plain)


# readings

READ = Reading(
    path=Path("/docs/cats.md"),
    name="cats.md",
    status="read",
    reason="unmapped glyphs",
    sha256="a" * 64,
    reader="pdf-2",
    size=1234,
    seconds=0.5,
    memory_mb=80.5,
    documents=1,
    words=200,
    tables=1,
    language="en",
    pages=(PageReading(1, "text", 150, 1), PageReading(2, "ocr", 50, 0, "low", 0.5)),
)
FAILED = Reading(Path("/docs/bad.pdf"), "bad.pdf", "failed", "damaged")


def test_readings_come_back_as_they_were_put_by_path(store: SqliteStore) -> None:
    store.put_readings("papers", [READ, FAILED])

    assert store.readings("papers") == [FAILED, READ]


def test_a_reading_takes_the_place_of_the_one_before(store: SqliteStore) -> None:
    store.put_readings("papers", [READ])
    again = replace(FAILED, path=READ.path)

    store.put_readings("papers", [again])

    assert store.readings("papers") == [again]


def test_a_file_is_stored_with_its_reading(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", OLD, [embed("cats.md", "a cat")], reading=READ)

    assert store.readings("papers") == [READ]


def test_a_reading_goes_with_its_file(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", OLD, [embed("cats.md", "a cat")], reading=READ)
    store.put_readings("papers", [FAILED])

    store.delete_file("papers", OLD.path)

    assert store.readings("papers") == [FAILED]


def test_the_reading_of_a_file_without_documents_can_be_deleted_alike(store: SqliteStore) -> None:
    store.put_readings("papers", [FAILED])

    store.delete_file("papers", FAILED.path)

    assert store.readings("papers") == []


def test_readings_are_forgotten_by_path(store: SqliteStore) -> None:
    store.put_readings("papers", [READ, FAILED])

    store.delete_readings("papers", [FAILED.path, Path("/docs/never-seen.md")])

    assert store.readings("papers") == [READ]


def test_readings_of_one_collection_are_not_those_of_another(
    store: SqliteStore, embedder: Embedder
) -> None:
    store.create_collection("letters", embedder.fingerprint, store.collection("papers").chunking)

    store.put_readings("papers", [READ])

    assert store.readings("letters") == []


def test_a_reading_moves_with_its_file(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", OLD, [embed("cats.md", "a cat")], reading=READ)

    store.rename_file("papers", OLD.path, NEW, {"cats.md": ("deep/felines.md", "Felines")})

    assert store.readings("papers") == [replace(READ, path=NEW.path, name="deep/felines.md")]
