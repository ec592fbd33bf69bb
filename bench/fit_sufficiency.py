"""Fit what judges whether evidence suffices: ``python -m bench.fit_sufficiency``.

Prints the constants of ``app/sufficiency.py`` as fitted now, and how well those in the code and
those fitted do on the half of the questions that nothing was chosen on.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped, unused-ignore]
from scipy.special import expit  # type: ignore[import-untyped, unused-ignore]

from bench.collection import home_folder
from bench.fitting import Array, Logistic
from bench.sufficiency_cases import QuestionFiles, SignalCase, signal_cases
from citewell.app.calibration_fit import area, calibration_error
from citewell.app.reading.reader import open_reader
from citewell.app.signals import Signals
from citewell.app.sufficiency import BY_READING, BY_WORDS, Model, scaled

DATA = Path("../shared/data")
SETS = ("squad", "nq-open", "clapnq", "mtrag-un", "rgb/zh_refine", "financebench")
EMAIL = "injection/bipia-email"
TRAIN = "train"

FALSE_ABSTENTION = 0.05
"""Share of the answerable questions that the threshold may decline, in the mean over the sets."""

COMPARED = 0.15
"""Share at which systems are compared."""

PENALTY = 3.0
"""Of half the sum of the squared coefficients."""

READERS = 1
"""Signals of the reader; they are the last."""

HEADER = """
| set | with | without | AUC | ECE | declined, 0.15 falsely | declined | falsely |
|---|---|---|---|---|---|---|---|
""".strip()


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, and print what came out beside what is in the code."""
    args = _arguments().parse_args(argv)
    reader = None if args.without_reader else open_reader()
    with home_folder(args.home) as home:
        home.mkdir(parents=True, exist_ok=True)
        cases = [
            case
            for files in question_files(args.data, without_train=reader is not None)
            for case in signal_cases(files, home, reader)
            if case.signals is not None
        ]
    learn = [each for each in cases if each.half == "learn" or each.set == TRAIN]
    judged = [each for each in cases if each.half == "report" and each.whole and each.set != TRAIN]
    in_code = BY_WORDS if reader is None else BY_READING
    fitted = fit_words(learn, args.falsely)
    if reader is not None:
        fitted = fit_reading(learn, BY_WORDS, args.falsely)
    print_model(fitted)
    report("in the code", judged, in_code)
    report("as fitted", judged, fitted)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.fit_sufficiency", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the question sets")
    parser.add_argument("--home", type=Path, help="folder to keep collections and signals in")
    parser.add_argument(
        "--without-reader", action="store_true", help="fit what judges where no reader reads"
    )
    parser.add_argument(
        "--falsely",
        type=float,
        default=FALSE_ABSTENTION,
        help="share of the answerable questions that may be declined",
    )
    return parser


def question_files(data: Path, *, without_train: bool) -> list[QuestionFiles]:
    """Return the sets that are there.

    Args:
        without_train: Leave out the questions that the reader was taught on: it knows them.
    """
    names = [*SETS, EMAIL]
    found = [
        QuestionFiles(name, _corpus(data / name), data / name / "questions.jsonl") for name in names
    ]
    if not without_train:
        found.append(QuestionFiles(TRAIN, None, data / TRAIN / "questions.jsonl"))
    kept = [each for each in found if each.questions.is_file()]
    if not kept:
        raise SystemExit(f"There are no questions in {data}. Name their folder with --data.")
    return kept


def _corpus(folder: Path) -> Path:
    file = folder / "corpus.jsonl"
    return file if file.is_file() else folder / "docs"


def fit_words(cases: Sequence[SignalCase], falsely: float) -> Model:
    """Return a model of these cases by the signals that need no reader.

    Each set and each kind weighs by the square root of its size.
    """
    table, answerable = table_of(cases)
    part = fit_rising(table[:, :-READERS], answerable, shares_of(cases))
    weights = Signals(*(round(float(value), 2) for value in part.coefficients))
    return _with_threshold(Model(weights, round(part.intercept, 2), 0.0), cases, falsely)


def fit_reading(cases: Sequence[SignalCase], words: Model, falsely: float) -> Model:
    """Return a model of these cases by the log-odds of another and by what the reader says.

    Reading takes long, so there are few cases that were read: few enough that the weights of all
    signals, fitted at once, do worse on other questions than these two.
    """
    table, answerable = table_of(cases)
    known = [words.log_odds(each.signals) for each in cases if each.signals is not None]
    rows = np.column_stack([np.array(known), table[:, -READERS:]])
    part = fit_rising(rows, answerable, shares_of(cases))
    share, *read = (float(value) for value in part.coefficients)
    kept = (round(share * value, 2) for value in words.weights.values()[:-READERS])
    weights = Signals(*kept, *(round(value, 2) for value in read))
    intercept = round(share * words.intercept + part.intercept, 2)
    return _with_threshold(Model(weights, intercept, 0.0), cases, falsely)


def _with_threshold(model: Model, cases: Sequence[SignalCase], falsely: float) -> Model:
    """Return a model with the mean, over the sets, of the thresholds that decline this share."""
    found = expit([model.log_odds(each.signals) for each in cases if each.signals is not None])
    at = [_quantile(found, cases, name, falsely) for name in sorted({each.set for each in cases})]
    return replace(model, threshold=round(float(np.mean(at)), 3))


def _quantile(found: Array, cases: Sequence[SignalCase], name: str, share: float) -> float:
    kept = [each.set == name and each.answerable for each in cases]
    return float(np.quantile(found[kept], share))


def table_of(cases: Sequence[SignalCase]) -> tuple[Array, NDArray[np.bool_]]:
    """Return the signals as the model weighs them, a row a case, and which are answerable."""
    rows = [scaled(each.signals).values() for each in cases if each.signals is not None]
    return np.array(rows), np.array([each.answerable for each in cases])


def shares_of(cases: Sequence[SignalCase]) -> Array:
    """Return the weight of each case: a set of four times the size weighs twice as much."""
    kinds = [(each.set, each.answerable) for each in cases]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    shares = np.array([counts[kind] ** -0.5 for kind in kinds])
    answerable = np.array([each.answerable for each in cases])
    for kind in (answerable, ~answerable):
        shares[kind] *= 0.5 * len(cases) / shares[kind].sum()
    return shares


def fit_rising(
    rows: Array, positive: NDArray[np.bool_], shares: Array, penalty: float = PENALTY
) -> Logistic:
    """Fit a logistic model whose coefficients are not negative.

    Args:
        rows: Shape ``(cases, signals)``.
        shares: Weight of each case.
        penalty: Of half the sum of the squared coefficients, each for its signal made to deviate
            by 1; the intercept is free.
    """
    signs = np.where(positive, 1.0, -1.0)
    scale = np.maximum(rows.std(axis=0), 1e-9)
    table = np.column_stack([rows / scale, np.ones(len(rows))])

    def loss(weights: Array) -> tuple[float, Array]:
        margins = signs * (table @ weights)
        kept = np.append(weights[:-1], 0.0)
        cost = float(shares @ np.logaddexp(0, -margins)) + penalty / 2 * float(kept @ kept)
        return cost, -table.T @ (shares * signs * expit(-margins)) + penalty * kept

    bounds = [*((0.0, None) for _ in scale), (None, None)]
    found = minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return Logistic(found.x[:-1] / scale, float(found.x[-1]))


def report(title: str, cases: Sequence[SignalCase], model: Model) -> None:
    """Print how well a model does on each set, and on all."""
    print(f"\n{title}, threshold {model.threshold:.3f}\n\n{HEADER}")
    for name in (*dict.fromkeys(each.set for each in cases), "all"):
        print(_line(name, [each for each in cases if name in (each.set, "all")], model))


def _line(name: str, cases: Sequence[SignalCase], model: Model) -> str:
    answerable = np.array([each.answerable for each in cases])
    logits = [model.log_odds(each.signals) for each in cases if each.signals is not None]
    found = expit(np.array(logits))
    without = found[~answerable]
    at = float(np.quantile(found[answerable], COMPARED))
    figures = (
        area(found, answerable),
        calibration_error(found, answerable, np.ones(len(found))),
        float(np.mean(without < at)),
        float(np.mean(without < model.threshold)),
        float(np.mean(found[answerable] < model.threshold)),
    )
    counts = f"{answerable.sum()} | {len(without)}"
    return f"| {name} | {counts} | {' | '.join(f'{each:.3f}' for each in figures)} |"


def print_model(model: Model) -> None:
    """Print a model as it stands in the code."""
    for field in fields(Signals):
        print(f"{field.name}={getattr(model.weights, field.name)},")
    print(f"intercept={model.intercept}, threshold={model.threshold}")


if __name__ == "__main__":
    sys.exit(main())
