"""The tables of a measurement of answers, as Markdown and as values for JSON."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.answer_measures import Measure
from bench.answer_risk import risks
from bench.drawing import Chart
from bench.metrics import mean_over
from bench.replies import Judged
from citewell.app.tuning.intervals import Estimate

Results = Mapping[str, Mapping[str, Sequence[Judged]]]
"""By set and by system."""


def as_text(results: Results, measures: Mapping[str, Measure]) -> str:
    """Return a table for each measure that says something about these sets."""
    parts = ["Means with the 95 % interval of the bootstrap; n counts what a figure is over."]
    for name, measure in measures.items():
        rows = list(_rows(results, measure))
        if rows:
            parts.append("\n".join((f"### {name}\n", *_head(results), *rows)))
    return "\n\n".join(parts)


def _systems(results: Results) -> list[str]:
    return list(dict.fromkeys(system for of in results.values() for system in of))


def _head(results: Results) -> Iterator[str]:
    systems = _systems(results)
    yield f"| set | {' | '.join(systems)} |"
    yield "|---" * (len(systems) + 1) + "|"


def _rows(results: Results, measure: Measure) -> Iterator[str]:
    systems = _systems(results)
    shown: list[str] = []
    for name, of in results.items():
        found = [measure.of(of.get(system, ())) for system in systems]
        if any(each.count for each in found):
            shown.append(name)
            yield f"| {name} | {' | '.join(_cell(each, measure.digits) for each in found)} |"
            if measure.by_kind:
                yield from _by_kind(name, of, systems, measure)
    if measure.is_mean and len(shown) > 1:
        means = [
            mean_over([measure.values(results[name].get(system, ())) for name in shown])
            for system in systems
        ]
        cells = " | ".join(_cell(each, measure.digits) for each in means)
        yield f"| **mean over sets** | {cells} |"


def _by_kind(
    name: str, of: Mapping[str, Sequence[Judged]], systems: Sequence[str], measure: Measure
) -> Iterator[str]:
    """Yield a row for each kind of unanswerable questions, where there are several."""
    without = [e.question.kind for j in of.values() for e in j if not e.question.answerable]
    kinds = [kind for kind in dict.fromkeys(without) if kind != "underspecified"]
    for kind in kinds if len(kinds) > 1 else ():
        cells = [
            _cell(measure.of([e for e in of.get(system, ()) if _counts(e, kind)]), measure.digits)
            for system in systems
        ]
        yield f"| {name}: {kind} | {' | '.join(cells)} |"


def _counts(judged: Judged, kind: str) -> bool:
    return judged.question.answerable or judged.question.kind == kind


def _cell(found: Estimate, digits: int) -> str:
    if not found.count or math.isnan(found.value):
        return "-"
    value, low, high = (f"{each:.{digits}f}" for each in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}] n {found.count}"


def as_json(results: Results, measures: Mapping[str, Measure]) -> dict[str, Any]:
    """Return the figures, each as ``[value, low, high, count]``, and every reply."""
    return {
        "schema": 2,
        "measures": {
            name: {
                each: {system: _quad(measure.of(judged)) for system, judged in of.items()}
                for each, of in results.items()
            }
            for name, measure in measures.items()
        },
        "replies": {
            name: {system: [_row(each) for each in judged] for system, judged in of.items()}
            for name, of in results.items()
        },
    }


def _quad(found: Estimate) -> list[float] | None:
    if not found.count:
        return None
    return [*(round(value, 5) for value in (found.value, found.low, found.high)), found.count]


def _row(judged: Judged) -> dict[str, Any]:
    reply = judged.reply
    return {
        "id": judged.question.id,
        "answerable": judged.question.answerable,
        "mode": reply.mode,
        "reason": reply.reason,
        "confidence": reply.confidence,
        "text": reply.text,
        "right": judged.right,
        "f1": round(judged.f1, 4),
        "on_gold": judged.on_gold,
        "holding": judged.holding,
        "checked": judged.checked,
        "found": judged.found,
        "tokens": reply.tokens,
    }


def curves(results: Results) -> list[Chart]:
    """Return, for each set, the share of wrong answers over the share of questions answered."""
    return [
        Chart(name, "share answered", {system: _curve(j) for system, j in of.items()}, shares=True)
        for name, of in results.items()
    ]


def _curve(judged: Sequence[Judged]) -> list[tuple[float, float]]:
    found = risks(judged)
    return [(number / len(found), risk) for number, risk in enumerate(found, 1)]
