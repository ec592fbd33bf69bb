"""Answers go on in the process while nobody looks, one after another where there is no room."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import pytest

from citewell.app.llms.cancelling import is_stopped
from citewell.app.page.runs import FAULT, Run, Runs
from citewell.app.page.turns import Turn
from citewell.retrieval.errors import StoreError

SECONDS = 20


@dataclass
class Answering:
    """An answer of some steps that waits before each until it is let go on."""

    steps: int = 1
    begun: Event = field(default_factory=Event)
    gates: list[Event] = field(default_factory=list)
    left: Event = field(default_factory=Event)
    kept: list[Turn] = field(default_factory=list)
    was_kept: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.gates = [Event() for _ in range(self.steps)]

    def turns(self) -> Iterator[Turn]:
        self.begun.set()
        try:
            for number, gate in enumerate(self.gates, start=1):
                assert gate.wait(SECONDS)
                yield Turn("How long?", progress=f"step {number}")
        finally:
            self.left.set()

    def keep(self, turn: Turn) -> None:
        self.kept.append(turn)
        self.was_kept.set()

    def let_go(self) -> None:
        for gate in self.gates:
            gate.set()


Begin = Callable[..., Run]


@pytest.fixture
def runs() -> Iterator[Runs]:
    place_for_one = Runs(1)
    yield place_for_one
    place_for_one.close()


@pytest.fixture
def begin(runs: Runs) -> Begin:
    def start(key: str, answering: Answering) -> Run:
        return runs.start(key, Turn("How long?"), answering.turns, answering.keep)

    return start


def seen(run: Run) -> list[str]:
    """What a look at a run shows until it is over, without repetitions."""
    progress: list[str] = []
    for turn in run.updates():
        if turn.progress not in progress[-1:]:
            progress.append(turn.progress)
    return progress


def test_an_answer_is_followed_to_its_end_and_kept(begin: Begin) -> None:
    answering = Answering(steps=2)
    run = begin("a", answering)
    answering.let_go()

    assert seen(run)[-1] == ""
    assert run.over
    assert [turn.progress for turn in answering.kept] == [""]


def test_it_goes_on_while_nobody_looks(begin: Begin) -> None:
    answering = Answering(steps=3)
    begin("a", answering)
    answering.let_go()

    assert answering.was_kept.wait(SECONDS)


def test_a_second_look_begins_where_the_answer_is(begin: Begin) -> None:
    answering = Answering(steps=2)
    run = begin("a", answering)
    first = run.updates()
    answering.gates[0].set()
    while next(first).progress != "step 1":
        pass

    assert next(run.updates()).progress == "step 1"


def test_a_look_comes_round_though_nothing_changes(begin: Begin) -> None:
    answering = Answering()
    looks = begin("a", answering).updates()

    assert [next(looks).question for _ in range(3)] == ["How long?"] * 3


def test_an_answer_under_way_is_found_by_its_key(runs: Runs, begin: Begin) -> None:
    run = begin("a", Answering())

    assert runs.of("a") is run
    assert runs.of("b") is None


def test_an_answer_that_is_over_is_found_no_more(runs: Runs, begin: Begin) -> None:
    answering = Answering()
    run = begin("a", answering)
    answering.let_go()
    seen(run)

    assert runs.of("a") is None


def test_without_room_an_answer_waits_for_those_before_it(begin: Begin) -> None:
    first, second, third = Answering(), Answering(), Answering()
    looks = [
        begin(key, answering) for key, answering in zip("abc", (first, second, third), strict=True)
    ]
    assert first.begun.wait(SECONDS)

    assert [run.ahead for run in looks] == [0, 1, 2]
    assert not second.begun.is_set()


def test_those_that_waited_begin_in_order(begin: Begin) -> None:
    first, second, third = Answering(), Answering(), Answering()
    looks = [
        begin(key, answering) for key, answering in zip("abc", (first, second, third), strict=True)
    ]

    first.let_go()
    assert second.begun.wait(SECONDS)

    assert [run.ahead for run in looks] == [0, 0, 1]


def test_a_stopped_answer_keeps_what_there_is_and_makes_place(begin: Begin) -> None:
    first, second = Answering(steps=2), Answering()
    run = begin("a", first)
    begin("b", second)
    first.gates[0].set()
    for turn in run.updates():
        if turn.progress == "step 1":
            run.stop()

    assert run.over
    assert first.kept == [run.latest]
    first.gates[1].set()
    assert first.left.wait(SECONDS)
    assert second.begun.wait(SECONDS)


def test_a_stop_reaches_the_model_that_is_waited_for(runs: Runs) -> None:
    begun, stopped = Event(), Event()

    def steps() -> Iterator[Turn]:
        begun.set()
        while not is_stopped():
            pass
        stopped.set()
        yield Turn("How long?")

    run = runs.start("a", Turn("How long?"), steps, lambda turn: None)
    assert begun.wait(SECONDS)
    run.stop()

    assert stopped.wait(SECONDS)


def test_what_comes_after_the_stop_is_not_shown(begin: Begin) -> None:
    answering = Answering(steps=2)
    run = begin("a", answering)
    run.stop()
    stopped = run.latest

    answering.let_go()
    assert answering.left.wait(SECONDS)

    assert run.latest == stopped
    assert answering.kept == [stopped]


def test_one_that_waits_can_be_stopped_before_it_begins(begin: Begin) -> None:
    first, second, third = Answering(), Answering(), Answering()
    begin("a", first)
    waiting = begin("b", second)
    last = begin("c", third)

    waiting.stop()

    assert last.ahead == 1
    assert [turn.stopped for turn in second.kept] == [True]
    first.let_go()
    assert third.begun.wait(SECONDS)
    assert not second.begun.is_set()


def test_a_new_question_of_the_same_key_stops_the_last(runs: Runs, begin: Begin) -> None:
    first = begin("a", Answering())
    second = begin("a", Answering())

    assert first.over
    assert runs.of("a") is second


def test_closing_stops_all(runs: Runs, begin: Begin) -> None:
    under_way = [begin(key, Answering()) for key in "ab"]

    runs.close()

    assert [run.over for run in under_way] == [True, True]


def test_an_answer_that_cannot_be_kept_says_so(runs: Runs) -> None:
    def full(turn: Turn) -> None:
        raise StoreError("The disk is full. Make room.")

    def steps() -> Iterator[Turn]:
        yield Turn("How long?")

    run = runs.start("a", Turn("How long?"), steps, full)

    *_, last = run.updates()
    assert last.error == "This answer could not be kept. The disk is full. Make room."


def test_a_mistake_of_ours_ends_the_answer_with_a_message(
    runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    def steps() -> Iterator[Turn]:
        yield Turn("How long?", progress="step 1")
        raise ZeroDivisionError("of ours")

    keep: list[Turn] = []
    with caplog.at_level(logging.ERROR):
        *_, last = runs.start("a", Turn("How long?"), steps, keep.append).updates()

    assert last.error == FAULT
    assert keep == [last]
    assert "ZeroDivisionError: of ours" in caplog.text


def test_two_are_answered_at_once_where_there_is_room() -> None:
    runs = Runs(2)
    answers: list[Any] = [Answering(), Answering()]
    for key, answering in zip("ab", answers, strict=True):
        runs.start(key, Turn("How long?"), answering.turns, answering.keep)

    assert all(answering.begun.wait(SECONDS) for answering in answers)
    runs.close()
