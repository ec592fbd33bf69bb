"""Measure what more examples teach: ``python -m bench.tune_curve DATA --work FOLDER``.

A model is taught some hundred of the examples of a made set, then more, then more; each time all
is measured that ``citewell tune evaluate`` measures. What was taught already is not taught again.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.drawing import Chart, draw
from citewell.app.llms.adapter_card import CARD, adapter_folder
from citewell.app.tuning.evaluate_command import drafted, spread, test_file
from citewell.app.tuning.examples import Example, read_examples
from citewell.app.tuning.figures import FIGURES, cell, figures_of
from citewell.app.tuning.intervals import Estimate
from citewell.app.tuning.train_command import run_train
from citewell.app.tuning.train_options import TrainOptions
from citewell.retrieval.settings import Settings

SIZES = (200, 800, 3200)

DRAWN = (
    "contains an accepted answer",
    "token F1",
    "marker right, of answers",
    "declined, unanswerable",
    "declined, answerable (false)",
)

Curve = Mapping[int, Mapping[str, Estimate]]
"""By the number of examples; of 0 the model that was taught nothing."""


def main(argv: Sequence[str] | None = None) -> int:
    """Teach and measure, print the tables and draw the curves."""
    args = _arguments().parse_args(argv)
    sets = {
        (file.parent if file.name == "test.jsonl" else file).stem: spread(
            list(read_examples(file)), args.limit
        )
        for file in map(test_file, args.examples or [args.data])
    }
    settings = Settings(home=args.work)
    names = {size: _taught(args, size, settings) for size in args.sizes}
    if args.base == "bundled":
        names = {0: "bundled-base"} | names
    curves = {name: _curve(examples, names, settings) for name, examples in sets.items()}
    print("\n\n".join(table(name, curve) for name, curve in curves.items()))
    if args.json:
        args.json.write_text(json.dumps(as_json(curves), indent=1), encoding="utf-8")
    if args.plot:
        args.plot.write_text(draw([chart(*each) for each in curves.items()]), encoding="utf-8")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.tune_curve", description=__doc__)
    parser.add_argument("data", type=Path, help="folder that citewell tune data made")
    parser.add_argument("--work", type=Path, required=True, help="home folder for the adapters")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of examples")
    parser.add_argument(
        "--examples",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="measure on these, such as those that bench.drafts keeps; else on DATA/test.jsonl",
    )
    parser.add_argument("--limit", type=int, help="measure on so many of each file")
    parser.add_argument("--base", default="bundled", help="model to teach")
    parser.add_argument("--epochs", type=int, default=TrainOptions(Path(), "").epochs)
    parser.add_argument("--preference", action="store_true", help="teach pairs after, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the curves there")
    return parser


def _taught(args: argparse.Namespace, size: int, settings: Settings) -> str:
    """Teach a model so many examples, unless it was. Returns its name."""
    name = f"curve-{size}"
    if not (adapter_folder(settings.home, name) / CARD).is_file():
        options = TrainOptions(
            data=args.data,
            name=name,
            base=args.base,
            epochs=args.epochs,
            limit=size,
            preference=args.preference,
        )
        run_train(settings, options)
    return f"tuned:{name}"


def _curve(examples: Sequence[Example], names: Mapping[int, str], settings: Settings) -> Curve:
    return {size: figures_of(drafted(name, examples, settings)) for size, name in names.items()}


def table(name: str, curve: Curve) -> str:
    """Return the figures in Markdown, a column for each number of examples."""
    rows = [
        f"| {figure} | {' | '.join(cell(figure, found.get(figure)) for found in curve.values())} |"
        for figure in FIGURES
        if any(figure in found for found in curve.values())
    ]
    head = f"| {name} | {' | '.join(f'{size:,} examples' for size in curve)} |"
    return "\n".join((head, "|---" * (len(curve) + 1) + "|", *rows))


def chart(name: str, curve: Curve) -> Chart:
    """Return the shares over the number of examples, which is on a logarithmic axis."""
    lines = {
        figure: [(float(size), found[figure].value) for size, found in curve.items() if size]
        for figure in DRAWN
        if all(figure in found for found in curve.values())
    }
    return Chart(name, "examples", lines, share_up=True)


def as_json(curves: Mapping[str, Curve]) -> dict[str, object]:
    """Return the figures by file, number of examples and name."""
    return {
        name: {
            str(size): {figure: asdict(value) for figure, value in found.items()}
            for size, found in curve.items()
        }
        for name, curve in curves.items()
    }


if __name__ == "__main__":
    sys.exit(main())
