"""Which first questions a document gives rise to."""

import pytest

from citewell.app.suggestions import questions_of
from citewell.retrieval.values import Document, Heading


def asked(text: str, *headings: str) -> list[str]:
    document = Document(
        "a.md", "A", text, headings=tuple(Heading(2, heading, 0) for heading in headings)
    )
    return list(questions_of(document))


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("A lighthouse is a tower with a lamp.", "What is a lighthouse?"),
        ("The Gulf Stream is a current.", "What is the Gulf Stream?"),
        ("Minimal pairs are the sharpest test.", "What are minimal pairs?"),
        ("RAG is a way to answer.", "What is RAG?"),
        ("Ships come. Low tide is the time to leave.", "What is low tide?"),
        ("In China, tea is drunk. China is a country.", "What is China?"),
    ],
)
def test_what_a_sentence_defines_is_asked(text: str, question: str) -> None:
    assert asked(text) == [question]


@pytest.mark.parametrize(
    "text",
    [
        "It is a tower.",
        "The following is a list of ships.",
        "Most of these are the work of others.",
        "Ships are loaded at night.",
        "",
    ],
)
def test_what_names_no_subject_is_not_asked(text: str) -> None:
    assert asked(text) == []


def test_a_heading_that_asks_is_asked_after_the_definitions() -> None:
    questions = asked("Tea is a drink.", "Who drinks  tea in China?", "Why?", "Harbours")

    assert questions == ["What is tea?", "Who drinks tea in China?"]
