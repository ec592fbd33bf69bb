"""The loss of a training run as a picture that stands alone."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

PLOT = "loss.svg"

WIDTH, HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _FOOT = 56, 16, 40, 44
_SMOOTHED = 0.9
_MOST_POINTS = 200
_TICKS = 4

_STYLE = (
    "text{font:12px sans-serif;fill:#333}.grid{stroke:#ddd}"
    ".curve{fill:none;stroke:#1f5fa8;stroke-width:2}.other{fill:#c2410c}"
    "@media(prefers-color-scheme:dark){.back{fill:#1b1b1b}text{fill:#ddd}.grid{stroke:#444}"
    ".curve{stroke:#7fb2ef}.other{fill:#fb923c}}.back{fill:#fff}"
)

Point = tuple[float, float]


def svg(log: Iterable[Mapping[str, Any]], title: str) -> str:
    """Draw the stages of a log side by side: a line for what is learned, dots for the rest."""
    rows = list(log)
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    panels = [
        _panel([row for row in rows if row["stage"] == stage], stage, number * WIDTH)
        for number, stage in enumerate(stages)
    ]
    width = WIDTH * max(1, len(stages))
    told = f"{title}: loss while it learned (line), of other examples (dots)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {HEIGHT}"'
        f' width="{width}" height="{HEIGHT}" aria-label="{escape(told)}">'
        f'<style>{_STYLE}</style><rect class="back" width="{width}" height="{HEIGHT}"/>'
        f'<text x="{_LEFT}" y="20">{escape(told)}</text>{"".join(panels)}</svg>\n'
    )


def smooth(steps: Sequence[Mapping[str, Any]]) -> list[Point]:
    """Return epoch and running mean of the loss, of at most `_MOST_POINTS` steps."""
    found: list[Point] = []
    mean = weight = 0.0
    for step in steps:
        mean = _SMOOTHED * mean + (1 - _SMOOTHED) * step["loss"]
        weight = _SMOOTHED * weight + 1 - _SMOOTHED
        found.append((step["epoch"], mean / weight))
    thin = -(-len(found) // _MOST_POINTS) or 1
    return found[::-thin][::-1]


def _panel(rows: Sequence[Mapping[str, Any]], stage: str, left: int) -> str:
    curve = smooth([row for row in rows if row["kind"] == "step"])
    dots = [(row["epoch"], row["loss"]) for row in rows if row["kind"] == "validation"]
    # The loss of a preference is another than that of an answer: no dots beside it.
    dots = dots if stage == "examples" else []
    most = max(value for _, value in [*curve, *dots])
    end = max(epoch for epoch, _ in curve)

    def place(point: Point) -> Point:
        across = point[0] / end * (WIDTH - _LEFT - _RIGHT)
        up = point[1] / most * (HEIGHT - _TOP - _FOOT)
        return left + _LEFT + across, HEIGHT - _FOOT - up

    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, curve))
    ticks = [_tick(place((0, most * part / _TICKS)), most * part / _TICKS) for part in range(5)]
    marks = [
        f'<circle class="other" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in map(place, dots)
    ]
    foot = f"{stage}, epochs (0 to {end:g})"
    return (
        f'{"".join(ticks)}<polyline class="curve" points="{path}"/>{"".join(marks)}'
        f'<text x="{left + WIDTH / 2:.0f}" y="{HEIGHT - 10}" text-anchor="middle">'
        f"{escape(foot)}</text>"
    )


def _tick(at: Point, value: float) -> str:
    x, y = at
    right = x + WIDTH - _LEFT - _RIGHT
    return (
        f'<line class="grid" x1="{x:.1f}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{x - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{value:.2f}</text>'
    )
