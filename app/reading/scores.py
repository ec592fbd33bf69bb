"""From the numbers of tokens to the reading of a passage."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from citewell.app.reading.pairs import NO_UNIT, Window
from citewell.app.reading.reader import Reading, Span, UnitReading

Numbers = NDArray[np.float32]

MOST_SPAN = 24
"""Tokens of an answer; of the answers in SQuAD 99 % are shorter."""

NO_WORDS = UnitReading(-20.0, None, -20.0)
"""Of a unit without a word that the reader knows."""


class Columns(NamedTuple):
    """What the head gives for each token, each of shape ``(tokens,)``.

    Attributes:
        start: How likely it begins the answer; of the first token, that there is none.
        end: How likely it ends the answer.
        value: What it says for its unit.
        gate: How much of its unit's value is its own.
        whole: Of the first token: what speaks for the passage as a whole.
    """

    start: Numbers
    end: Numbers
    value: Numbers
    gate: Numbers
    whole: Numbers


@dataclass(frozen=True, slots=True)
class Mix:
    """How much each part counts in the log-odds of a unit and of a passage."""

    unit_base: float
    value: float
    start: float
    end: float
    passage_base: float
    units: float


def reading_of(units: int, found: Sequence[tuple[Window, Columns]], mix: Mix) -> Reading:
    """Return the reading of a passage of so many units from those of its windows.

    What a window cuts off it cannot judge: a unit's reading is the best that any window gives.
    """
    best = [NO_WORDS] * units
    answers = []
    for window, columns in found:
        readings = read_units(window, columns, mix)
        for number, reading in readings.items():
            best[number] = max(best[number], reading, key=lambda each: each.score)
        scores = np.array([reading.score for reading in readings.values()] or [NO_WORDS.score])
        whole = float(columns.whole[0])
        answers.append(mix.passage_base + whole + mix.units * _log_sum(scores))
    return Reading(max(answers), tuple(best))


def read_units(window: Window, columns: Columns, mix: Mix) -> dict[int, UnitReading]:
    """Return the reading of each unit that has tokens in a window."""
    found = {}
    for number in sorted(set(window.units.tolist()) - {NO_UNIT}):
        places = window.first + np.flatnonzero(window.units == number)
        start = columns.start[places] - columns.start[0]
        end = columns.end[places] - columns.end[0]
        gate = np.exp(columns.gate[places] - columns.gate[places].max())
        value = float(gate @ columns.value[places] / gate.sum())
        score = (
            mix.unit_base
            + mix.value * value
            + mix.start * _log_sum(start)
            + mix.end * _log_sum(end)
        )
        (first, last), span_score = best_span(start, end)
        offsets = [window.offsets[place - window.first] for place in places]
        span = offsets[first][0], offsets[last][1]
        found[number] = UnitReading(score, span, span_score)
    return found


def best_span(start: Numbers, end: Numbers) -> tuple[Span, float]:
    """Return the first and the last token of the likeliest span, and its score."""
    total = start[:, None] + end[None, :]
    length = np.arange(len(end))[None, :] - np.arange(len(start))[:, None]
    total = np.where((length >= 0) & (length < MOST_SPAN), total, -np.inf)
    first, last = np.unravel_index(int(total.argmax()), total.shape)
    return (int(first), int(last)), float(total[first, last])


def _log_sum(values: Numbers) -> float:
    """Return the logarithm of the sum of exponentials, without overflow."""
    most = values.max()
    return float(most + np.log(np.exp(values - most).sum()))
