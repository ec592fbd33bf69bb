"""A model that is far below its own evidence may add to an answer and never takes from it."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Protocol

import pytest

from citewell.app.answer_values import Answer
from citewell.app.answering import Answerer
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.reading.reader import ReadablePassage, Reading, UnitReading
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings

QUESTION = "When does the car park close?"
LONG = "The car park behind the north gate closes at 20:00 on each evening of the working week."


class Library(Protocol):
    def put(self, name: str, *texts: str, title: str = ...) -> object: ...


class Model(Protocol):
    taught: bool
    small: bool
    shown: list[tuple[Message, ...]]

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def context_tokens(self) -> int | None: ...
    def count_tokens(self, text: str) -> int: ...
    def stream(
        self, messages: Sequence[Message], settings: GenerationSettings
    ) -> Generator[str]: ...
    def close(self) -> None: ...


class Pointing:
    """A reader that takes the first unit with a phrase for the answer, and the phrase for it."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase

    def read(self, question: str, passages: Sequence[ReadablePassage]) -> list[Reading]:
        return [self._read(passage) for passage in passages]

    def _read(self, passage: ReadablePassage) -> Reading:
        at = passage.text.find(self.phrase)
        units = tuple(
            UnitReading(6.0, (at, at + len(self.phrase)), 6.0)
            if start <= at < end
            else UnitReading(-6.0, None, -6.0)
            for start, end in passage.units
        )
        return Reading(-6.0 if at < 0 else 6.0, units)


Ask = Callable[..., tuple[Answer, Model]]


@pytest.fixture
def ask(library: Library, retriever: Retriever, scripted: Callable[[list[str]], Any]) -> Ask:
    """Asks about the car park with a scripted model that passes for a small one."""
    library.put("parking.md", LONG, title="Parking")

    def answer(
        draft: str,
        *,
        taught: bool = False,
        small: bool = True,
        finds: str = "20:00",
        question: str = QUESTION,
        **chosen: object,
    ) -> tuple[Answer, Model]:
        model: Model = scripted([draft])
        model.taught, model.small = taught, small
        settings = Settings.model_validate({"threshold": 0.01, **chosen})
        return Answerer(retriever, model, settings, reader=Pointing(finds)).answer(question), model

    return answer


def test_a_shorter_sentence_that_says_the_answer_stands_behind_the_quote(ask: Ask) -> None:
    answer, _ = ask("The car park closes at 20:00 [1].")

    assert answer.text == f"{LONG} [1] The car park closes at 20:00. [1]"
    assert (answer.mode, answer.left_out) == ("generated", ())


@pytest.mark.parametrize(
    "draft",
    ["The car park is behind the north gate [1].", LONG.replace("on each evening", "each evening")],
)
def test_what_says_less_or_the_same_again_gives_way_to_the_quote(ask: Ask, draft: str) -> None:
    answer, _ = ask(draft)

    assert (answer.text, answer.mode) == (f"{LONG} [1]", "extractive")
    (left_out,) = answer.left_out
    assert left_out.reason == "the documents' own words answer more directly"
    assert answer.notices == ("The answer is quoted from the documents.",)


def test_without_words_to_spare_the_model_is_not_asked(ask: Ask) -> None:
    answer, model = ask("The car park closes at 20:00 [1].", answer_words=20)

    assert (answer.text, answer.sent, model.shown) == (f"{LONG} [1]", None, [])


def test_what_fails_its_check_is_listed_and_no_loss_to_the_answer(ask: Ask) -> None:
    answer, _ = ask("The car park closes at 23:00 [1].")

    assert [each.text for each in answer.left_out] == ["The car park closes at 23:00."]
    assert answer.notices == ("The answer is quoted from the documents.",)


def test_a_taught_model_answers_in_a_few_words_that_the_reader_found_too(ask: Ask) -> None:
    answer, _ = ask("20:00. [1]", taught=True)

    assert (answer.text, answer.mode, answer.left_out) == ("20:00. [1]", "generated", ())


def test_where_a_taught_model_and_the_reader_disagree_the_documents_speak(ask: Ask) -> None:
    answer, _ = ask("20:00. [1]", taught=True, finds="each evening")

    assert (answer.text, answer.mode) == (f"{LONG} [1]", "extractive")
    (left_out,) = answer.left_out
    assert left_out.reason == "the documents' own words answer more directly"


def test_a_model_that_is_not_small_speaks_for_itself(ask: Ask) -> None:
    answer, _ = ask("north gate. [1]", taught=True, small=False)

    assert answer.text.startswith("north gate. [1]")


def test_where_the_reader_found_no_words_a_taught_model_speaks(ask: Ask) -> None:
    answer, _ = ask("20:00. [1]", taught=True, finds="nothing of this")

    assert answer.text.startswith("20:00. [1]")


def test_what_is_not_of_the_kind_that_is_asked_for_gives_way(ask: Ask) -> None:
    answer, _ = ask("north gate. [1]", taught=True, finds="north gate")

    assert (answer.text, answer.mode) == (f"{LONG} [1]", "extractive")


def test_an_explanation_is_not_cut_to_a_part_of_the_sentence_that_gives_it(ask: Ask) -> None:
    why = "Why does the car park close at 20:00?"
    answer, _ = ask("closes at 20:00 on each evening. [1]", taught=True, question=why)

    assert (answer.text, answer.mode) == (f"{LONG} [1]", "extractive")


def test_a_refusal_of_a_taught_model_leaves_the_quote(ask: Ask) -> None:
    answer, _ = ask("not found", taught=True)

    assert (answer.text, answer.mode) == (f"{LONG} [1]", "extractive")
