"""How far a run has come is counted right, and told on a terminal and elsewhere."""

from collections.abc import Callable

import pytest

from citewell.app.progress import Tally, lines, progress
from citewell.ingest.events import IngestEvent

Capture = pytest.CaptureFixture[str]

EVENTS = (
    IngestEvent("planned", 1200, size=4_000_000),
    IngestEvent("file", 3, "cats.md", size=1000),
    IngestEvent("file", 9, "dogs.pdf", pages=12, size=9000),
    IngestEvent("embedded", 64),
    IngestEvent("embedded", 36),
)


def tally(*events: IngestEvent) -> Tally:
    made = Tally()
    for event in events:
        made.add(event)
    return made


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ((), "0 files looked at"),
        ((IngestEvent("found", 1),) * 2001, "2,001 files looked at"),
        (EVENTS[:2], "1/1,200 files, 0 chunks, 0/s"),
        (EVENTS, "2/1,200 files, 12 pages, 100 chunks, 20/s"),
    ],
)
def test_the_events_of_a_run_are_added_up(events: tuple[IngestEvent, ...], text: str) -> None:
    assert tally(*events).text(seconds=5.0) == text


@pytest.mark.parametrize(
    ("size", "done", "left"),
    [
        (1000, 0, ""),
        (1000, 500, "0:10 left"),
        (1000, 10, "16:30 left"),
        (1000, 1000, ""),
        (0, 0, ""),
    ],
)
def test_the_bytes_read_tell_the_time_left(size: int, done: int, left: str) -> None:
    made = tally(IngestEvent("planned", 9, size=size), IngestEvent("file", size=done))

    assert made.left(seconds=10.0) == left


def clock(*times: float) -> Callable[[], float]:
    """Return a clock that says these times, one after the other."""
    return iter(times).__next__


def test_off_a_terminal_a_line_comes_every_half_minute() -> None:
    said: list[str] = []
    tell = lines(said.append, clock(100.0, 100.1, 129.9, 130.0, 150.0, 160.0))

    for event in EVENTS:
        tell(event)

    assert said == [
        "2/1,200 files, 12 pages, 0 chunks, 0/s after 30 s",
        "2/1,200 files, 12 pages, 100 chunks, 2/s after 60 s",
    ]


def test_a_writer_that_is_waited_for_is_named_at_once() -> None:
    said: list[str] = []
    tell = lines(said.append, clock(0.0, 0.1))

    tell(IngestEvent("waiting", 4711, "citewell ingest docs"))

    assert said == ["Waiting for process 4711 (citewell ingest docs), which writes to the store"]


def test_a_short_run_off_a_terminal_says_nothing(capsys: Capture) -> None:
    with progress() as tell:
        for event in EVENTS:
            tell(event)

    assert tuple(capsys.readouterr()) == ("", "")
