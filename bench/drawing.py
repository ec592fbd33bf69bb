"""Line charts with logarithmic axes, as SVG without any library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, EDGE, RIGHT = 460, 320, 56, 28
COLOURS = ("#1f5fa8", "#c2571a", "#2e7d4f", "#7a4fa3")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over one pair of axes. All values are above 0."""

    title: str
    across: str
    lines: Mapping[str, Points]


def draw(charts: Sequence[Chart]) -> str:
    """Return an SVG document with charts side by side."""
    drawn = "".join(_chart(chart, place * WIDTH) for place, chart in enumerate(charts))
    width = WIDTH * len(charts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}"'
        f' font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{HEIGHT}" fill="white"/>\n{drawn}</svg>\n'
    )


class _Axis:
    """Places values between two powers of ten."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        self._low = floor(log10(min(values)))
        self._high = max(ceil(log10(max(values))), self._low + 1)
        self._begin, self._end = begin, end

    def place(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return round(self._begin + share * (self._end - self._begin), 1)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]


def _chart(chart: Chart, left: float) -> str:
    points = [point for line in chart.lines.values() for point in line]
    across = _Axis([x for x, _ in points], left + EDGE, left + WIDTH - RIGHT)
    up = _Axis([y for _, y in points], HEIGHT - 44, 36)
    parts = [_text(left + EDGE, 20, chart.title, "start")]
    parts += [
        _line([(across.place(x), 36), (across.place(x), HEIGHT - 44)]) for x in across.ticks()
    ]
    parts += [
        _line([(left + EDGE, up.place(y)), (left + WIDTH - RIGHT, up.place(y))]) for y in up.ticks()
    ]
    parts += [_text(across.place(x), HEIGHT - 28, f"{x:,.9g}", "middle") for x in across.ticks()]
    parts += [_text(left + EDGE - 6, up.place(y) + 4, f"{y:,.9g}", "end") for y in up.ticks()]
    parts.append(_text(left + (EDGE + WIDTH) / 2, HEIGHT - 10, chart.across, "middle"))
    for place, (name, line) in enumerate(chart.lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        at = [(across.place(x), up.place(y)) for x, y in line]
        parts.append(_line(at, colour, 2))
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>\n' for x, y in at]
        parts.append(_text(left + EDGE + 10, 52 + 15 * place, name, "start", colour))
    return "".join(parts)


def _line(points: Points, colour: str = "#dddddd", width: int = 1) -> str:
    places = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width}"/>\n'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>\n'
