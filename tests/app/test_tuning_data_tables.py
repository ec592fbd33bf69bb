"""Examples about tables that are made up, and questions made for explanations."""

import random
import re

import pytest

from citewell.app.answer_values import Evidence
from citewell.app.fencing import shown_text
from citewell.app.tuning.definitions import made_questions
from citewell.app.tuning.examples import Example
from citewell.app.tuning.generated_tables import table_example
from citewell.app.tuning.table_domains import DOMAINS

PROSE = Evidence(1, "cats.md", "Cats", 0, 11, "Cats sleep.", (), 1, 1.0)


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Many examples, some with a sentence among the rows."""
    return [
        table_example(f"table-{number}", "train", PROSE, random.Random(number))
        for number in range(300)
    ]


def test_the_words_that_answer_stand_in_the_rows_that_are_named(examples: list[Example]) -> None:
    for each in examples:
        if each.answers:
            marked = [int(number) for number in re.findall(r"\[(\d)\]", each.target)]
            held = [shown_text(each.evidence[number - 1]) for number in marked]

            assert any(each.answers[0] in text for text in held)


def test_rows_are_numbered_in_the_order_shown(examples: list[Example]) -> None:
    for each in examples:
        assert [item.number for item in each.evidence] == list(range(1, len(each.evidence) + 1))


def test_a_part_of_the_questions_is_answered_by_no_row(examples: list[Example]) -> None:
    refused = [each for each in examples if each.target == "not found"]

    assert 50 < len(refused) < 100
    assert all(each.answers == () for each in refused)


def test_some_questions_need_more_than_one_row(examples: list[Example]) -> None:
    assert any(re.search(r"\. \[\d\]\[\d\]", each.target) for each in examples)


def test_the_row_with_the_greatest_number_answers_what_is_most() -> None:
    most = {column.most: column for domain in DOMAINS for column in domain.columns if column.most}
    asked = 0
    for number in range(400):
        example = table_example("table", "train", None, random.Random(number))
        column = most.get(example.question)
        if column is not None and example.answers:
            asked += 1
            values = {}
            for item in example.evidence:
                cells = dict(cell.split(": ", 1) for cell in shown_text(item).split("; "))
                number_of = re.sub(r"\D", "", cells[column.name].removesuffix(column.unit))
                values[next(iter(cells.values()))] = int(number_of)
            assert max(values, key=lambda name: values[name]) == example.answers[0]
    assert asked > 20


def test_what_is_wrong_is_never_the_target(examples: list[Example]) -> None:
    assert all(each.rejected and each.target not in each.rejected for each in examples)


def test_a_sentence_of_another_document_may_stand_among_the_rows(examples: list[Example]) -> None:
    assert any(item.document == "cats.md" for each in examples for item in each.evidence)


def test_the_same_seed_makes_the_same_table() -> None:
    one, other = (table_example("t", "test", None, random.Random(5)) for _ in range(2))

    assert one == other


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        (
            "Cashier's checks are treated as safe because the bank is liable for the amount.",
            {"Why are Cashier's checks treated as safe?"},
        ),
        (
            "Liam Cunningham (born 2 June 1961) is an Irish stage and screen actor.",
            {"Who is Liam Cunningham?"},
        ),
        (
            "A prime meridian is a line at which longitude is defined to be zero.",
            {
                "What is a prime meridian?",
                "What is meant by a prime meridian?",
                "Explain what a prime meridian is.",
                "Describe a prime meridian.",
            },
        ),
    ],
)
def test_a_sentence_that_explains_becomes_a_question(sentence: str, questions: set[str]) -> None:
    document = {"id": "a", "title": "Other", "text": f"It rains in May. {sentence}"}
    asked = {next(made_questions([document], random.Random(seed))).text for seed in range(40)}

    assert asked == questions


@pytest.mark.parametrize(
    "sentence",
    [
        "It is a small town in the north of the country, with a harbour.",
        "The result is the multiple expansion engine that everyone used.",
        "Cats and dogs sleep.",
    ],
)
def test_a_sentence_that_explains_nothing_by_itself_becomes_none(sentence: str) -> None:
    document = {"id": "a", "title": "Other", "text": f"Rain falls in May. {sentence}"}

    assert list(made_questions([document], random.Random(0))) == []
