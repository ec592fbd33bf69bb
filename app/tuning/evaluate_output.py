"""What ``citewell tune evaluate`` prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from citewell.app.output import Json
from citewell.app.tables import counted
from citewell.app.terminal import write
from citewell.app.tuning.evaluating import Judged
from citewell.app.tuning.figures import FIGURES, cell, figures_of
from citewell.app.tuning.intervals import Estimate, estimate

EVALUATE = "citewell.tune-evaluate/1"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What models wrote to the same examples.

    Attributes:
        data: File of the examples.
        drafts: Of each model by its name, judged, in the order of the examples.
        llm: Name of the model that it is about.
    """

    data: Path
    drafts: Mapping[str, Sequence[Judged]]
    llm: str

    @property
    def count(self) -> int:
        """How many examples there are."""
        return len(self.drafts[self.llm])


def is_right(judged: Judged) -> bool:
    """Tell whether a draft does what it should: hold an accepted answer, or decline."""
    return judged.contains if judged.answerable else judged.declined


def right_by_kind(judged: Sequence[Judged]) -> dict[str, Estimate]:
    """Return which share of the drafts of each kind of example is right."""
    kinds = dict.fromkeys(each.example.kind for each in judged)
    return {
        kind: estimate([float(is_right(each)) for each in judged if each.example.kind == kind])
        for kind in sorted(kinds)
    }


def tables(found: Comparison) -> list[str]:
    """Return the figures, and what is right of each kind, as tables in Markdown."""
    figures = {name: figures_of(judged) for name, judged in found.drafts.items()}
    kinds = {name: right_by_kind(judged) for name, judged in found.drafts.items()}
    named = [name for name in FIGURES if any(name in each for each in figures.values())]
    of_kinds = list(next(iter(kinds.values())))
    return [
        _table("", found, {name: [each.get(name) for each in figures.values()] for name in named}),
        _table(
            "right, by kind",
            found,
            {kind: [each.get(kind) for each in kinds.values()] for kind in of_kinds},
        ),
    ]


def print_comparison(found: Comparison) -> None:
    """Print the figures of the models side by side."""
    write(f"{counted(found.count, 'example')} of {found.data}, figures with their 95 % interval:")
    for table in tables(found):
        write()
        write(table)


def evaluate_json(found: Comparison, model_card: Path | None) -> Json:
    """Return what ``citewell tune evaluate --json`` prints."""
    return {
        "schema": EVALUATE,
        "data": str(found.data),
        "examples": found.count,
        "model": found.llm,
        "models": [{"name": name, **_json(judged)} for name, judged in found.drafts.items()],
        "model_card": None if model_card is None else str(model_card),
    }


def stored(found: Comparison) -> Json:
    """Return the figures as they are kept with an adapter."""
    return {
        "examples": found.count,
        "models": {name: _json(judged) for name, judged in found.drafts.items()},
    }


def _table(title: str, found: Comparison, rows: Mapping[str, Sequence[Estimate | None]]) -> str:
    head = [f"| {title} | {' | '.join(found.drafts)} |", "|---" * (len(found.drafts) + 1) + "|"]
    body = [f"| {name} | {' | '.join(cell(name, e) for e in row)} |" for name, row in rows.items()]
    return "\n".join((*head, *body))


def _json(judged: Sequence[Judged]) -> Json:
    return {
        "figures": {name: _figure(each) for name, each in figures_of(judged).items()},
        "kinds": {kind: _figure(each) for kind, each in right_by_kind(judged).items()},
    }


def _figure(found: Estimate) -> Json:
    return {
        "value": round(found.value, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "count": found.count,
    }
