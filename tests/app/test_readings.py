"""A question that does not say which one it means is answered with the readings on offer."""

import pytest

from citewell.app.evidence import Candidate, Scored
from citewell.app.features import Features, Question
from citewell.app.readings import readings
from citewell.retrieval.values import Chunk, Passage, Scores
from citewell.retrieval.words import STOP_WORDS, stems, words

NOTICE = "What is the notice period?"
CONTRACTS = (
    ("Lease of the shop", "The notice period is three months to the end of a quarter."),
    ("Contract of employment", "The notice period is 4 weeks to the end of a month."),
    ("Phone plan", "The notice period is 30 days to the end of a month."),
)


def offers(question: str, *documents: tuple[str, str], kind: float = 0.0) -> list[tuple[str, str]]:
    """Return the questions and evidence on offer; each document falls half a point behind."""
    found, scored = [], []
    for rank, (title, text) in enumerate(documents, 1):
        chunk = Chunk(f"{rank}.md", 0, len(text), text)
        found.append(Passage(rank, chunk, title, 1.0, Scores()))
        features = Features(1.0, 1.0, 0.5, 1 / rank, 0.5, kind, 0.0, 0.0)
        unit = Candidate(found[-1], 0, len(text), text, "")
        scored.append(Scored(unit, features, score=-rank / 2))
    asked = dict.fromkeys(stems([w for w in words(question) if w not in STOP_WORDS]), 1.0)
    made = readings(Question(question, asked), scored, found)
    return [(offer.question, offer.evidence.candidate.text) for offer in made]


def test_three_contracts_offer_three_readings_each_with_its_own_words() -> None:
    assert offers(NOTICE, *CONTRACTS) == [
        ("What is the notice period (Lease of the shop)?", CONTRACTS[0][1]),
        ("What is the notice period (Contract of employment)?", CONTRACTS[1][1]),
        ("What is the notice period (Phone plan)?", CONTRACTS[2][1]),
    ]


def test_of_five_companies_four_are_offered() -> None:
    names = {"Alba": 1901, "Berg": 1902, "Ceto": 1903, "Dora": 1904, "Elmo": 1905}
    companies = [
        (name, f"{name} was founded in {year} in the city.") for name, year in names.items()
    ]

    assert [question for question, _ in offers("When was it founded?", *companies, kind=1.0)] == [
        "When was it founded (Alba)?",
        "When was it founded (Berg)?",
        "When was it founded (Ceto)?",
        "When was it founded (Dora)?",
    ]


@pytest.mark.parametrize(
    "question",
    [
        "What is the notice period of the Berlin flat?",
        "What is the latest notice period?",
        "What was the notice period in 2020?",
        "How can I give notice?",
        "What is the notice period that a tenant who moves abroad must keep?",
    ],
)
def test_a_question_that_says_which_one_or_asks_no_fact_is_clear(question: str) -> None:
    assert offers(question, *CONTRACTS) == []


def test_documents_that_say_the_same_offer_one_reading_only() -> None:
    text = "The notice period is 30 days."
    assert offers(NOTICE, ("Phone plan", text), ("Internet plan", text)) == []


def test_the_title_that_the_question_names_is_no_reading() -> None:
    assert offers("What is the plan period?", *[(f"Plan {n}", f"The plan period is {n} days.")
                  for n in (3, 4)]) == []  # fmt: skip


def test_statements_of_another_kind_are_no_other_reading() -> None:
    assert (
        offers(
            NOTICE,
            ("Lease", "The notice period is 3 months."),
            ("History", "Under Roman law, 12 tables had a notice period as Livy and others wrote."),
        )
        == []
    )


def test_what_does_not_hold_the_kind_of_thing_asked_for_is_no_reading() -> None:
    assert offers(NOTICE, *CONTRACTS, kind=-1.0) == []


def test_sections_of_one_document_are_told_by_their_headings() -> None:
    scored, found = [], []
    for rank, (heading, text) in enumerate(CONTRACTS[:2], 1):
        chunk = Chunk("all.md", 0, len(text), text, headings=("Contracts", heading))
        found.append(Passage(rank, chunk, "Contracts", 1.0, Scores()))
        features = Features(1.0, 1.0, 0.5, 1 / rank, 0.5, 0.0, 0.0, 0.0)
        scored.append(Scored(Candidate(found[-1], 0, len(text), text, ""), features))
    asked = Question(NOTICE, {"notic": 1.0, "period": 1.0})

    assert [offer.about for offer in readings(asked, scored, found)] == [
        "Lease of the shop",
        "Contract of employment",
    ]
