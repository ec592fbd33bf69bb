"""The figures of a model's own answers, each with its 95 % interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from citewell.app.tuning.evaluating import Judged
from citewell.app.tuning.intervals import Estimate, declined_at, estimate, percentile

FALSE = 0.15
"""Share of the answerable questions that may be declined."""

LEAST_TOKENS = 4
"""Of a draft whose speed is measured: of less, the pieces it comes in say more than the time."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is read off judged drafts.

    Attributes:
        of: Returns it; over no drafts that it says something about it is NaN.
        share: Whether it lies between 0 and 1.
    """

    of: Callable[[Sequence[Judged]], Estimate]
    share: bool = True


def _over(
    counted: Callable[[Judged], bool], value: Callable[[Judged], float]
) -> Callable[[Sequence[Judged]], Estimate]:
    return lambda judged: estimate([float(value(each)) for each in judged if counted(each)])


def _answered(each: Judged) -> bool:
    return each.answerable and not each.declined


def _swept(judged: Sequence[Judged]) -> Estimate:
    """Return what a threshold on the probability of declining makes of the unanswerable."""
    known = [(each.answerable, -each.refusal) for each in judged if each.refusal is not None]
    sure = [value for answerable, value in known if answerable]
    unsure = [value for answerable, value in known if not answerable]
    return declined_at(sure, unsure, FALSE)


def _speed(judged: Sequence[Judged]) -> Estimate:
    rates = [
        (each.draft.tokens - 1) / (each.draft.seconds - each.draft.first)
        for each in judged
        if each.draft.tokens >= LEAST_TOKENS
        and each.draft.first is not None
        and each.draft.pieces > 1
    ]
    return estimate(rates, percentile(0.5))


def _seconds(judged: Sequence[Judged]) -> Estimate:
    return estimate([each.draft.seconds for each in judged], percentile(0.5))


def _length(judged: Sequence[Judged]) -> Estimate:
    return estimate([float(each.draft.tokens) for each in judged], percentile(0.5))


FIGURES: Mapping[str, Figure] = {
    "contains an accepted answer": Figure(_over(lambda e: e.answerable, lambda e: e.contains)),
    "token F1": Figure(_over(lambda e: e.answerable, lambda e: e.f1)),
    "marker right, of answers": Figure(_over(_answered, lambda e: e.marked)),
    "marker right, where the evidence answers": Figure(
        _over(lambda e: _answered(e) and e.seen, lambda e: e.marked)
    ),
    "marker right, of right answers": Figure(_over(lambda e: e.contains, lambda e: e.marked)),
    "declined, unanswerable": Figure(_over(lambda e: not e.answerable, lambda e: e.declined)),
    "declined, answerable (false)": Figure(_over(lambda e: e.answerable, lambda e: e.declined)),
    "declined, unanswerable, at 15 % false": Figure(_swept),
    "evidence holds the answer": Figure(_over(lambda e: e.answerable, lambda e: e.seen)),
    "tokens of a draft, median": Figure(_length, share=False),
    "tokens a second, median": Figure(_speed, share=False),
    "seconds a draft, median": Figure(_seconds, share=False),
}
"""Tokens a second count from the first piece on; models whose drafts come whole have none."""


def figures_of(judged: Sequence[Judged]) -> dict[str, Estimate]:
    """Return every figure that says something about these drafts."""
    found = {name: figure.of(judged) for name, figure in FIGURES.items()}
    return {name: value for name, value in found.items() if value.count}


def cell(name: str, found: Estimate | None) -> str:
    """Return a figure with its interval and the number of cases, for a table."""
    if found is None or not found.count:
        return "-"
    digits = 3 if name not in FIGURES or FIGURES[name].share else 1
    value, low, high = (f"{each:.{digits}f}" for each in (found.value, found.low, found.high))
    return f"{value} [{low}, {high}] n {found.count}"
