"""Sentences are found where a reader would find them, and no character is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.retrieval.sentences import MOST_CHARS, split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        (
            "Dr. Lee paid $3.50 to Mr. Hu. Then left.",
            ["Dr. Lee paid $3.50 to Mr. Hu.", "Then left."],
        ),
        ("It cost 3 approx. five euros.", ["It cost 3 approx. five euros."]),
        ("J. K. Rowling wrote it. He read.", ["J. K. Rowling wrote it.", "He read."]),
        ('He said "No." Then left.', ['He said "No."', "Then left."]),
        ("Models (e.g. GPT) learn.", ["Models (e.g. GPT) learn."]),
        ("# Title\nA text\nruns on.", ["# Title", "A text\nruns on."]),
        ("Intro:\n- one item\n- another", ["Intro:", "- one item", "- another"]),
        ("| a | b |\n| 1 | 2 |", ["| a | b |", "| 1 | 2 |"]),
        ("Name | Age\nAnn | 7\nBo | 9", ["Name | Age", "Ann | 7", "Bo | 9"]),
        ("Name\tAge\nAnn\t7\nBo\t9", ["Name\tAge", "Ann\t7", "Bo\t9"]),
        ("(a)\tThe cat sleeps\nall of the day.", ["(a)\tThe cat sleeps\nall of the day."]),
        ("First block\n\nsecond block", ["First block", "second block"]),
        ("你好。世界！", ["你好。", "世界！"]),
        ("1. Open the lid. 2. Close it.", ["1. Open the lid.", "2. Close it."]),
        ("", []),
        (" \n \n ", []),
    ],
)
def test_a_text_is_split_as_a_reader_would(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_short_line_above_prose_is_a_unit_of_its_own() -> None:
    text = "Parental leave\nEmployees are entitled to twelve weeks of paid leave\nafter the birth."

    assert sentences(text)[0] == "Parental leave"


def test_spans_count_from_the_start_of_the_whole_text() -> None:
    assert split_sentences("Zero. One. Two.", 6, 10) == [(6, 10)]


@given(st.text(alphabet="aB .!?\n-|#1。", max_size=200))
def test_every_visible_character_is_in_exactly_one_sentence(text: str) -> None:
    spans = split_sentences(text)

    inside = {index for start, end in spans for index in range(start, end)}
    assert sum(end - start for start, end in spans) == len(inside)
    assert {i for i, character in enumerate(text) if not character.isspace()} <= inside
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)


def test_a_text_without_spaces_is_cut_at_the_limit() -> None:
    assert [end - start for start, end in split_sentences("x" * 1500)] == [
        MOST_CHARS,
        MOST_CHARS,
        300,
    ]
