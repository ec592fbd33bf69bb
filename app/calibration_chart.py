"""The risk-coverage curve, as a picture that stands alone and as a chart for a terminal."""

from collections.abc import Sequence
from html import escape

from citewell.app.calibration_fit import Point

WIDTH, HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _FOOT = 56, 16, 40, 44
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_COLUMNS, _ROWS = 40, 8

_STYLE = (
    "text{font:12px sans-serif;fill:#333}.axis{stroke:#999}.grid{stroke:#ddd}"
    ".curve{fill:none;stroke:#1f5fa8;stroke-width:2}.here{fill:#c2410c}"
    "@media(prefers-color-scheme:dark){.back{fill:#1b1b1b}text{fill:#ddd}.grid{stroke:#444}"
    ".curve{stroke:#7fb2ef}.here{fill:#fb923c}}.back{fill:#fff}"
)


def svg(points: Sequence[Point], chosen: Point, title: str) -> str:
    """Draw the curve with the point at the chosen threshold. It reads without colour."""
    path = " ".join(f"{_x(each.coverage):.1f},{_y(each.risk):.1f}" for each in points)
    told = f"{chosen.coverage:.0%} answered, {chosen.risk:.0%} of them without an answer"
    parts = [
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text x="{_LEFT}" y="22">{escape(title)}</text>',
        *(_tick(value) for value in _TICKS),
        f'<text x="{_x(0.5):.0f}" y="{HEIGHT - 6}" text-anchor="middle">'
        "Share of the questions that is answered</text>",
        f'<text transform="translate(14 {_y(0.5):.0f}) rotate(-90)" text-anchor="middle">'
        "Of these, without an answer</text>",
        f'<polyline class="curve" points="{path}"/>',
        f'<circle class="here" cx="{_x(chosen.coverage):.1f}" cy="{_y(chosen.risk):.1f}" r="5"/>',
        f'<text x="{_x(chosen.coverage) - 8:.0f}" y="{_y(chosen.risk) - 10:.0f}"'
        f' text-anchor="end">{escape(told)}</text>',
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' width="{WIDTH}" height="{HEIGHT}" aria-label="{escape(f"{title}. {told}")}">'
        f"<style>{_STYLE}</style>{''.join(parts)}</svg>\n"
    )


def page(picture: str, title: str, lines: Sequence[str]) -> str:
    """Return a page of HTML with a picture and lines of text below it."""
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title></head>\n<body>{picture}{told}</body></html>\n"
    )


def plain(points: Sequence[Point], chosen: Point) -> list[str]:
    """Return the curve in lines of characters: risk upwards, coverage to the right."""
    most = max(0.1, *(each.risk for each in points))
    grid = [[" "] * _COLUMNS for _ in range(_ROWS)]
    for column in range(_COLUMNS):
        near = min(points, key=lambda each: abs(each.coverage - (column + 1) / _COLUMNS))
        grid[_row(near.risk, most)][column] = "."
    at = min(_COLUMNS - 1, max(0, round(chosen.coverage * _COLUMNS) - 1))
    grid[_row(chosen.risk, most)][at] = "o"
    labels = [f"{most:4.0%}", *["    "] * (_ROWS - 2), "  0%"]
    rows = [f"{label} |{''.join(row)}" for label, row in zip(labels, grid, strict=True)]
    return [
        *rows,
        f"     +{'-' * _COLUMNS}",
        "      0%" + "questions answered".center(_COLUMNS - 6) + "100%",
    ]


def _row(risk: float, most: float) -> int:
    return round((1 - risk / most) * (_ROWS - 1))


def _tick(value: float) -> str:
    x, y = _x(value), _y(value)
    return (
        f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{value:.0%}</text>'
        f'<text x="{x:.0f}" y="{HEIGHT - _FOOT + 18}" text-anchor="middle">{value:.0%}</text>'
    )


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _FOOT - share * (HEIGHT - _TOP - _FOOT)
