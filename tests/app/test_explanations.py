"""Telling questions that want a sentence from those that want words."""

import pytest

from citewell.app.explanations import explains


@pytest.mark.parametrize(
    "question",
    [
        "Why did it rain?",
        "How does a pump work?",
        "What does float mean?",
        "Describe the hut.",
        "What is the purpose of the valve?",
        "And who was Hubble?",
        "what's the difference between a pump and a valve",
        "what is an armistice",
        "Who were the painters and what did they do?",
    ],
)
def test_some_questions_want_a_sentence(question: str) -> None:
    assert explains(question)


@pytest.mark.parametrize(
    "question",
    [
        "How many huts are there?",
        "Who built it?",
        "How old is he",
        "Who is the president?",
        "What is Hubble's age?",
        "What was the name of the ship that sank?",
    ],
)
def test_other_questions_want_words(question: str) -> None:
    assert not explains(question)
