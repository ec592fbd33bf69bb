"""A sentence of a draft is tied to what supports it, wherever the model pointed."""

from collections.abc import Sequence
from typing import Protocol

import pytest

from citewell.app.checking import Checks, Refused, Tie, tie
from citewell.app.drafting import DraftSentence
from citewell.app.evidence import Candidate, Scored
from citewell.app.features import Features
from citewell.app.units import candidates
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import Chunk, Document, Page, Passage, Scores

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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Dogs sleep eleven hours a day.", "the source says ten hours, not eleven hours"),
        ("Dogs do not sleep ten hours a day.", "one denies what the other says"),
        ("Elephants live in the savanna.", "no evidence says this"),
    ],
)
def test_a_refusal_says_why_in_plain_words(text: str, reason: str) -> None:
    assert tie(DraftSentence(text, (2,)), QUESTION, [CATS, DOGS], []) == Refused(reason)


def test_two_pieces_may_say_a_sentence_together() -> None:
    naps = scored("Cats purr in their owner's lap.")

    found = tie(
        DraftSentence("Cats sleep fourteen hours a day and purr in their owner's lap.", (1,)),
        QUESTION,
        [CATS, naps],
        [],
    )

    assert isinstance(found, Tie)
    assert set(found.evidence) == {CATS, naps}


def test_two_pieces_about_different_things_are_not_put_together() -> None:
    said = "Cats purr all the time and sleep ten hours a day."

    assert not tie(
        DraftSentence(said, (1, 2)), QUESTION, [scored("Cats purr all the time."), DOGS], []
    )


def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it() -> None:
    text = "Ada Lovelace wrote on engines in London. She died in 1852."
    passage = Passage(1, Chunk("a.md", 0, len(text), text), "People", 1, Scores())
    _, second = candidates([passage])
    shown = [Scored(second, Features(0, 0, 0, 0, 0, 0, 0, 0))]

    found = tie(DraftSentence("Ada Lovelace died in 1852.", (1,)), "When?", shown, [])

    assert isinstance(found, Tie)
    assert found.evidence[0].candidate.text == text


def test_a_figure_of_something_else_is_no_correction() -> None:
    acme = scored("Acme sells bikes in Rome.", title="Acme")
    bolt = scored("The profit was 5 million in 2020.", title="Bolt")
    said = DraftSentence("The profit was 5 million in 2020.", (1,))

    assert not tie(said, "What was the profit of Acme in 2020?", [acme], [bolt])
    assert tie(said, "What was the profit of Bolt in 2020?", [acme], [bolt])


class Library(Protocol):
    def put(self, name: str, *texts: str, pages: Sequence[Page] = ...) -> Document: ...


def evidence(document: Document, text: str) -> Scored:
    start = document.text.index(text)
    passage = Passage(1, Chunk(document.name, start, start + len(text), text), "T", 1, Scores())
    candidate = Candidate(passage, start, start + len(text), text, "")
    return Scored(candidate, Features(0, 0, 0, 0, 0, 0, 0, 0))


@pytest.mark.parametrize("filling", ["", "Nothing of note. " * 400])
def test_support_on_the_page_or_in_the_document_that_was_named_is_found(
    library: Library, retriever: Retriever, filling: str
) -> None:
    wanted = "Foxes sleep nine hours under old trees."
    document = library.put("foxes.md", "Foxes hunt alone.", filling or "Else.", wanted)
    named = evidence(document, "Foxes hunt alone.")
    said = DraftSentence("Foxes sleep nine hours under trees.", (1,))

    found = tie(said, "How long do foxes sleep?", [named], [], Checks(retriever))

    assert isinstance(found, Tie)
    assert (found.evidence[0].candidate.text, found.state) == (wanted, "corrected")
    assert not tie(said, "How long do foxes sleep?", [named], [])


class Stubborn:
    """An entailment model that never agrees."""

    name = "stubborn"

    def entails(self, text: str, sentence: str) -> bool:
        return False


def test_what_the_entailment_model_denies_is_refused(retriever: Retriever) -> None:
    said = DraftSentence("Dogs sleep ten hours.", (2,))

    found = tie(said, QUESTION, [CATS, DOGS], [], Checks(retriever, Stubborn()))

    assert found == Refused("the entailment model finds that the source does not say this")


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("Das Haus wurde 1889 von Maria gebaut.", True),
        ("Das Haus wurde 1898 von Maria gebaut.", False),
        ("Das Boot wurde gestern von Peter versenkt.", False),
    ],
)
def test_sentences_in_another_language_are_compared_too(text: str, is_said: bool) -> None:
    source = scored("Das alte Haus wurde im Jahr 1889 von Maria und ihrem Bruder gebaut.")

    assert bool(tie(DraftSentence(text, (1,)), "Wann wurde es gebaut?", [source], [])) is is_said


def test_chinese_is_compared_by_its_characters() -> None:
    source = scored("这座塔于1889年在巴黎建成，是为世界博览会而建的，高三百三十米。")

    assert tie(DraftSentence("这座塔于1889年在巴黎建成。", (1,)), "塔？", [source], [])
    assert not tie(DraftSentence("这座塔于1898年在巴黎建成。", (1,)), "塔？", [source], [])
