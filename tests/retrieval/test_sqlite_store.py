"""The store keeps collections and documents as it is given them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured, StoreError
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    ChunkingSettings,
    Document,
    Fingerprint,
    Heading,
    Page,
)

Embed = Callable[..., EmbeddedDocument]
Put = Callable[..., None]

A = SourceFile(Path("/docs/a.md"), "a" * 64, "markdown-1")
B = SourceFile(Path("/docs/b.md"), "b" * 64, "markdown-1")
SMALL = Fingerprint("toy", "0" * 64, "fp32", "mean", 2)


# collections


def test_a_new_collection_is_empty_and_of_generation_0(store: SqliteStore) -> None:
    collection = store.create_collection("letters", SMALL, ChunkingSettings(500, 3))

    assert collection.name == "letters"
    assert collection.fingerprint == SMALL
    assert collection.chunking == ChunkingSettings(500, 3)
    assert (collection.generation, collection.documents, collection.chunks) == (0, 0, 0)


def test_collections_are_listed_by_name_with_their_counts(store: SqliteStore, put: Put) -> None:
    store.create_collection("letters", SMALL, ChunkingSettings())
    put("a.md", "a cat", "a dog")

    assert [(each.name, each.documents, each.chunks) for each in store.collections()] == [
        ("letters", 0, 0),
        ("papers", 1, 2),
    ]


def test_making_a_collection_again_with_the_same_returns_the_one_there_is(
    store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat")

    again = store.create_collection("papers", embedder.fingerprint, ChunkingSettings())

    assert again.documents == 1


def test_making_a_collection_again_with_another_model_is_refused(
    store: SqliteStore, embedder: Embedder
) -> None:
    other = replace(embedder.fingerprint, precision="bf16")

    with pytest.raises(StoreError, match=r"'papers'.*precision 'fp32', not 'bf16'"):
        store.create_collection("papers", other, ChunkingSettings())


def test_making_a_collection_again_with_other_chunking_is_refused(
    store: SqliteStore, embedder: Embedder
) -> None:
    with pytest.raises(StoreError, match=r"'papers'.*chars 900, not 300"):
        store.create_collection("papers", embedder.fingerprint, ChunkingSettings(300))


def test_an_unknown_collection_is_refused_with_the_known_ones_and_the_command(
    store: SqliteStore,
) -> None:
    with pytest.raises(
        NotConfigured,
        match=r"no collection 'books' \(there is: papers\).*citewell ingest PATH --collection boo",
    ):
        store.collection("books")


def test_a_collection_that_is_nearly_right_is_asked_about(store: SqliteStore) -> None:
    with pytest.raises(NotConfigured, match=r"no collection 'paper' .*Did you mean 'papers'\?"):
        store.collection("paper")


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.collection("x"),
        lambda store: store.delete_collection("x"),
        lambda store: store.generation("x"),
        lambda store: store.files("x"),
        lambda store: store.names("x"),
        lambda store: store.digests("x", A.path),
        lambda store: store.replace_file("x", A, []),
        lambda store: store.delete_file("x", A.path),
        lambda store: store.document("x", "a.md"),
        lambda store: store.path_of("x", "a.md"),
        lambda store: store.search_text("x", [], 5),
        lambda store: store.word_counts("x", []),
        lambda store: store.chunks("x", []),
        lambda store: store.chunk_keys("x"),
        lambda store: store.vectors("x"),
    ],
)
def test_every_method_refuses_an_unknown_collection(
    store: SqliteStore, ask: Callable[[SqliteStore], object]
) -> None:
    with pytest.raises(NotConfigured, match="There is no collection 'x'"):
        ask(store)


def test_a_deleted_collection_is_gone_with_all_in_it(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat")

    store.delete_collection("papers")

    assert store.collections() == []


def test_a_collection_made_again_under_an_old_name_has_a_new_generation(
    store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat")
    put("b.md", "a dog")
    store.delete_collection("papers")

    again = store.create_collection("papers", embedder.fingerprint, ChunkingSettings())

    assert again.generation == 3


def test_chunk_keys_are_not_used_again_after_a_collection_was_deleted(
    store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog")
    store.delete_collection("papers")
    store.create_collection("papers", embedder.fingerprint, ChunkingSettings())

    put("a.md", "a cat")

    assert store.chunk_keys("papers") == {3}


# documents


def test_a_document_comes_back_as_it_was_stored(store: SqliteStore, embedder: Embedder) -> None:
    document = Document(
        "sub/é.pdf",
        'Cats, "dogs"',
        "one\0two\U0001f600\r\nthree",
        (Page(1, 0, 7), Page(2, 7, 15)),
        (Heading(1, "One", 0), Heading(2, "Two\nlines", 4)),
        {"author": "Müller", "year": "1999"},
    )
    vectors = embedder.embed_passages([])
    store.replace_file("papers", A, [EmbeddedDocument(document, [], vectors)])

    assert store.document("papers", "sub/é.pdf") == document


def test_an_unknown_document_is_refused_by_name(store: SqliteStore) -> None:
    with pytest.raises(NotConfigured, match=r"'papers' holds no document 'b\.md'"):
        store.document("papers", "b.md")


def test_the_path_of_an_unknown_document_is_refused_by_name(store: SqliteStore) -> None:
    with pytest.raises(NotConfigured, match=r"'papers' holds no document 'b\.md'"):
        store.path_of("papers", "b.md")


def test_files_names_and_digests_tell_what_is_held(store: SqliteStore, embed: Embed) -> None:
    one, two = embed("row-1", "a cat"), embed("row-2", "a dog")
    store.replace_file("papers", A, [one, two])
    store.replace_file("papers", B, [])

    assert store.files("papers") == {A.path: A, B.path: B}
    assert store.names("papers") == {"row-1": A.path, "row-2": A.path}
    assert store.path_of("papers", "row-2") == A.path
    assert store.digests("papers", A.path) == {
        "row-1": one.document.digest,
        "row-2": two.document.digest,
    }
    assert store.digests("papers", B.path) == {}


def test_a_path_that_is_not_utf_8_comes_back_as_it_was(store: SqliteStore, embed: Embed) -> None:
    path = Path("/docs/\udcff\udcfe.txt")

    store.replace_file("papers", SourceFile(path, "0" * 64, "text-1"), [embed("odd", "a cat")])

    assert list(store.files("papers")) == [path]
    assert store.path_of("papers", "odd") == path


def test_a_new_version_of_a_file_takes_the_place_of_the_old_one(
    store: SqliteStore, put: Put
) -> None:
    put("a.md", "an old cat")

    put("a.md", "a new dog")

    assert store.document("papers", "a.md").text == "a new dog"
    assert store.search_text("papers", ["old"], 5) == []
    assert store.chunk_keys("papers") == {2}


def test_documents_neither_changed_nor_kept_are_removed(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", A, [embed(name, f"text {name}") for name in ("r1", "r2", "r3")])

    store.replace_file("papers", A, [embed("r2", "text r2 new")], kept={"r1"})

    assert sorted(store.names("papers")) == ["r1", "r2"]
    assert store.document("papers", "r1").text == "text r1"
    assert store.document("papers", "r2").text == "text r2 new"


def test_a_document_that_is_kept_keeps_its_chunk_keys(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", A, [embed("r1", "a cat"), embed("r2", "a dog")])

    store.replace_file("papers", A, [embed("r2", "a horse")], kept={"r1"})

    assert store.chunk_keys("papers") == {1, 3}


def test_a_document_kept_by_another_file_moves_there(store: SqliteStore, embed: Embed) -> None:
    store.replace_file("papers", A, [embed("r1", "a cat")])

    store.replace_file("papers", B, [], kept={"r1"})

    assert store.names("papers") == {"r1": B.path}
    assert store.chunk_keys("papers") == {1}


def test_a_name_stands_for_the_document_of_the_last_file_that_brought_it(
    store: SqliteStore, embed: Embed
) -> None:
    store.replace_file("papers", A, [embed("r1", "a cat"), embed("r2", "a horse")])

    store.replace_file("papers", B, [embed("r1", "a dog")])

    assert store.names("papers") == {"r1": B.path, "r2": A.path}
    assert store.document("papers", "r1").text == "a dog"


def test_the_same_name_in_two_collections_is_two_documents(
    store: SqliteStore, put: Put, embed: Embed, embedder: Embedder
) -> None:
    store.create_collection("letters", embedder.fingerprint, ChunkingSettings())
    put("a.md", "a cat")
    store.replace_file("letters", A, [embed("a.md", "a dog")])

    store.delete_file("letters", A.path)

    assert store.document("papers", "a.md").text == "a cat"


def test_keeping_a_document_that_is_not_stored_is_a_wrong_call(store: SqliteStore) -> None:
    with pytest.raises(ValueError, match="'r9' cannot be kept"):
        store.replace_file("papers", A, [], kept={"r9"})

    assert store.files("papers") == {}


def test_two_documents_of_one_name_are_a_wrong_call(store: SqliteStore, embed: Embed) -> None:
    with pytest.raises(ValueError, match="'r1' comes twice"):
        store.replace_file("papers", A, [embed("r1", "a cat"), embed("r1", "a dog")])


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((2, 4), np.float32),
        np.zeros((1, 3), np.float32),
        np.full((1, 4), np.nan, np.float32),
        np.full((1, 4), np.inf, np.float32),
    ],
    ids=["too many", "too short", "nan", "inf"],
)
def test_vectors_that_do_not_fit_are_a_wrong_call(
    store: SqliteStore, embed: Embed, vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    with pytest.raises(ValueError, match=r"vectors of 'r1'.*shape \(1, 4\) and be finite"):
        store.replace_file("papers", A, [replace(embed("r1", "a cat"), vectors=vectors)])


def test_text_with_a_lone_surrogate_is_refused_and_named(store: SqliteStore, put: Put) -> None:
    with pytest.raises(StoreError, match=r"'a \\ud800'.*lone surrogate at 2"):
        put("a.md", "a \ud800 cat")

    assert store.names("papers") == {}


def test_a_deleted_file_is_gone_with_its_words(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat")
    put("b.md", "another cat")

    store.delete_file("papers", Path("/docs/a.md"))

    assert list(store.names("papers")) == ["b.md"]
    assert [key for key, _ in store.search_text("papers", ["cat"], 5)] == [2]


def test_deleting_a_file_that_is_not_held_changes_nothing(store: SqliteStore, put: Put) -> None:
    put("a.md", "a cat")

    store.delete_file("papers", Path("/docs/z.md"))

    assert store.collection("papers").documents == 1
    assert store.generation("papers") == 1


def test_the_generation_rises_with_each_change_of_documents(
    store: SqliteStore, put: Put, embed: Embed
) -> None:
    seen = [store.generation("papers")]
    put("a.md", "a cat")
    seen.append(store.generation("papers"))
    put("a.md", "a dog")
    seen.append(store.generation("papers"))
    store.delete_file("papers", Path("/docs/a.md"))
    seen.append(store.generation("papers"))

    assert seen == [0, 1, 2, 3]


def test_the_generation_stays_when_only_the_file_was_touched(
    store: SqliteStore, embed: Embed
) -> None:
    store.replace_file("papers", A, [embed("r1", "a cat")])

    store.replace_file("papers", replace(A, sha256="c" * 64), [], kept={"r1"})

    assert store.generation("papers") == 1
    assert store.files("papers")[A.path].sha256 == "c" * 64
