"""`bounded` stops what writes text when its time or its length is up."""

import subprocess
import sys
import threading
from collections.abc import Generator

import pytest

from citewell.app.llms.bounded import Push, bounded
from citewell.app.llms.cancelling import stoppable
from citewell.retrieval.errors import ModelError


def pieces_of(*pieces: str, timeout: float = 10, max_chars: int = 100) -> Generator[str]:
    def produce(push: Push) -> None:
        for piece in pieces:
            if not push(piece):
                return

    return bounded(produce, name="The model", timeout=timeout, max_chars=max_chars)


def test_pieces_come_in_order() -> None:
    assert list(pieces_of("The", " cat", " sleeps")) == ["The", " cat", " sleeps"]


def test_empty_pieces_are_left_out() -> None:
    assert list(pieces_of("", "cat", "")) == ["cat"]


def test_text_is_cut_at_the_most_characters() -> None:
    assert list(pieces_of("The", " cat", " sleeps", max_chars=5)) == ["The", " c"]


def test_nothing_starts_before_the_first_piece_is_asked_for() -> None:
    started = threading.Event()
    pieces = bounded(lambda push: started.set(), name="The model", timeout=10, max_chars=9)

    before = started.is_set()
    assert (before, list(pieces), started.is_set()) == (False, [], True)


def test_what_was_written_in_time_comes_before_the_error() -> None:
    never = threading.Event()

    def produce(push: Push) -> None:
        push("The cat")
        never.wait(30)

    got: list[str] = []
    pieces = bounded(produce, name="The model", timeout=0.2, max_chars=99, cancel=never.set)
    with pytest.raises(ModelError, match=r"The model took longer than 0\.2 s and was stopped"):
        got.extend(pieces)
    assert got == ["The cat"]


def test_one_that_dribbles_is_stopped_too() -> None:
    pause = threading.Event()

    def produce(push: Push) -> None:
        while push("drip "):
            pause.wait(0.01)

    with pytest.raises(ModelError, match="took longer"):
        list(bounded(produce, name="The model", timeout=0.2, max_chars=10**9))


def test_pieces_pushed_in_time_are_read_after_it() -> None:
    done = threading.Event()

    def produce(push: Push) -> None:
        for piece in ("a", "b", "c"):
            push(piece)
        done.set()

    pieces = bounded(produce, name="The model", timeout=0.3, max_chars=99)
    first = next(pieces)
    done.wait(10)
    threading.Event().wait(0.4)

    assert [first, *pieces] == ["a", "b", "c"]


def test_closing_refuses_more_and_cancels() -> None:
    refused, cancelled = threading.Event(), threading.Event()

    def produce(push: Push) -> None:
        while push("more "):
            cancelled.wait(0.01)
        refused.set()

    pieces = bounded(produce, name="m", timeout=60, max_chars=10**9, cancel=cancelled.set)
    next(pieces)
    pieces.close()

    assert (cancelled.is_set(), refused.wait(10)) == (True, True)


def test_an_error_of_the_writer_is_raised_to_the_reader() -> None:
    def produce(push: Push) -> None:
        push("The cat")
        raise ModelError("out of memory")

    pieces = bounded(produce, name="m", timeout=10, max_chars=99)

    assert next(pieces) == "The cat"
    with pytest.raises(ModelError, match="out of memory"):
        next(pieces)


def test_a_program_may_end_while_an_answer_is_open() -> None:
    code = (
        "import time\n"
        "from citewell.app.llms.bounded import bounded\n"
        "def produce(push):\n"
        "    while push('more '): time.sleep(0.01)\n"
        "pieces = bounded(produce, name='m', timeout=600, max_chars=10**9)\n"
        "print(next(pieces))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert (ended.stdout, ended.stderr) == ("more \n", "")


def test_one_that_is_not_wanted_any_more_ends_though_nothing_comes() -> None:
    never, stop = threading.Event(), threading.Event()

    def produce(push: Push) -> None:
        push("The cat")
        never.wait(30)

    with stoppable(stop):
        pieces = bounded(produce, name="The model", timeout=30, max_chars=99, cancel=never.set)
        first = next(pieces)
        stop.set()
        assert (first, list(pieces), never.is_set()) == ("The cat", [], True)
