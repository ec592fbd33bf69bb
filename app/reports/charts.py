"""Plots as SVG that stands in a page: no script, no style of its own, readable without colour.

Texts and shapes have classes that the page's style sheet gives colours, for light and for dark.
"""

from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from html import escape

Row = tuple[str, int]
"""A label and its number."""

WIDTH, WIDE = 340, 440
_ROW, _BAR = 26, 14
_HEIGHT, _TOP, _FOOT = 170, 22, 24


def histogram(values: Iterable[float], edges: Sequence[float], labels: Sequence[str]) -> list[Row]:
    """Count values between edges.

    Args:
        edges: Rising; each is the least value of a class, but for the first, which has no least.
        labels: One for each class: one more than edges.
    """
    counts = [0] * len(labels)
    for value in values:
        counts[bisect_right(edges, value)] += 1
    return list(zip(labels, counts, strict=True))


def columns(name: str, rows: Sequence[Row]) -> str:
    """Draw upright bars side by side, for classes that have an order."""
    most = max((number for _, number in rows), default=0) or 1
    step = WIDE / max(len(rows), 1)
    room = _HEIGHT - _TOP - _FOOT
    parts = [f'<line class="axis" x1="0" x2="{WIDE}" y1="{_TOP + room}" y2="{_TOP + room}"/>']
    for place, (label, number) in enumerate(rows):
        height = number / most * room
        middle = (place + 0.5) * step
        top = _TOP + room - height
        parts += [
            f'<rect class="bar" x="{middle - step * 0.36:.1f}" y="{top:.1f}"'
            f' width="{step * 0.72:.1f}" height="{height:.1f}" rx="2"/>',
            _label(middle, _HEIGHT - 6, label, "middle"),
            _label(middle, top - 6, f"{number:,}", "middle", "number") if number else "",
        ]
    return _svg(name, rows, (WIDE, _HEIGHT), parts)


def bars(name: str, rows: Sequence[tuple[str, int, str]]) -> str:
    """Draw lying bars below each other: label, number and class of each."""
    most = max((number for _, number, _ in rows), default=0) or 1
    left, right = 110, 52
    parts = []
    for place, (label, number, kind) in enumerate(rows):
        top = place * _ROW + (_ROW - _BAR) / 2
        width = max(number / most * (WIDTH - left - right), 2)
        parts += [
            _label(left - 8, top + _BAR - 3, label, "end"),
            f'<rect class="bar {kind}" x="{left}" y="{top:.1f}" width="{width:.1f}"'
            f' height="{_BAR}" rx="2"/>',
            _label(left + width + 6, top + _BAR - 3, f"{number:,}", "start", "number"),
        ]
    return _svg(name, [row[:2] for row in rows], (WIDTH, len(rows) * _ROW + 4), parts)


def strip(kinds: Sequence[str], name: str, most: int = 48) -> str:
    """Draw a row of small boxes, one a page; many pages share one, which has their worst kind.

    Args:
        kinds: Class of each page.
        most: Largest number of boxes.
    """
    share = -(-len(kinds) // most)
    boxes = [_worst(kinds[start : start + share]) for start in range(0, len(kinds), share)]
    cells = "".join(
        f'<rect class="page {kind}" x="{place * 5}" y="0" width="4" height="12" rx="1"/>'
        for place, kind in enumerate(boxes)
    )
    width = len(boxes) * 5
    return (
        f'<svg class="strip" role="img" aria-label="{escape(name)}" width="{width}" height="12"'
        f' viewBox="0 0 {width} 12">{cells}</svg>'
    )


def as_image(plot: str, style: str) -> str:
    """Return a plot as an HTML image that stands alone, for pages in which no SVG may stand.

    Args:
        style: Style sheet that gives its classes colours.
    """
    start = plot.index(">") + 1
    opening = plot[:start].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    label = plot[:start].partition('aria-label="')[2].partition('"')[0]
    image = f"{opening}<style>{escape(style, quote=False)}</style>{plot[start:]}"
    address = f"data:image/svg+xml;base64,{b64encode(image.encode()).decode()}"
    return f'<img class="plot" alt="{label}" src="{address}">'


KINDS = ("none", "doubt", "ocr", "good")
"""The kinds of pages, the worst first."""


def _worst(kinds: Sequence[str]) -> str:
    return min(kinds, key=KINDS.index)


def _label(x: float, y: float, text: str, anchor: str, kind: str = "label") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'


def _svg(name: str, rows: Sequence[Row], size: tuple[int, int], parts: Sequence[str]) -> str:
    told = ", ".join(f"{label}: {number}" for label, number in rows if number) or "nothing"
    return (
        f'<svg class="plot" role="img" aria-label="{escape(f"{name}. {told}")}"'
        f' viewBox="0 0 {size[0]} {size[1]}">{"".join(parts)}</svg>'
    )
