"""Retrieved text is compared with gold spans character by character."""

import json
from pathlib import Path

import pytest

from bench.chunking_gold import read_documents, read_gold
from bench.chunking_scores import Place, score


def test_text_that_is_exactly_the_gold_scores_one() -> None:
    found = score([Place("a", 10, 20)], [Place("a", 10, 20)])

    assert (found.recall, found.precision, found.iou, found.whole) == (1, 1, 1, 1)


def test_half_of_the_gold_in_text_of_four_times_its_length() -> None:
    found = score([Place("a", 0, 10)], [Place("a", 5, 45)])

    assert (found.recall, found.precision, found.iou) == (0.5, 0.125, 5 / 45)
    assert (found.hit, found.whole) == (1, 0)


def test_the_same_span_of_another_document_is_no_hit() -> None:
    found = score([Place("a", 0, 10)], [Place("b", 0, 10)])

    assert (found.recall, found.hit, found.hit_1) == (0, 0, 0)


def test_text_that_two_chunks_share_is_held_once_and_given_twice() -> None:
    found = score([Place("a", 0, 10)], [Place("a", 0, 10), Place("a", 0, 10)])

    assert (found.recall, found.precision, found.iou) == (1, 0.5, 0.5)


def test_the_sixth_chunk_counts_only_toward_the_budget() -> None:
    others = [Place("b", 100 * at, 100 * at + 100) for at in range(5)]
    found = score([Place("a", 0, 10)], [*others, Place("a", 0, 10)])

    assert (found.recall, found.recall_by_budget) == (0, 1)


def test_the_last_chunk_of_the_budget_is_cut_short() -> None:
    found = score([Place("a", 0, 1000)], [Place("b", 0, 3900), Place("a", 0, 1000)])

    assert found.recall_by_budget == 0.1


def test_gold_stands_in_spans_or_in_passages_that_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "cats.md").write_text("# Cats\n\nThey purr.\n", "utf-8")
    row = {"question": "What do cats do?", "answerable": True, "gold_doc_ids": ["cats.md"]}
    rows = [{**row, "spans": [[2, 6]]}, {**row, "gold_passages": ["They purr."]}]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("\n".join(map(json.dumps, rows)), "utf-8")

    found = read_gold(questions, read_documents(tmp_path / "docs"))

    assert [each.places for each in found] == [
        (Place("cats.md", 2, 6),),
        (Place("cats.md", 8, 18),),
    ]


def test_questions_about_other_documents_are_refused(tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    row = {"question": "?", "answerable": True, "gold_doc_ids": ["x"], "gold_passages": ["x"]}
    questions.write_text(json.dumps(row), "utf-8")

    with pytest.raises(SystemExit, match=r"No answer of .* stands in the corpus"):
        read_gold(questions, [])
