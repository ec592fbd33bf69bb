"""Threads that ask while a pass is under way share the next one, and each gets its own result."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from citewell.retrieval.encoder_turns import Turns

Ask = Callable[[list[int]], Future[list[int]]]


class Doubling:
    """Doubles numbers; its first pass waits to be let go. Keeps what each pass was given."""

    def __init__(self) -> None:
        self.passes: list[list[int]] = []
        self.started = Event()
        self.go = Event()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.passes.append(list(items))
        self.started.set()
        assert self.go.wait(30)
        if -1 in items:
            raise ValueError("minus one")
        if -2 in items:
            raise KeyboardInterrupt
        return [2 * item for item in items]


@pytest.fixture
def model() -> Doubling:
    """What runs the passes."""
    return Doubling()


@pytest.fixture
def ask(model: Doubling) -> Iterator[Ask]:
    """Asks in a thread of its own; ``[0]`` is asked first and under way when the test begins."""
    turns: Turns[int, int] = Turns(model, lambda items: sum(items) <= 100)
    with ThreadPoolExecutor(12) as pool:
        pool.submit(turns.results, [0])
        assert model.started.wait(30)
        waiting = 0

        def ask_next(items: list[int]) -> Future[list[int]]:
            nonlocal waiting
            waiting += len(items)
            future = pool.submit(turns.results, items)
            while len(turns) < waiting:
                time.sleep(0.001)
            return future

        yield ask_next
        model.go.set()


def test_those_who_wait_share_the_next_pass(model: Doubling, ask: Ask) -> None:
    futures = [ask([number]) for number in (1, 2, 3, 4)]
    model.go.set()

    assert [future.result() for future in futures] == [[2], [4], [6], [8]]
    assert model.passes == [[0], [1, 2, 3, 4]]


def test_a_pass_takes_a_power_of_two_and_eight_at_most(model: Doubling, ask: Ask) -> None:
    futures = [ask([number]) for number in range(1, 12)]
    model.go.set()

    assert [future.result() for future in futures] == [[2 * number] for number in range(1, 12)]
    assert model.passes == [[0], [1, 2, 3, 4, 5, 6, 7, 8], [9, 10], [11]]


def test_what_does_not_fit_into_a_pass_goes_into_the_next(model: Doubling, ask: Ask) -> None:
    futures = [ask([number]) for number in (70, 60, 1, 2)]
    model.go.set()

    assert [future.result() for future in futures] == [[140], [120], [2], [4]]
    assert model.passes == [[0], [70], [60, 1], [2]]


def test_a_list_keeps_its_order(model: Doubling, ask: Ask) -> None:
    first, second = ask([5, 6, 7]), ask([8])
    model.go.set()

    assert first.result() == [10, 12, 14]
    assert second.result() == [16]


def test_an_error_reaches_those_of_its_pass_and_nobody_after(model: Doubling, ask: Ask) -> None:
    futures = [ask([number]) for number in (1, -1, 3)]
    model.go.set()

    for future in futures[:2]:
        with pytest.raises(ValueError, match="minus one"):
            future.result()
    assert futures[2].result() == [6]


def test_an_interrupted_thread_leaves_the_others_their_results() -> None:
    model = Doubling()
    model.go.set()
    turns: Turns[int, int] = Turns(model, lambda items: True)

    with pytest.raises(KeyboardInterrupt):
        turns.results([-2])

    assert len(turns) == 0
    assert turns.results([4]) == [8]
