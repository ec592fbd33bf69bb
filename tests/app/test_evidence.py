"""Evidence is the sentences of the passages, each in its place, the likeliest answer first."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from citewell.app.evidence import (
    MOST_CANDIDATES,
    MOST_READ,
    candidates,
    concerns,
    gather,
    numbered,
    understand,
)
from citewell.app.features import Question, kind_matches
from citewell.app.reading.reader import ReadablePassage, Reading, UnitReading
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import Chunk, Passage, Scores


def passage(text: str, rank: int = 1, title: str = "Title", start: int = 0) -> Passage:
    chunk = Chunk(f"{rank}.md", start, start + len(text), text, headings=("Title", "Sleep"))
    return Passage(rank, chunk, title, 1.0, Scores(dense=0.5))


def texts(*passages: Passage) -> list[str]:
    return [candidate.text for candidate in candidates(passages)]


def test_each_sentence_of_a_passage_is_a_candidate_in_its_place() -> None:
    found = candidates([passage("Cats sleep a lot. Dogs do not sleep.", start=100)])

    assert [(item.start, item.end, item.text) for item in found] == [
        (100, 117, "Cats sleep a lot."),
        (118, 136, "Dogs do not sleep."),
    ]


def test_a_sentence_comes_once_however_often_it_is_found() -> None:
    one, two = passage("Cats sleep a lot. So do dogs."), passage("CATS sleep, a lot!", rank=2)

    assert texts(one, two) == ["Cats sleep a lot.", "So do dogs."]


def test_headings_and_scraps_are_no_candidates() -> None:
    assert texts(passage("# Title\n\nSleep\n\nSee below.\n\nIn 1990.\n\nCats sleep a lot.")) == [
        "In 1990.",
        "Cats sleep a lot.",
    ]


def test_a_sentence_is_seen_with_its_headings_and_neighbours() -> None:
    second = candidates([passage("Cats sleep well. So do dogs. Horses do not. Cows do.")])[1]

    assert second.around == "Title Title Sleep Cats sleep well. Horses do not."


def test_a_row_of_a_table_is_seen_with_its_header() -> None:
    table = "| animal | hours |\n| the cat | 14 |\n| the dog | 10 |"

    assert candidates([passage(table)])[1].around == "Title Title Sleep | animal | hours |"


def test_a_row_with_tabs_between_its_cells_is_seen_with_its_header() -> None:
    table = "animal\thours\nthe cat\t14\nthe dog\t10"

    assert candidates([passage(table)])[1].around == "Title Title Sleep animal\thours"


def test_a_title_in_capitals_is_no_candidate() -> None:
    assert texts(passage("The Boeing Company Subsidiaries\n\nCats sleep a lot.")) == [
        "Cats sleep a lot."
    ]


def test_what_speaks_of_something_the_question_names_comes_first(retriever: Retriever) -> None:
    other = passage("Our headquarters are in San Jose, and the cat sleeps there.", rank=1)
    meant = passage("The firm Boeing is mentioned here in passing.", rank=2)
    question = understand("Where are the headquarters of Boeing?", retriever)

    found = gather(question, [other, meant], retriever)

    assert [item.candidate.passage.rank for item in found] == [2, 1]


def test_a_document_named_after_it_concerns_what_the_question_names() -> None:
    found = replace(
        passage("Our headquarters moved."),
        chunk=replace(passage("Our headquarters moved.").chunk, document="BOEING_2022.pdf"),
    )

    assert concerns(Question("Where is Boeing?", {}), found)
    assert not concerns(Question("Where is Adobe?", {}), found)
    assert concerns(Question("Where is it?", {}), found)


def test_no_passages_give_no_evidence(retriever: Retriever) -> None:
    assert gather(understand("cats?", retriever), [], retriever) == []


def test_the_sentence_with_the_answer_comes_first(retriever: Retriever) -> None:
    question = "What guards the house at night?"

    found = gather(understand(question, retriever), retriever.search(question), retriever)

    assert found[0].candidate.text == "A dog guards the house at night."
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_what_is_common_in_the_collection_weighs_less(retriever: Retriever) -> None:
    weights = understand("Do horses sleep on hay?", retriever).weights

    assert weights["sleep"] < weights["hay"] < 1
    assert weights["sleep"] < weights["hors"] < 1


def test_at_most_so_many_sentences_are_compared_by_meaning(retriever: Retriever) -> None:
    many = [passage(f"Cat number {i} sleeps here.", rank=i + 1) for i in range(60)]

    assert len(gather(understand("Which cat?", retriever), many, retriever)) == MOST_CANDIDATES


def test_evidence_found_by_words_alone_is_compared_by_meaning_too(retriever: Retriever) -> None:
    question = "How long do cats sleep?"
    asked = understand(question, retriever)

    found = gather(asked, retriever.search(question, mode="lexical"), retriever)

    assert found[0].candidate.text == "Cats sleep fourteen hours a day."
    assert found[0].features.passage == pytest.approx(1.0)


def test_evidence_is_numbered_in_the_order_given(retriever: Retriever) -> None:
    question = "How long do cats sleep?"
    found = gather(understand(question, retriever), retriever.search(question), retriever)

    first, second = numbered(found[:2])

    assert (first.number, first.text) == (1, "Cats sleep fourteen hours a day.")
    assert (first.document, first.start, first.end, first.title) == ("cats.md", 0, 32, "Cats")
    assert second.number == 2


@pytest.mark.parametrize(
    ("question", "sentence", "kind"),
    [
        ("How many cats are there?", "There are 7 cats.", 1.0),
        ("How many cats are there?", "There are cats.", -1.0),
        ("How many of the 7 cats sleep?", "All of the 7 cats sleep.", -1.0),
        ("When was it built?", "It was built in March.", 1.0),
        ("When was it built?", "It was built by 20 men.", -1.0),
        ("Who built it?", "Eiffel built it.", 1.0),
        ("Who built it?", "The men built it.", -1.0),
        ("Why do cats purr?", "They purr because they are happy.", 1.0),
        ("Why do cats purr?", "They purr.", -1.0),
        ("What is a cat?", "An animal.", 0.0),
    ],
)
def test_the_kind_of_thing_asked_for_is_known(question: str, sentence: str, kind: float) -> None:
    assert kind_matches(question, sentence) == kind


class KeenReader:
    """Finds the answer wherever a word stands, and keeps what it was asked to read."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.read_texts: list[str] = []
        self.contexts: list[str] = []

    def read(self, question: str, passages: Sequence[ReadablePassage]) -> list[Reading]:
        self.read_texts += [each.text for each in passages]
        self.contexts += [each.context for each in passages]
        return [
            Reading(0.0, tuple(self._unit(each.text, unit) for unit in each.units))
            for each in passages
        ]

    def _unit(self, text: str, unit: tuple[int, int]) -> UnitReading:
        at = text.find(self._word, *unit)
        if at < 0:
            return UnitReading(-20.0, None, -20.0)
        return UnitReading(20.0, (at, at + len(self._word)), 20.0)


def test_a_reader_puts_what_answers_first_and_says_where(retriever: Retriever) -> None:
    text = "The cat lives in the house. It eats fish in spring."
    question = understand("Where does the cat live in the house?", retriever)

    found = gather(question, [passage(text, start=100)], retriever, KeenReader("fish"))

    assert [item.candidate.text for item in found] == [
        "It eats fish in spring.",
        "The cat lives in the house.",
    ]
    assert [item.focus for item in found] == [(136, 140), None]
    assert [item.features.reads for item in found] == [20.0, -20.0]
    assert [round(item.probability or 0.0, 2) for item in found] == [1.0, 0.0]


def test_a_reader_reads_a_passage_with_its_title_and_headings(retriever: Retriever) -> None:
    reader = KeenReader("cat")

    gather(understand("cat?", retriever), [passage("The cat sleeps.")], retriever, reader)

    assert (reader.contexts, reader.read_texts) == (["Title > Sleep"], ["The cat sleeps."])


def test_a_reader_reads_the_best_passages_alone(retriever: Retriever) -> None:
    many = [passage(f"Cat number {i} sleeps here.", rank=i + 1) for i in range(7)]
    reader = KeenReader("number")

    found = gather(understand("Which cat?", retriever), many, retriever, reader)

    assert len(reader.read_texts) == MOST_READ
    assert [item.features.unread for item in found] == [0.0] * 5 + [1.0] * 2


def test_a_reader_is_not_given_a_language_it_was_not_taught(retriever: Retriever) -> None:
    reader = KeenReader("猫")
    question = understand("猫在哪里睡觉？", retriever)

    found = gather(question, [passage("猫在屋子里睡觉，狗在院子里睡觉。")], retriever, reader)

    assert reader.read_texts == []
    assert len(found) == 1


def test_questions_are_compared_in_the_language_of_the_documents(retriever: Retriever) -> None:
    text = (
        "Die Häuser in der Stadt sind alt und mit Holz gebaut. "
        "Der Fluss ist in der Mitte der Stadt und nicht tief."
    )

    (first, second) = gather(understand("Haus Holz", retriever), [passage(text)], retriever)

    assert first.candidate.text.startswith("Die Häuser")
    assert first.features.coverage == 1.0
    assert second.features.coverage == 0.0


def test_words_without_spaces_are_compared_in_pairs(retriever: Retriever) -> None:
    text = "华沙大学建于1816年。老城的歌厅叫做摩摩斯。"

    found = gather(understand("华沙的歌厅叫什么？", retriever), [passage(text)], retriever)

    assert [round(item.features.coverage, 2) for item in found] == [0.43, 0.14]
