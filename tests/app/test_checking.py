"""A sentence of a draft is tied to what supports it, wherever the model pointed."""

import pytest

from citewell.app.checking import Refused, Tie, tie
from citewell.app.drafting import DraftSentence
from citewell.app.evidence import Candidate, Scored
from citewell.app.features import Features
from citewell.retrieval.values import Chunk, Passage, Scores

QUESTION = "How long do animals sleep?"


def scored(text: str, title: str = "Pets") -> Scored:
    passage = Passage(1, Chunk("a.md", 0, len(text), text, headings=("Rest",)), title, 1, Scores())
    return Scored(Candidate(passage, 0, len(text), text, ""), Features(0, 0, 0, 0, 0, 0, 0, 0))


CATS = scored("Cats sleep fourteen hours a day.")
DOGS = scored("Dogs sleep ten hours a day.")
HORSES = scored("Horses sleep three hours a day.")


def tied(text: str, *markers: int, others: tuple[Scored, ...] = ()) -> tuple[str, str] | None:
    """What a sentence is tied to, when cats and dogs were shown, and the state."""
    found = tie(DraftSentence(text, markers), QUESTION, [CATS, DOGS], others)
    return (found.evidence[0].candidate.text, found.state) if found else None


def test_the_evidence_that_was_named_is_verified() -> None:
    assert tied("Dogs sleep ten hours.", 2) == ("Dogs sleep ten hours a day.", "verified")


def test_a_marker_that_points_elsewhere_is_corrected() -> None:
    assert tied("Dogs sleep ten hours.", 1) == ("Dogs sleep ten hours a day.", "corrected")


@pytest.mark.parametrize("marker", [0, 3, 999])
def test_a_marker_that_names_nothing_is_corrected(marker: int) -> None:
    assert tied("Cats sleep fourteen hours.", marker) == (
        "Cats sleep fourteen hours a day.",
        "corrected",
    )


def test_a_sentence_without_markers_is_verified_where_its_support_stands() -> None:
    assert tied("Cats sleep fourteen hours.") == ("Cats sleep fourteen hours a day.", "verified")


def test_one_right_marker_of_several_is_enough() -> None:
    assert tied("Dogs sleep ten hours.", 1, 2) == ("Dogs sleep ten hours a day.", "verified")


def test_support_among_what_was_not_shown_is_found() -> None:
    assert tied("Horses sleep three hours.", 1, others=(HORSES,)) == (
        "Horses sleep three hours a day.",
        "corrected",
    )


def test_what_nothing_supports_is_tied_to_nothing() -> None:
    assert tied("Dogs sleep eleven hours.", 2, others=(HORSES,)) is None


def test_a_mixture_of_two_sources_is_supported_by_neither() -> None:
    assert tied("Cats sleep ten hours.", 1, 2) is None


def test_an_unfinished_sentence_is_tied_to_nothing() -> None:
    unfinished = DraftSentence("Dogs sleep ten hours", (2,), finished=False)

    assert tie(unfinished, QUESTION, [CATS, DOGS], []) == Refused("it breaks off")


@pytest.mark.parametrize("text", ["How long do dogs sleep?", "Animals sleep long."])
def test_the_question_again_is_tied_to_nothing(text: str) -> None:
    assert not tie(DraftSentence(text, (1,)), QUESTION, [scored(text)], [])


def test_of_several_that_support_it_the_one_that_covers_most_is_taken() -> None:
    less, more = scored("Cats sleep fourteen hours."), scored("Cats sleep fourteen hours daily.")

    found = tie(DraftSentence("Cats sleep fourteen hours daily.", ()), QUESTION, [less, more], [])

    assert found == Tie((more,), "verified")


def test_the_title_may_hold_the_name() -> None:
    source = scored("It sleeps ten hours a day.", title="The Dog")

    found = tie(DraftSentence("The Dog sleeps ten hours.", (1,)), QUESTION, [source], [])

    assert found == Tie((source,), "verified")
