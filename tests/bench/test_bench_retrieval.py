"""Retrieval is scored as trec_eval does it, on the sets as their authors meant them."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.chunking_scores import Place
from bench.halves import half_of
from bench.retrieval import judge, main
from bench.retrieval_estimates import Means
from bench.retrieval_peers import (
    Ranking,
    Shared,
    langchain_ensemble,
    llamaindex_fusion,
    lower_words,
)
from bench.retrieval_scores import Gold, hit, ndcg, recall, reciprocal_rank
from bench.retrieval_sets import Question, gold_of, ranked_units, read_sets
from bench.retrieval_tables import as_json, as_text
from citewell.retrieval.values import Chunk

CATS = Chunk("cats", 0, 10, "Cats purr.", 1, 2)
MORE_CATS = Chunk("cats", 10, 20, "They hunt.", 2, 2)
DOGS = Chunk("dogs", 0, 10, "Dogs bark.", 1, 1)

# measures


def test_gains_are_linear_and_discounted_by_rank() -> None:
    gold = {"a": 3.0, "b": 1.0}

    assert ndcg(gold, ["x", "b", "a"]) == pytest.approx((1 / 1.58496 + 3 / 2) / (3 + 1 / 1.58496))


def test_the_best_order_scores_one() -> None:
    assert ndcg({"a": 3.0, "b": 1.0}, ["a", "b", "x"]) == 1.0


def test_what_stands_below_the_cutoff_does_not_count() -> None:
    ranked = [*"vwxyz", "a"]

    assert ndcg({"a": 1.0}, ranked, 5) == 0.0
    assert recall({"a": 1.0}, ranked, 5) == 0.0
    assert reciprocal_rank({"a": 1.0}, ranked, 5) == 0.0


def test_recall_is_the_share_of_the_gold_that_is_found() -> None:
    assert recall({"a": 1.0, "b": 4.0, "c": 1.0}, ["x", "b", "a"]) == pytest.approx(2 / 3)


def test_only_the_first_gold_gives_the_reciprocal_rank() -> None:
    assert reciprocal_rank({"a": 1.0, "b": 1.0}, ["x", "b", "a"]) == 0.5


def test_a_hit_is_any_gold() -> None:
    assert (hit({"a": 1.0}, ["x", "a"]), hit({"a": 1.0}, ["x"])) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("nDCG@10", ndcg),
        ("R@5", recall),
        ("RR@10", reciprocal_rank),
    ],
)
def test_random_rankings_score_as_in_ir_measures(
    name: str, ours: Callable[[Gold, list[str]], float]
) -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="ir-measures is not installed")
    chance = random.Random(7)
    gold: dict[str, dict[str, int]] = {}
    runs: dict[str, dict[str, float]] = {}
    for number in range(60):
        documents = [f"d{each}" for each in range(30)]
        judged = chance.sample(documents, chance.randint(1, 15))
        gold[f"q{number}"] = {each: chance.randint(1, 4) for each in judged}
        ranked = chance.sample(documents, chance.randint(1, 30))
        runs[f"q{number}"] = {each: 100.0 - rank for rank, each in enumerate(ranked)}

    theirs = ir_measures.iter_calc([ir_measures.parse_measure(name)], gold, runs)

    expected = {each.query_id: each.value for each in theirs}
    assert expected == pytest.approx({each: ours(gold[each], [*runs[each]]) for each in gold})


# what is ranked and what is gold


def test_a_document_has_the_rank_of_its_first_chunk() -> None:
    assert ranked_units([DOGS, CATS, MORE_CATS], "documents") == ["dogs", "cats"]


def test_a_chunk_stands_for_all_pages_it_is_on() -> None:
    pages = ranked_units([MORE_CATS, CATS], "pages")

    assert pages == [("cats", 2), ("cats", 1)]


def test_a_chunk_is_gold_when_it_shares_a_character_with_a_span() -> None:
    question = Question("q", "What do they do?", {}, (Place("cats", 9, 12),))

    assert gold_of(question, [CATS, MORE_CATS, DOGS]) == {
        Place("cats", 0, 10): 1.0,
        Place("cats", 10, 20): 1.0,
    }


def test_a_span_that_no_chunk_holds_is_not_passed_over() -> None:
    question = Question("q7", "What do they do?", {}, (Place("birds", 0, 5),))

    with pytest.raises(SystemExit, match="answers q7"):
        gold_of(question, [CATS, DOGS])


def test_passages_are_judged_by_their_characters_too() -> None:
    question = Question("q", "What do they do?", {}, (Place("cats", 5, 15),))
    gold = gold_of(question, [CATS, MORE_CATS, DOGS])

    found = judge(question, gold, "passages", lambda _, k: [DOGS, CATS][:k])

    assert found == {
        "nDCG@10": pytest.approx((1 / 1.58496) / (1 + 1 / 1.58496), abs=1e-5),
        "MRR@10": 0.5,
        "recall@5": 0.5,
        "characters@5": 0.5,
    }


def test_pages_are_a_hit_when_one_of_them_is_gold() -> None:
    question = Question("q", "What do they do?", {("cats", 2): 1.0})

    found = judge(question, question.gold, "pages", lambda _, k: [CATS][:k])

    assert (found["page hit@5"], found["MRR@10"]) == (1.0, 0.5)


def test_a_system_that_finds_nothing_scores_nothing() -> None:
    question = Question("q", "What do they do?", {}, (Place("cats", 5, 15),))

    found = judge(question, gold_of(question, [CATS]), "passages", lambda _, k: [])

    assert set(found.values()) == {0.0}


# sets


def test_each_kind_of_set_is_read_with_what_it_judges(tmp_path: Path) -> None:
    graded = {**_row("c1"), "qrels": {"cran-1": 4, "cran-2": 1}, "gold_doc_ids": ["cran-1"]}
    chunk = {**_row("k1"), "gold_doc_ids": ["file"], "gold_chunk_ids": ["file#2"]}
    span = {**_row("s1"), "gold_doc_ids": ["a.md"], "spans": [[3, 9]]}
    page = {**_row("f1"), "gold_page_docs": ["ACME_10K"], "gold_pages_1based": [4]}
    _write(tmp_path / "cranfield", "questions.jsonl", [graded])
    _write(tmp_path / "code-retrieval", "questions.jsonl", [chunk])
    _write(tmp_path / "chunking-eval", "questions.jsonl", [span])
    _write(tmp_path / "financebench", "questions.jsonl", [page])
    names = ["cranfield", "code-retrieval", "chunking-eval", "financebench"]

    found = read_sets(tmp_path, names, "all")

    assert [(each.kind, each.corpus.name, each.questions[0].gold) for each in found] == [
        ("documents", "corpus.jsonl", {"cran-1": 4.0, "cran-2": 1.0}),
        ("documents", "chunks.jsonl", {"file#2": 1.0}),
        ("passages", "docs", {}),
        ("pages", "docs", {("ACME_10K.pdf", 4): 1.0}),
    ]
    assert found[2].questions[0].spans == (Place("a.md", 3, 9),)


def test_languages_are_sets_of_one_family(tmp_path: Path) -> None:
    for language in ("ar", "de", "en", "ru", "zh"):
        row = {**_row(f"{language}-1"), "gold_doc_ids": ["x"]}
        _write(tmp_path / "xquad-multi", f"questions.{language}.jsonl", [row])

    found = read_sets(tmp_path, ["xquad-multi"], "all")

    assert [each.name for each in found] == [
        f"xquad-{language}" for language in ("ar", "de", "en", "ru", "zh")
    ]
    assert {each.family for each in found} == {"xquad-multi"}


def test_questions_that_nothing_answers_are_left_out(tmp_path: Path) -> None:
    rows = [{**_row("s1"), "gold_doc_ids": ["a"]}, {**_row("s2"), "answerable": False}]
    _write(tmp_path / "squad", "questions.jsonl", rows)

    (squad,) = read_sets(tmp_path, ["squad"], "all")

    assert [each.id for each in squad.questions] == ["s1"]


def test_the_halves_share_no_question_and_leave_none_out(tmp_path: Path) -> None:
    rows = [{**_row(f"q{number}"), "gold_doc_ids": ["a"]} for number in range(40)]
    _write(tmp_path / "squad", "questions.jsonl", rows)

    learn, report, both = (
        {each.id for each in read_sets(tmp_path, ["squad"], half)[0].questions}
        for half in ("learn", "report", "all")
    )

    assert learn | report == both
    assert not learn & report
    assert min(len(learn), len(report)) > 10


def test_the_half_of_a_question_never_changes() -> None:
    assert [half_of(each) for each in ("scifact-49", "scifact-53", "cran-q1", "cran-q8")] == [
        "learn",
        "learn",
        "learn",
        "report",
    ]


def test_a_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="Leave squad out of --sets"):
        read_sets(tmp_path, ["squad"], "all")


# estimates


def test_sets_of_one_family_weigh_as_one() -> None:
    scores = {"a": {"x": [1.0]}, "b-1": {"x": [0.0]}, "b-2": {"x": [0.5]}}
    means = Means(scores, {"a": "a", "b-1": "b", "b-2": "b"})

    assert means.overall("x").value == pytest.approx((1 + 0.25) / 2)


def test_a_lead_that_is_the_same_on_every_question_has_no_width() -> None:
    means = Means({"a": {"x": [0.9, 0.5, 0.1], "y": [0.8, 0.4, 0.0]}}, {"a": "a"})

    lead = means.lead("a", "x", "y")

    assert (lead.value, lead.low, lead.high) == pytest.approx((0.1, 0.1, 0.1))


def test_a_mean_has_an_interval_around_it() -> None:
    means = Means({"a": {"x": [0.0, 1.0, 1.0, 1.0]}}, {"a": "a"})

    found = means.of("a", "x")

    assert 0.0 <= found.low < found.value == 0.75 < found.high <= 1.0


def test_the_best_is_told_for_each_set_and_overall() -> None:
    scores = {"a": {"x": [0.2], "y": [0.3]}, "b": {"x": [0.9], "y": [0.1]}}
    means = Means(scores, {"a": "a", "b": "b"})

    assert [means.best("a", ["x", "y"]), means.best("b", ["x", "y"])] == ["y", "x"]
    assert means.best_overall(["x", "y"]) == "x"


def test_a_lead_over_the_best_of_each_set_compares_with_another_system_on_each() -> None:
    scores = {"a": {"x": [0.2], "y": [0.3], "z": [0.5]}, "b": {"x": [0.9], "y": [0.1], "z": [0.5]}}
    means = Means(scores, {"a": "a", "b": "b"})

    assert means.overall_lead("z", {"a": "y", "b": "x"}).value == pytest.approx((0.2 - 0.4) / 2)


def test_tables_hold_each_system_and_say_which_half_it_is() -> None:
    scores = {"squad": {"Citewell": [0.9, 0.7], "BM25": [0.6, 0.6], "dense": [0.5, 0.5]}}
    text = as_text("report", {"nDCG@10": Means(scores, {"squad": "squad"})})

    assert "2 questions of 1 sets, the half 'report'" in text
    assert "| squad (2) | 0.800 [0.700, 0.900] | 0.600 [0.600, 0.600] |" in text
    assert "| nDCG@10 | BM25 | +20.0 [+10.0, +30.0] | +20.0 [+10.0, +30.0] |" in text
    assert "| squad | BM25 | +20.0 [+10.0, +30.0] | yes |" in text


def test_a_lead_is_written_with_its_interval() -> None:
    scores = {"squad": {"Citewell": [0.9, 0.7], "BM25": [0.6, 0.6], "dense": [0.5, 0.5]}}
    found = as_json("all", {"nDCG@10": Means(scores, {"squad": "squad"})})

    assert found["measures"]["nDCG@10"]["better_part"] == {
        "system": "BM25",
        "lead": [0.2, 0.1, 0.3],
    }


# systems


def _shared() -> Shared:
    """Three chunks, each on an axis of its own; questions lie nearest to that of the dogs."""
    vectors = np.eye(3, 4, dtype=np.float32)
    asked = np.array([0.1, 0.2, 0.9, 0.0], np.float32)
    chunks = [CATS, MORE_CATS, DOGS]
    texts = ["Cats > Cats purr.", "Cats > They hunt.", "Dogs > Dogs bark."]
    return Shared(chunks, texts, vectors, lambda _: asked)


def _langchain() -> Ranking:
    pytest.importorskip("rank_bm25", reason="rank_bm25 is not installed, see bench/peers.txt")
    pytest.importorskip("langchain_classic", reason="langchain_classic is not installed")
    return langchain_ensemble(_shared(), 3, lower_words)


def _llamaindex() -> Ranking:
    reason = "its BM25 retriever is not installed, see bench/peers.txt"
    pytest.importorskip("llama_index.retrievers.bm25", reason=reason)
    return llamaindex_fusion(_shared(), 3)


@pytest.mark.filterwarnings("ignore:.*langchain-community.*:DeprecationWarning")
@pytest.mark.parametrize("system", [_langchain, _llamaindex])
def test_a_peer_ranks_the_chunks_it_is_given(system: Callable[[], Ranking]) -> None:
    ranking = system()

    found = [ranking("dogs bark", k) for k in (1, 3)]

    assert found[0] == [DOGS]
    assert sorted(found[1], key=lambda chunk: chunk.id) == sorted(
        [CATS, MORE_CATS, DOGS], key=lambda chunk: chunk.id
    )


@pytest.mark.models
def test_the_command_measures_each_system_and_a_second_run_finds_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subjects = ["cats purr", "dogs bark", "birds sing", "ducks quack", "bees hum", "lions roar"]
    rows = [{"id": each, "title": each, "text": f"It is known that {each}."} for each in subjects]
    asked = [{**_row(f"q-{each}"), "question": f"Do {each}?"} for each in subjects]
    _write(tmp_path / "squad", "corpus.jsonl", rows)
    questions = [{**row, "gold_doc_ids": [row["id"][2:]]} for row in asked]
    _write(tmp_path / "squad", "questions.jsonl", questions)
    command = [str(tmp_path), "--ours", "--half", "all", "--work", str(tmp_path / "work")]

    runs = []
    for number in range(2):
        path = tmp_path / f"{number}.json"
        assert main([*command, "--json", str(path)]) == 0
        runs.append(json.loads(path.read_text("utf-8")))

    assert runs[0] == runs[1]
    means = runs[0]["measures"]["nDCG@10"]["sets"]["squad"]
    assert {system: value for system, (value, _, _) in means.items()} == {
        "Citewell": 1.0,
        "BM25": 1.0,
        "dense": 1.0,
    }
    assert "| squad (6) | 1.000 [1.000, 1.000] |" in capsys.readouterr().out


def _row(identity: str) -> dict[str, Any]:
    return {"id": identity, "question": "What?", "answers": [], "answerable": True}


def _write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(map(json.dumps, rows)), "utf-8")
