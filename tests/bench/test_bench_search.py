"""The measurement of search asks what it says, of stores like real ones."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bench.search import loads_table, memory_table, ratios, write_plot
from bench.search_load import Clients, Load, percentile, take_turns
from bench.search_store import LABEL, Stores
from bench.search_texts import (
    Maker,
    Source,
    questions_of,
    read_sources,
    real_questions,
    sentence_vectors,
)
from bench.search_worker import Found, Task, Way, read_found, read_task, work
from bench.search_writer import made_up
from bench.stand_in import WordEmbedder
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.store import Vectors

SOURCES = [
    Source("Cats", ("Cats are kept by many people in towns.", "They sleep for half of the day.")),
    Source("Dogs", ("Dogs follow the people whom they know.", "They were the first to be tame.")),
    Source("Owls", ("Owls hunt at night in woods and barns.", "They hear a mouse below the snow.")),
]
SENTENCES = [sentence for source in SOURCES for sentence in source.sentences]
LOAD = Load("hybrid", 4, 200, 4.0, 2.0, 10.0, 20.0, 31.0)


@pytest.fixture
def vectors() -> Vectors:
    return WordEmbedder().embed_passages(SENTENCES)


@pytest.fixture
def maker(vectors: Vectors) -> Maker:
    return Maker(SOURCES, vectors)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path / "work", SOURCES, WordEmbedder())


# percentiles and loads


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (95, 10), (90, 9), (1, 1), (100, 10)])
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    percent: float, value: float
) -> None:
    assert percentile([3, 1, 2, 10, 9, 8, 4, 5, 7, 6], percent) == value


def test_clients_search_at_the_same_time_and_no_question_twice() -> None:
    asked: list[str] = []

    def search(question: str) -> None:
        asked.append(question)
        time.sleep(0.05)

    load = Clients(map(str, range(10_000))).run("sleep", search, clients=8, seconds=0.3)

    assert load.searches == len(asked) == len(set(asked))
    assert load.searches > 1.5 * load.seconds / 0.05
    assert load.p50 >= 50.0
    assert (load.name, load.clients, load.failed) == ("sleep", 8, 0)


def test_a_search_that_fails_is_counted_and_told() -> None:
    def search(question: str) -> None:
        raise ValueError("no such thing")

    load = Clients(map(str, range(10**9))).run("broken", search, clients=2, seconds=0.05)

    assert load.failed == load.searches > 0
    assert load.errors == ("ValueError: no such thing",)


def test_clients_that_have_no_questions_left_say_so() -> None:
    load = Clients(iter(["one", "two"])).run("short", str.upper, clients=1, seconds=60)

    assert (load.searches, load.failed) == (2, 1)
    assert load.errors == ("The questions ran out before the time.",)


def test_ways_take_turns_with_questions_of_their_own() -> None:
    asked: list[tuple[str, str]] = []
    ways = {name: lambda question, name=name: asked.append((name, question)) for name in "ab"}

    loads = take_turns(ways, map(str, range(100)), each=2)

    assert asked == [("a", "0"), ("b", "1"), ("a", "2"), ("b", "3")]
    assert [load.searches for load in loads.values()] == [2, 2]


def test_rates_and_processor_time_are_of_one_search() -> None:
    assert LOAD.rate == 50.0
    assert LOAD.cpu == 10.0


# texts


def test_texts_are_read_from_rows_and_from_files(tmp_path: Path) -> None:
    row = {"title": "Cats", "text": "Cats sleep. Dogs do not."}
    (tmp_path / "corpus.jsonl").write_text(json.dumps(row), "utf-8")
    (tmp_path / "owls.md").write_text("Owls hunt at night.", "utf-8")

    assert read_sources([tmp_path]) == [
        Source("Cats", ("Cats sleep.", "Dogs do not.")),
        Source("owls", ("Owls hunt at night.",)),
    ]


def test_texts_are_left_out_evenly_until_the_sentences_are_as_many_as_wanted(
    tmp_path: Path,
) -> None:
    for number in range(10):
        (tmp_path / f"{number}.txt").write_text("One here. Two here.", "utf-8")

    found = read_sources([tmp_path], most=10)

    assert [source.title for source in found] == ["0", "2", "4", "6", "8"]


def test_a_folder_without_texts_ends_the_measurement(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"There is no text in .*Name \.jsonl"):
        read_sources([tmp_path])


def test_questions_beside_a_corpus_are_asked(tmp_path: Path) -> None:
    rows = [{"question": "Who sleeps?"}, {"question": "Who  hunts?"}, {"question": "Who hunts?"}]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (tmp_path / "corpus.jsonl").touch()

    assert sorted(real_questions([tmp_path / "corpus.jsonl"])) == ["Who hunts?", "Who sleeps?"]


def test_made_questions_differ_and_are_words_of_the_texts() -> None:
    found = questions_of(SOURCES, 5, seed=1)

    assert len(set(found)) == 5
    assert all(any(each.rstrip("?") in sentence for sentence in SENTENCES) for each in found)


def test_texts_too_few_for_the_questions_are_told() -> None:
    with pytest.raises(SystemExit, match=r"not 100\. Name more of them"):
        questions_of(SOURCES, 100, seed=1)


# documents and vectors


def test_a_document_is_the_same_each_time_and_unlike_others(maker: Maker) -> None:
    first, again, other = maker.document(7), maker.document(7), maker.document(8)

    assert first.document == again.document
    assert np.array_equal(first.vectors, again.vectors)
    assert first.document.text != other.document.text


def test_a_document_has_ten_chunks_that_are_spans_of_its_text(maker: Maker) -> None:
    made = maker.document(7)
    spans = [made.document.text[chunk.start : chunk.end] for chunk in made.chunks]

    assert len(made.chunks) == 10
    assert spans == [chunk.text for chunk in made.chunks]


def test_one_document_in_a_hundred_is_on_a_shelf_and_one_in_two_in_a_half(maker: Maker) -> None:
    made = [maker.document(number).document.metadata for number in range(200)]

    assert sum(each["shelf"] == "7" for each in made) == 2
    assert sum(each["half"] == "0" for each in made) == 100


def test_a_chunk_is_near_its_sentences_and_of_length_one(maker: Maker, vectors: Vectors) -> None:
    made = maker.document(3)
    cosines = made.vectors @ vectors.T
    held = np.array([[each in chunk.text for each in SENTENCES] for chunk in made.chunks])

    assert np.linalg.norm(made.vectors, axis=1) == pytest.approx(np.ones(10), abs=1e-6)
    assert cosines[held].min() > 0.3
    assert cosines[held].mean() > cosines[~held].mean() + 0.1


def test_the_vectors_of_sentences_are_kept_for_the_next_time(tmp_path: Path) -> None:
    first = sentence_vectors(SOURCES, WordEmbedder(), tmp_path)
    (kept,) = tmp_path.iterdir()
    np.save(kept, first + 1, allow_pickle=False)

    again = sentence_vectors(SOURCES, WordEmbedder(), tmp_path)
    others = sentence_vectors(SOURCES[:2], WordEmbedder(), tmp_path)

    assert np.array_equal(again, first + 1)
    assert np.array_equal(others, first[:4])


# stores


def test_a_store_has_as_many_chunks_as_asked_for_and_is_made_once(stores: Stores) -> None:
    home = stores.home(1_200)
    made = (home / "citewell.db").stat().st_mtime_ns
    with open_retriever(home, embedder=WordEmbedder()) as retriever:
        held = (retriever.collection.documents, retriever.collection.chunks)

    assert held == (120, 1_200)
    assert stores.home(1_200) == home
    assert (home / "citewell.db").stat().st_mtime_ns == made
    assert stores.made(home).mib > 1.0


def test_what_was_made_from_other_texts_is_made_again(tmp_path: Path) -> None:
    home = Stores(tmp_path, SOURCES, WordEmbedder()).home(20)
    Stores(tmp_path, SOURCES[1:], WordEmbedder()).home(20)

    with open_retriever(home, embedder=WordEmbedder()) as retriever:
        assert retriever.search("cats kept in towns", mode="lexical").passages == ()


def test_half_of_the_labelled_store_is_hidden_from_a_caller_without_the_label(
    stores: Stores,
) -> None:
    with open_retriever(stores.labelled(400), embedder=WordEmbedder()) as retriever:
        all_found = retriever.seen_by([LABEL]).search("owls hunt at night", k=200, mode="lexical")
        found = retriever.search("owls hunt at night", k=200, mode="lexical")

    hidden = {int(each.document.split("/")[0].removeprefix("folder-")) % 2 for each in found}
    assert hidden == {1}
    assert {int(each.document.split("/")[0][-1]) % 2 for each in all_found} == {0, 1}


def test_what_a_writer_adds_has_chunks_that_are_spans_of_its_text() -> None:
    made = made_up(3, dimension=8)

    assert {made.document.text[each.start : each.end] for each in made.chunks} == {
        "News 3 came in beside a search."
    }
    assert made.vectors.shape == (len(made.chunks), 8) == (10, 8)


# the worker


def a_task(folder: Path, questions: Sequence[str]) -> Task:
    asked = folder / "questions.txt"
    asked.write_text("\n".join(questions), "utf-8")
    turns = ((Way("all"), Way("some", "lexical", 'shelf = "7"', ("staff",))),)
    return Task("citewell", str(folder), str(asked), turns, each=3, clients=(2,), seconds=0.05)


def test_a_worker_measures_each_way_and_each_number_of_clients(tmp_path: Path) -> None:
    asked: list[str] = []
    task = a_task(tmp_path, [f"question {number}" for number in range(1_000)])

    def search(question: str) -> None:
        asked.append(question)
        time.sleep(0.002)

    found = work(task, lambda way: search)

    assert [(each.name, each.clients) for each in found.loads] == [
        ("all", 1),
        ("some", 1),
        ("all", 2),
    ]
    assert [each.searches for each in found.loads[:2]] == [3, 3]
    assert len(set(asked)) == len(asked)
    assert len(found.mib) == 3


def test_tasks_and_findings_come_through_json_as_they_were(tmp_path: Path) -> None:
    task = a_task(tmp_path, ["one"])
    found = Found((LOAD, replace(LOAD, errors=("broken",), mib=(1.0, 2.0, 2.0))), (1.0, 2.0, 3.0))

    assert read_task(json.loads(json.dumps(asdict(task)))) == task
    assert read_found(json.dumps(asdict(found))) == found


# tables


def test_a_load_is_a_row_of_the_table() -> None:
    failed = replace(LOAD, failed=2, errors=("ValueError: no",))
    rows = loads_table([LOAD, failed]).splitlines()

    assert rows[2] == "| hybrid | 4 | 200 | 10.0 | 20.0 | 31 | 50.0 | 10.0 | 0 |"
    assert rows[3].endswith("| 2 (ValueError: no) |")


def test_the_peer_is_compared_at_the_same_number_of_clients() -> None:
    peer = replace(LOAD, name="LangChain", p50=25.0, p95=30.0, seconds=10.0)

    assert ratios([LOAD, peer]) == (
        "4 clients: p50 2.50, p95 1.50 times that of Citewell's hybrid search, "
        "2.50 times as many searches a second by Citewell"
    )


def test_memory_is_told_in_a_table_and_in_two_charts(tmp_path: Path) -> None:
    point = {
        "chunks": 1000,
        "opened_mib": 50.0,
        "first_mib": 150.0,
        "last_mib": 160.0,
        "disk_mib": 3.0,
    }
    write_plot([point, {**point, "chunks": 10_000}], tmp_path)

    assert memory_table([point]).splitlines()[-1] == (
        "| 1,000 | 50 MiB | 150 MiB | 160 MiB | 3 MiB |"
    )
    assert (tmp_path / "search-memory.svg").read_text("utf-8").count("<circle") == 6
    assert len(json.loads((tmp_path / "search-memory.json").read_text("utf-8"))) == 2
