"""Exact search gives the nearest chunks of the collection as it is now."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_store import FILE_NAME, SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile, Vectors
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint
from citewell.retrieval.vector_index import KEPT_SETS, ExactIndex

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


class RecordingStore(SqliteStore):
    """A store that notes which vectors it is asked for."""

    def __init__(self, home: Path) -> None:
        super().__init__(Connections(home / FILE_NAME))
        self.asked: list[list[int] | None] = []

    def vectors(
        self, collection: str, keys: Iterable[int] | None = None
    ) -> Iterator[tuple[int, Vectors]]:
        self.asked.append(None if keys is None else list(keys))
        return super().vectors(collection, self.asked[-1])


@pytest.fixture
def recording(store: SqliteStore, tmp_path: Path) -> Iterator[RecordingStore]:
    (database,) = tmp_path.rglob(FILE_NAME)
    with RecordingStore(database.parent) as opened:
        yield opened


def test_only_allowed_chunks_are_found(index: ExactIndex, put: Put, embedder: Embedder) -> None:
    put("a.md", "a cat", "a dog", "two cats", "nothing")

    found = index.search(embedder.embed_question("cat"), 5, np.array([2, 4, 99]))

    assert [key for key, _ in found] == [4, 2]


def test_allowing_nothing_finds_nothing(index: ExactIndex, put: Put, embedder: Embedder) -> None:
    put("a.md", "a cat")

    assert index.search(embedder.embed_question("cat"), 5, np.array([], np.int64)) == []


def test_the_vectors_of_allowed_chunks_are_read_once_and_no_others(
    recording: RecordingStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog", "two cats", "nothing")
    index, cat = ExactIndex(recording, "papers"), embedder.embed_question("cat")

    for allowed in ([1, 2], [1, 2], [2, 4], [1, 2]):
        index.search(cat, 5, np.array(allowed))

    assert recording.asked == [[1, 2], [2, 4]]


def test_the_sets_of_allowed_chunks_that_are_kept_are_few(
    recording: RecordingStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat")
    index, cat = ExactIndex(recording, "papers"), embedder.embed_question("cat")

    for other in (*range(KEPT_SETS + 1), KEPT_SETS, 0):
        index.search(cat, 5, np.array([1, 2 + other]))

    assert recording.asked == [[1, 2 + other] for other in (*range(KEPT_SETS + 1), 0)]


def test_vectors_that_are_loaded_already_are_not_read_again(
    recording: RecordingStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog", "two cats", "nothing")
    index, cat = ExactIndex(recording, "papers"), embedder.embed_question("cat")

    index.search(cat, 5)
    found = index.search(cat, 5, np.array([2, 3]))

    assert [key for key, _ in found] == [3, 2]
    assert recording.asked == [None]


def test_of_what_is_stored_later_the_vectors_are_read_and_no_others(
    recording: RecordingStore, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog")
    index, cat = ExactIndex(recording, "papers"), embedder.embed_question("cat")
    index.search(cat, 5)
    put("b.md", "two cats")
    index.search(cat, 5)
    put("a.md", "a horse and a cat")

    found = [key for key, _ in index.search(cat, 5)]

    assert found == [3, 4]
    assert recording.asked == [None, [3], [4]]


def test_of_chunks_once_allowed_those_that_are_gone_are_not_found(
    index: ExactIndex, put: Put, embedder: Embedder
) -> None:
    put("a.md", "a cat", "a dog")
    put("b.md", "two cats")
    cat, allowed = embedder.embed_question("cat"), np.array([1, 2, 3])
    before = [key for key, _ in index.search(cat, 5, allowed)]
    put("a.md", "a horse")

    assert before == [1, 3, 2]
    assert [key for key, _ in index.search(cat, 5, allowed)] == [3]


@pytest.mark.parametrize("loaded", [False, True])
def test_chunks_that_are_not_allowed_change_no_digit_of_a_cosine(
    tmp_path: Path, loaded: bool
) -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(1000, 384)).astype(np.float32)
    question = random.normal(size=384).astype(np.float32)
    allowed = np.sort(random.choice(1000, 313, replace=False))
    with store_of(tmp_path / "all", vectors) as every, store_of(tmp_path, vectors[allowed]) as few:
        index = ExactIndex(every, "papers")
        if loaded:
            index.search(question, 1)

        found = index.search(question, 100, allowed + 1)
        alone = ExactIndex(few, "papers").search(question, 100)

    assert found == [(int(allowed[key - 1]) + 1, cosine) for key, cosine in alone]


def store_of(home: Path, vectors: Vectors) -> SqliteStore:
    """Return a store of one document with these vectors: the keys of its chunks begin with 1."""
    store = open_store(home)
    fingerprint = Fingerprint("toy", "0" * 64, "fp32", "mean", vectors.shape[1])
    store.create_collection("papers", fingerprint, ChunkingSettings())
    chunks = [Chunk("a", 0, 4, "text")] * len(vectors)
    embedded = EmbeddedDocument(Document("a", "a", "text"), chunks, vectors)
    store.replace_file("papers", SourceFile(Path("/docs/a"), "0" * 64, "text-1"), [embedded])
    return store


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from([0, 1, 2, 5, 60])), max_size=8
    ),
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
            even = np.array([key for key, _ in store.vectors("papers") if key % 2 == 0], np.int64)
            fresh = ExactIndex(store, "papers").search(question, limit, even)

            assert index.search(question, limit, even) == fresh
            assert [key for key, _ in fresh] == [
                key
                for key, _ in sorted(cosines, key=lambda pair: (-pair[1], pair[0]))
                if key % 2 == 0
            ][:limit]
