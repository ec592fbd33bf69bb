"""Exact search gives the nearest chunks of the collection as it is now."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint
from citewell.retrieval.vector_index import ExactIndex

Put = Callable[..., None]


@pytest.fixture
def index(store: SqliteStore) -> ExactIndex:
    return ExactIndex(store, "papers")


def test_the_nearest_chunks_come_first_with_their_cosines(
    index: ExactIndex, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a dog", "nothing", "a cat")

    found = index.search(embedder.embed_question("cats"), 3)

    assert [key for key, _ in found] == [3, 2, 1]
    assert [cosine for _, cosine in found] == pytest.approx([1.0, 0.7071068, 0.5])


def test_equal_chunks_come_by_key(index: ExactIndex, put: Put, embedder: Embedder) -> None:
    put("a.md", *["a cat"] * 9)

    found = index.search(embedder.embed_question("cat"), 4)

    assert [key for key, _ in found] == [1, 2, 3, 4]


def test_an_empty_collection_has_no_nearest_chunk(index: ExactIndex, embedder: Embedder) -> None:
    assert index.search(embedder.embed_question("cat"), 5) == []


def test_a_limit_above_the_number_of_chunks_gives_them_all(
    index: ExactIndex, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog")

    assert len(index.search(embedder.embed_question("cat"), 100)) == 2


def test_a_limit_of_0_gives_nothing(index: ExactIndex, put: Put, embedder: Embedder) -> None:
    put("a.md", "a cat")

    assert index.search(embedder.embed_question("cat"), 0) == []


def test_what_is_stored_and_removed_is_noticed_by_the_next_search(
    index: ExactIndex, store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    cat = embedder.embed_question("cat")
    put("a.md", "a cat", "a dog")
    seen = [[key for key, _ in index.search(cat, 5)]]
    put("b.md", "two cats")
    seen.append([key for key, _ in index.search(cat, 5)])
    put("a.md", "a horse and a cat")
    seen.append([key for key, _ in index.search(cat, 5)])
    store.delete_file("papers", Path("/docs/b.md"))
    seen.append([key for key, _ in index.search(cat, 5)])
    store.delete_file("papers", Path("/docs/a.md"))
    seen.append([key for key, _ in index.search(cat, 5)])

    assert seen == [[1, 2], [1, 3, 2], [3, 4], [4], []]


def test_an_unknown_collection_is_refused(store: SqliteStore, embedder: Embedder) -> None:
    with pytest.raises(NotConfigured, match="no collection 'letters'"):
        ExactIndex(store, "letters").search(embedder.embed_question("cat"), 5)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=8),
    seed=st.integers(0, 1000),
    limit=st.integers(1, 12),
)
def test_after_any_changes_it_agrees_with_sorting_all_cosines(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[str, int]],
    seed: int,
    limit: int,
) -> None:
    random = np.random.default_rng(seed)
    question = random.normal(size=3).astype(np.float32)
    fingerprint = Fingerprint("toy", "0" * 64, "fp32", "mean", 3)
    with open_store(tmp_path_factory.mktemp("home")) as store:
        store.create_collection("papers", fingerprint, ChunkingSettings())
        index = ExactIndex(store, "papers")
        for name, count in changes:
            vectors = random.normal(size=(count, 3)).astype(np.float32)
            embedded = EmbeddedDocument(
                Document(name, name, "text"), [Chunk(name, 0, 4, "text")] * count, vectors
            )
            store.replace_file(
                "papers", SourceFile(Path("/docs") / name, "0" * 64, "text-1"), [embedded]
            )
            cosines = [(key, float(vector @ question)) for key, vector in store.vectors("papers")]
            expected = sorted(cosines, key=lambda pair: (-pair[1], pair[0]))[:limit]

            found = index.search(question, limit)

            assert [key for key, _ in found] == [key for key, _ in expected]
            assert [cosine for _, cosine in found] == pytest.approx(
                [each for _, each in expected], abs=1e-6
            )
