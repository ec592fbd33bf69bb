"""Documents of many languages, and of source code, are found by the words of a question."""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.languages import language_of
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint

XQUAD = Path(__file__).parents[3] / "shared/data/xquad-multi"
LANGUAGES = ("ar", "de", "en", "ru", "zh")
Put = Callable[..., None]


@pytest.fixture
def put_in(store: SqliteStore) -> Put:
    """Makes ``put_in(language, name, text)``: stores a document of a language."""

    def put(language: str, name: str, text: str) -> None:
        put_all(store, "papers", [Document(name, "Untitled", text, language=language)])

    return put


def put_all(store: SqliteStore, collection: str, documents: list[Document]) -> None:
    dimension = store.collection(collection).fingerprint.dimension
    embedded = [
        EmbeddedDocument(
            each,
            [Chunk(each.name, 0, len(each.text), each.text)],
            np.eye(1, dimension, dtype=np.float32),
        )
        for each in documents
    ]
    file = SourceFile(Path("/docs") / documents[0].name, "0" * 64, "text-1")
    store.replace_file(collection, file, embedded)


def found(store: SqliteStore, question: str, collection: str = "papers") -> list[str]:
    keys = [key for key, _ in store.search_text(collection, [question], 10)]
    return [each.chunk.document for each in store.chunks(collection, keys)]


def test_words_are_found_in_any_inflection_of_the_language_of_a_document(
    store: SqliteStore, put_in: Put
) -> None:
    put_in("de", "de", "Die Häuser der Stadt")
    put_in("ru", "ru", "Дома на улицах города")
    put_in("fr", "fr", "L'oiseau chante")
    put_in("ar", "ar", "المكتبات في المدينة")

    assert found(store, "Haus") == ["de"]
    assert found(store, "улица") == ["ru"]
    assert found(store, "oiseaux") == ["fr"]
    assert found(store, "مكتبة") == ["ar"]


def test_a_chinese_text_is_found_by_its_words_and_by_the_foreign_ones_in_it(
    store: SqliteStore, put_in: Put
) -> None:
    put_in("zh", "phone", "他在北京大学买了iPhone 15手机")
    put_in("zh", "cat", "小猫坐在垫子上")

    assert found(store, "北京大学在哪里?") == ["phone"]
    assert found(store, "iPhone 15") == ["phone"]
    assert found(store, "猫") == ["cat"]


def test_source_code_is_found_by_plain_words(store: SqliteStore, put_in: Put) -> None:
    put_in("", "camel", "String getUserName() { return name; }")
    put_in("", "snake", "def parse_http_header(line): ...")

    assert found(store, "user names") == ["camel"]
    assert found(store, "parsing headers") == ["snake"]
    assert found(store, "parseHttpHeader") == ["snake"]


def test_a_word_of_several_parts_is_counted_where_all_of_them_stand(
    store: SqliteStore, put_in: Put
) -> None:
    put_in("en", "both", "state-of-the-art machines")
    put_in("en", "one", "the state of things")

    assert store.word_counts("papers", ["state-of-the-art", "states"]) == {
        "state-of-the-art": 1,
        "states": 2,
    }


# against the paragraphs of an encyclopedia in five languages


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(row) for row in (XQUAD / name).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def encyclopedia(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """The same paragraphs in five languages: each in a collection of its own, and in one."""
    if not XQUAD.exists():
        pytest.skip(f"{XQUAD} is not there")
    with open_store(tmp_path_factory.mktemp("encyclopedia")) as store:
        fingerprint = Fingerprint("one", "0" * 64, "fp32", "none", 1)
        for language in LANGUAGES:
            documents = [
                Document(row["id"], row["title"], row["text"], language=language_of([row["text"]]))
                for row in rows(f"corpus.{language}.jsonl")
            ]
            for collection in (language, "all"):
                store.create_collection(collection, fingerprint, ChunkingSettings())
                put_all(store, collection, documents)
        yield store


def mean_ndcg(store: SqliteStore, collection: str, language: str) -> float:
    """Return nDCG@10 of questions with one right document each."""
    total = 0.0
    questions = rows(f"questions.{language}.jsonl")
    for row in questions:
        documents = found(store, row["question"], collection)
        right = row["gold_doc_ids"][0]
        total += 1 / math.log2(documents.index(right) + 2) if right in documents else 0
    return total / len(questions)


@pytest.mark.parametrize(
    ("language", "least", "least_of_all"),
    [
        ("ar", 0.94, 0.91),
        ("de", 0.95, 0.91),
        ("en", 0.98, 0.96),
        ("ru", 0.96, 0.95),
        ("zh", 0.97, 0.96),
    ],
)
def test_questions_find_their_paragraph(
    encyclopedia: SqliteStore, language: str, least: float, least_of_all: float
) -> None:
    assert mean_ndcg(encyclopedia, language, language) >= least
    assert mean_ndcg(encyclopedia, "all", language) >= least_of_all
