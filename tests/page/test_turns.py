"""A turn grows with each event and ends complete, or with a reason."""

from typing import Any

from citewell.app.answer_values import Answered, Event, Said, Searched
from citewell.app.followups import Turn as Past
from citewell.app.page.turns import Turn, follow
from citewell.retrieval.errors import StoreError


def test_the_first_question_says_that_models_are_loaded(make: Any, answered: list[Event]) -> None:
    steps = list(follow(make.engine(answered), "animals", "How long?"))

    assert [step.progress for step in steps] == [
        "Loading the models, once …",
        "Reading 1 passage …",
        "Reading 1 passage …",
        "",
    ]


def test_later_questions_say_that_they_search(make: Any, answered: list[Event]) -> None:
    engine = make.engine(answered, asked=[("animals", "Who?")])

    assert next(follow(engine, "animals", "How long?")).progress == "Searching …"


def test_each_sentence_comes_with_its_source(make: Any) -> None:
    first = make.sentence("One [1].", make.citation())
    second = make.sentence("Two [2].", make.citation(2, "They stand up while they do."), start=9)
    events = [Searched(()), Said(first), Said(second), Answered(make.answer(first, second))]

    steps = list(follow(make.engine(events), "animals", "How long?"))

    assert [len(step.sentences) for step in steps] == [0, 0, 1, 2, 2]
    assert [len(step.cards) for step in steps] == [0, 0, 1, 2, 2]


def test_the_last_step_holds_the_answer(make: Any, answered: list[Event]) -> None:
    *others, last = follow(make.engine(answered), "animals", "How long?")

    assert last.answer is not None
    assert last.answer.text == "They sleep two hours [1]."
    assert all(step.answer is None for step in others)


def test_a_follow_up_goes_with_the_turns_that_were_answered(
    make: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    *_, first = follow(engine, "animals", "How long?")

    list(follow(engine, "animals", "Why?", [first, Turn("Stopped?")]))

    assert engine.histories == [(), (Past("How long?", "They sleep two hours [1]."),)]


def test_a_question_made_to_stand_alone_is_part_of_the_turn(make: Any) -> None:
    events = [Searched((), "Why do elephants sleep?"), Answered(make.answer())]

    _, searched, last = follow(make.engine(events), "animals", "Why?")

    assert (searched.standalone, last.standalone) == (("Why do elephants sleep?",) * 2)


def test_an_error_ends_the_turn_with_its_message(make: Any) -> None:
    said = make.sentence("One [1].", make.citation())
    engine = make.engine([Said(said), StoreError("The store is damaged. Run: citewell doctor")])

    *_, last = follow(engine, "animals", "How long?")

    assert last.error == "The store is damaged. Run: citewell doctor"
    assert last.sentences == (said,)
    assert last.progress == ""


def test_a_turn_cut_short_counts_as_stopped(make: Any, answered: list[Event]) -> None:
    steps = list(follow(make.engine(answered), "animals", "How long?"))

    assert [step.stopped for step in steps] == [True, True, True, False]
