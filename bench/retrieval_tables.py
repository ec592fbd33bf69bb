"""The tables of a measurement of retrieval, as Markdown and as values for JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.halves import Half
from bench.retrieval_estimates import Means
from bench.retrieval_systems import DEFAULT, PARTS
from citewell.app.tuning.intervals import Estimate

GOAL = -0.01
"""Least lead of the default over the best other system of a set."""

HEADS: Mapping[Half, str] = {
    "learn": "the half 'learn', on which constants are chosen",
    "report": "the half 'report', on which no constant is chosen",
    "all": "both halves, also the one on which constants are chosen",
}


def as_text(half: Half, means: Mapping[str, Means]) -> str:
    """Return a table for each measure, then how the default compares."""
    counts = next(iter(means.values())).counts
    head = f"{sum(counts.values())} questions of {len(counts)} sets, {HEADS[half]}. "
    head += "Means with the 95 % interval of the bootstrap."
    parts = [head]
    parts += ["\n".join((f"### {name}\n", *_table(of))) for name, of in means.items()]
    parts.append("\n".join(("### Citewell and its parts, points\n", *_over_parts(means))))
    for name, of in means.items():
        title = f"### {name}: Citewell and the best other system, points\n"
        parts.append("\n".join((title, *_over_best(of))))
    return "\n\n".join(parts)


def as_json(half: Half, means: Mapping[str, Means]) -> dict[str, Any]:
    """Return the same figures as values; each estimate is ``[value, low, high]``."""
    counts = next(iter(means.values())).counts
    return {
        "schema": 1,
        "half": half,
        "questions": counts,
        "measures": {name: _values(of) for name, of in means.items()},
    }


def _table(means: Means) -> Iterator[str]:
    yield f"| set (questions) | {' | '.join(means.systems)} |"
    yield "|---" * (len(means.systems) + 1) + "|"
    for name in means.sets:
        cells = (_share(means.of(name, system)) for system in means.systems)
        yield f"| {name} ({means.counts[name]}) | {' | '.join(cells)} |"
    if len(means.sets) > 1:
        cells = (_share(means.overall(system)) for system in means.systems)
        yield f"| **mean over sets** | {' | '.join(cells)} |"


def _over_parts(means: Mapping[str, Means]) -> Iterator[str]:
    yield "| measure | better part over the sets | lead over it | over each set's better part |"
    yield "|---|---|---|---|"
    for name, of in means.items():
        better = of.best_overall(PARTS)
        over_it = of.overall_lead(DEFAULT, dict.fromkeys(of.sets, better))
        over_each = of.overall_lead(DEFAULT, {each: of.best(each, PARTS) for each in of.sets})
        yield f"| {name} | {better} | {_points(over_it)} | {_points(over_each)} |"


def _over_best(means: Means) -> Iterator[str]:
    best = _best_others(means)
    yield "| set | best other | lead over it | within a point |"
    yield "|---|---|---|---|"
    for name, other in best.items():
        lead = means.lead(name, DEFAULT, other)
        said = "yes" if lead.value >= GOAL else "no"
        yield f"| {name} | {other} | {_points(lead)} | {said} |"
    if len(best) > 1:
        yield f"| **mean over sets** | | {_points(means.overall_lead(DEFAULT, best))} | |"


def _best_others(means: Means) -> dict[str, str]:
    others = [system for system in means.systems if system != DEFAULT]
    return {name: means.best(name, others) for name in means.sets}


def _values(means: Means) -> dict[str, Any]:
    best = _best_others(means)
    better = means.best_overall(PARTS)
    over_better = means.overall_lead(DEFAULT, dict.fromkeys(means.sets, better))
    return {
        "sets": {
            name: {system: _triple(means.of(name, system)) for system in means.systems}
            for name in means.sets
        },
        "mean": {system: _triple(means.overall(system)) for system in means.systems},
        "better_part": {"system": better, "lead": _triple(over_better)},
        "best_other": {
            name: {"system": other, "lead": _triple(means.lead(name, DEFAULT, other))}
            for name, other in best.items()
        },
    }


def _triple(found: Estimate) -> list[float]:
    return [round(value, 5) for value in (found.value, found.low, found.high)]


def _share(found: Estimate) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _points(found: Estimate) -> str:
    low, high = 100 * found.low, 100 * found.high
    return f"{100 * found.value:+.1f} [{low:+.1f}, {high:+.1f}]"
