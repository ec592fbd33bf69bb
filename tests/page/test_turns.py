"""A turn grows with each event and ends complete, or with a reason."""

from collections.abc import Sequence
from typing import Any

from citewell.app.answer_values import Answered, Event, Said, Searched
from citewell.app.followups import Turn as Past
from citewell.app.page.turns import Turn, follow, kept, shown
from citewell.retrieval.errors import StoreError
from citewell.retrieval.settings import Settings


def steps_of(engine: Any, question: str = "How long?", before: Sequence[Turn] = ()) -> list[Turn]:
    kept_before = [kept(turn) for turn in before]
    return list(follow(engine, "animals", Turn(question), kept_before, Settings()))


def test_the_first_question_says_that_models_are_loaded(make: Any, answered: list[Event]) -> None:
    steps = steps_of(make.engine(answered))

    assert [step.progress for step in steps] == [
        "Loading the models, once …",
        "Reading 1 passage …",
        "Reading 1 passage …",
        "",
    ]


def test_later_questions_say_that_they_search(make: Any, answered: list[Event]) -> None:
    engine = make.engine(answered, asked=[("animals", "Who?")])

    assert steps_of(engine)[0].progress == "Searching …"


def test_each_sentence_comes_with_its_source(make: Any) -> None:
    first = make.sentence("One [1].", make.citation())
    second = make.sentence("Two [2].", make.citation(2, "They stand up while they do."), start=9)
    events = [Searched(()), Said(first), Said(second), Answered(make.answer(first, second))]

    steps = steps_of(make.engine(events))

    assert [len(step.sentences) for step in steps] == [0, 0, 1, 2, 2]
    assert [len(step.cards) for step in steps] == [0, 0, 1, 2, 2]


def test_the_last_step_holds_the_answer(make: Any, answered: list[Event]) -> None:
    *others, last = steps_of(make.engine(answered))

    assert last.answer is not None
    assert last.answer.text == "They sleep two hours [1]."
    assert all(step.answer is None for step in others)


def test_a_follow_up_goes_with_the_turns_that_were_answered(
    make: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    *_, first = steps_of(engine)

    steps_of(engine, "Why?", [first, Turn("Stopped?")])

    assert engine.histories == [(), (Past("How long?", "They sleep two hours [1]."),)]


def test_a_question_made_to_stand_alone_is_part_of_the_turn(make: Any) -> None:
    events = [Searched((), "Why do elephants sleep?"), Answered(make.answer())]

    _, searched, last = steps_of(make.engine(events), "Why?")

    assert (searched.standalone, last.standalone) == (("Why do elephants sleep?",) * 2)


def test_an_error_ends_the_turn_with_its_message(make: Any) -> None:
    said = make.sentence("One [1].", make.citation())
    engine = make.engine([Said(said), StoreError("The store is damaged. Run: citewell doctor")])

    *_, last = steps_of(engine)

    assert last.error == "The store is damaged. Run: citewell doctor"
    assert last.sentences == (said,)
    assert last.progress == ""


def test_a_turn_cut_short_counts_as_stopped(make: Any, answered: list[Event]) -> None:
    steps = steps_of(make.engine(answered))

    assert [step.stopped for step in steps] == [True, True, True, False]


def test_a_turn_keeps_its_id_and_time_to_its_end(make: Any, answered: list[Event]) -> None:
    steps = steps_of(make.engine(answered))

    assert {(step.id, step.asked) for step in steps} == {(steps[0].id, steps[0].asked)}


def test_a_kept_turn_is_shown_as_it_was(make: Any, answered: list[Event]) -> None:
    engine = make.engine(answered)
    *_, last = steps_of(engine)

    assert shown(engine, "animals", kept(last)) == last
