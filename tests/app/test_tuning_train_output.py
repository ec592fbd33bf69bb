"""What a training run shows and draws."""

import xml.etree.ElementTree as ElementTree
from itertools import count

import pytest

from citewell.app.tuning.loss_plot import smooth, svg
from citewell.app.tuning.train_progress import lines
from citewell.app.tuning.training import Step
from citewell.app.tuning.validating import Checked

CHECKED = Checked(loss=0.5, exact=0.25, declined=0.6, falsely=0.15)


def step(number: int, stage: str = "examples", loss: float = 1.0) -> Step:
    return Step(stage, number, 10, number / 10, loss, 1e-4, 1.0, 1_000, 2.0)


def row(number: int, kind: str = "step", stage: str = "examples") -> dict[str, object]:
    return {"kind": kind, "stage": stage, "step": number, "epoch": number / 10, "loss": 1.0}


def test_a_line_comes_after_half_a_minute_with_speed_and_time_left() -> None:
    told: list[str] = []
    seconds = count(step=12.0)
    tell = lines(told.append, lambda: next(seconds))

    for number in range(1, 5):
        tell(step(number), None)

    assert told == ["examples 3/10, loss 1.000, 500 tokens/s, 0:14 left"]


def test_a_check_is_told_at_once() -> None:
    told: list[str] = []
    tell = lines(told.append, lambda: 0.0)

    tell(step(1), CHECKED)

    assert told == [
        "On other examples after examples 1/10: loss 0.500, word for word 25%, declined 60%, "
        "falsely 15%",
        "examples 1/10, loss 1.000",
    ]


def test_each_stage_has_its_own_speed_and_loss() -> None:
    told: list[str] = []
    tell = lines(told.append, lambda: 0.0)

    for number in range(1, 11):
        tell(step(number, loss=4.0), None)
    tell(step(10, "preference", loss=0.5), None)

    assert told == [
        "examples 10/10, loss 4.000, 500 tokens/s, 0:00 left",
        "preference 10/10, loss 0.500",
    ]


def test_the_plot_has_a_line_for_each_stage_and_dots_for_other_examples() -> None:
    log = [row(1), row(2), row(2, "validation"), row(1, stage="preference")]

    drawn = ElementTree.fromstring(svg(log, "a <b>"))

    space = "{http://www.w3.org/2000/svg}"
    counts = [len(drawn.findall(f"{space}{name}")) for name in ("polyline", "circle")]
    assert (counts, drawn.attrib["width"]) == ([2, 1], "960")
    assert "a <b>: loss while it learned (line), of other examples (dots)" in [
        each.text for each in drawn.iter(f"{space}text")
    ]


def test_a_plot_of_many_steps_has_few_points_and_ends_with_the_last() -> None:
    points = smooth([{"epoch": number, "loss": 2.0} for number in range(1, 1_001)])

    assert len(points) == 200
    assert points[-1] == pytest.approx((1_000, 2.0))
