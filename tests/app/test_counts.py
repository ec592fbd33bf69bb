"""Telling the number that is asked for from those beside it."""

import pytest

from citewell.app.counts import counts_another

BERT = "BERT-large has 24 layers, 16 attention heads and 340 million parameters."


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        ("How many parameters does BERT-large have?", "24 layers.", True),
        ("How many parameters does BERT-large have?", "340 million.", False),
        ("how many layers has it", "twenty-four", False),
        ("how many layers has it", "24", False),
        ("how many layers has it", "16", True),
        ("How many heads does it have?", "24", False),
        ("How large is BERT?", "24 layers.", False),
        ("How many parameters does BERT-large have?", "BERT-large", False),
    ],
)
def test_a_number_of_something_else_is_told(question: str, text: str, told: bool) -> None:
    assert counts_another(question, text, BERT) is told


def test_numbers_in_words_and_with_marks_of_thousands_are_read() -> None:
    evidence = "It has two wings and 1,200 rooms."

    assert counts_another("How many wings are there?", "1,200", evidence)
    assert not counts_another("How many wings are there?", "2", evidence)
    assert not counts_another("How many rooms are there?", "1200 rooms", evidence)
