"""Line charts with logarithmic axes, or of shares, as SVG without any library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, EDGE, RIGHT = 460, 320, 56, 28
COLOURS = ("#1f5fa8", "#c2571a", "#2e7d4f", "#7a4fa3", "#8a6d00", "#b3266b", "#4a4a4a", "#0f8a8a")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over one pair of axes.

    Attributes:
        shares: Whether both axes go from 0 to 1; else all values are above 0, and the axes
            logarithmic.
        share_up: Whether the axis upwards alone goes from 0 to 1.
    """

    title: str
    across: str
    lines: Mapping[str, Points]
    shares: bool = False
    share_up: bool = False


def draw(charts: Sequence[Chart], columns: int | None = None) -> str:
    """Return an SVG document with charts side by side, so many in a row."""
    beside = min(columns or len(charts), len(charts))
    drawn = "".join(
        f'<g transform="translate({place % beside * WIDTH} {place // beside * HEIGHT})">\n'
        f"{_chart(chart)}</g>\n"
        for place, chart in enumerate(charts)
    )
    width, height = WIDTH * beside, HEIGHT * ceil(len(charts) / beside)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        f' font-family="sans-serif" font-size="11">\n'
        f'<rect width="{width}" height="{height}" fill="white"/>\n{drawn}</svg>\n'
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


class _Shares:
    """Places values between 0 and 1."""

    def __init__(self, begin: float, end: float) -> None:
        self._begin, self._end = begin, end

    def place(self, value: float) -> float:
        return round(self._begin + value * (self._end - self._begin), 1)

    def ticks(self) -> list[float]:
        return [0.0, 0.25, 0.5, 0.75, 1.0]


def _axes(chart: Chart) -> tuple[_Axis | _Shares, _Axis | _Shares]:
    if chart.shares:
        return _Shares(EDGE, WIDTH - RIGHT), _Shares(HEIGHT - 44, 36)
    points = [point for line in chart.lines.values() for point in line]
    across = _Axis([x for x, _ in points], EDGE, WIDTH - RIGHT)
    if chart.share_up:
        return across, _Shares(HEIGHT - 44, 36)
    return across, _Axis([y for _, y in points], HEIGHT - 44, 36)


def _chart(chart: Chart) -> str:
    across, up = _axes(chart)
    parts = [_text(EDGE, 20, chart.title, "start")]
    parts += [
        _line([(across.place(x), 36), (across.place(x), HEIGHT - 44)]) for x in across.ticks()
    ]
    parts += [_line([(EDGE, up.place(y)), (WIDTH - RIGHT, up.place(y))]) for y in up.ticks()]
    parts += [_text(across.place(x), HEIGHT - 28, f"{x:,.9g}", "middle") for x in across.ticks()]
    parts += [_text(EDGE - 6, up.place(y) + 4, f"{y:,.9g}", "end") for y in up.ticks()]
    parts.append(_text((EDGE + WIDTH) / 2, HEIGHT - 10, chart.across, "middle"))
    for place, (name, line) in enumerate(chart.lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        at = [(across.place(x), up.place(y)) for x, y in line]
        parts.append(_line(at, colour, 2))
        if not chart.shares:
            parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>\n' for x, y in at]
        parts.append(_text(EDGE + 10, 52 + 15 * place, name, "start", colour))
    return "".join(parts)


def _line(points: Points, colour: str = "#dddddd", width: int = 1) -> str:
    places = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width}"/>\n'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>\n'
