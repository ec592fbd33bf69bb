"""Fit what ranks and judges the evidence: ``python -m bench.fit_evidence``.

Prints the constants of ``app/evidence.py`` and ``app/sufficiency.py`` as fitted now, and how well
both do on sets that they were not fitted on.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.collection import home_folder
from bench.fit_cases import Case, chosen, corpus_of, find_cases
from bench.fitting import Array, Logistic, fit_listwise, fit_logistic
from bench.metrics import area_under_curve
from bench.questions import read_questions
from citewell.app.evidence import WEIGHTS, Scored
from citewell.app.features import Features
from citewell.app.sufficiency import COEFFICIENTS, INTERCEPT, THRESHOLD, Signals, signals

TRAIN = Path("../shared/data/train/questions.jsonl")
UNTOUCHED = tuple(Path("../shared/data", name) for name in ("squad", "nq-open", "clapnq"))

FALSE_ABSTENTION = 0.05
"""Share of the answerable questions that the threshold may decline on the fitting set."""

IN_USE = np.array(astuple(COEFFICIENTS)) != 0
"""The signals that the model of the code uses; only these are fitted."""

HEADER = """
| set | cases | best 1 | best 3 | AUC | declined, 0.05 falsely | declined | falsely |
""".strip()
"""Of the table: how often the best sentence, and one of the best three, holds the answer; the
area under the curve; the share of unanswerable questions that is declined when the chosen share of
the answerable ones is, in each set alike; and with the threshold, the shares of unanswerable and
of answerable ones."""


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, and print what came out beside what is in the code."""
    args = _arguments().parse_args(argv)
    questions = chosen(read_questions(args.train), args.questions, args.seed)
    with home_folder(args.home) as home:
        train_home = home / "train"
        train_home.mkdir(parents=True, exist_ok=True)
        corpus = corpus_of(args.train, home)
        train = find_cases(corpus, questions, train_home, without_gold=True)
        sets = {"train": train}
        for folder in args.untouched:
            asked = read_questions(folder / "questions.jsonl")
            corpus = folder / "corpus.jsonl"
            sets[folder.name] = find_cases(corpus, asked, home / folder.name, without_gold=False)
    in_code = Logistic(np.array(astuple(COEFFICIENTS)), INTERCEPT)
    weights, fitted, threshold = fit(train, args.falsely)
    _print_constants(weights, fitted, threshold)
    report("in the code", sets, np.array(WEIGHTS.row()), in_code, THRESHOLD, args.falsely)
    report("as fitted", sets, weights, fitted, threshold, args.falsely)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.fit_evidence", description=__doc__)
    parser.add_argument("train", type=Path, nargs="?", default=TRAIN, help="questions to fit to")
    parser.add_argument(
        "--untouched",
        type=Path,
        nargs="*",
        default=UNTOUCHED,
        help="folders with a corpus.jsonl and a questions.jsonl to report on",
    )
    parser.add_argument("--questions", type=int, default=1500, help="questions to fit to, at most")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of questions")
    parser.add_argument(
        "--falsely",
        type=float,
        default=FALSE_ABSTENTION,
        help="share of the answerable questions that may be declined",
    )
    parser.add_argument("--home", type=Path, help="folder to keep the collections in")
    return parser


def fit(train: Sequence[Case], falsely: float) -> tuple[Array, Logistic, float]:
    """Return the weights of the features, the model of the signals and its threshold."""
    weights = fit_listwise(
        [
            (_rows(case.scored), np.array(case.holds))
            for case in train
            if case.answerable and case.scored
        ]
    )
    table, answerable = judged_by(train, weights)
    part = fit_logistic(table[:, IN_USE], answerable)
    coefficients = np.zeros(len(IN_USE))
    coefficients[IN_USE] = part.coefficients
    model = Logistic(coefficients, part.intercept)
    found = model.probability(table)[answerable]
    return weights, model, float(np.quantile(found, falsely))


def _rows(scored: Sequence[Scored]) -> Array:
    return np.array([item.features.row() for item in scored])


def _order(case: Case, weights: Array) -> list[int]:
    """Return the places of a case's sentences, the best under these weights first."""
    return [int(i) for i in np.argsort(-(_rows(case.scored) @ weights), kind="stable")]


def judged_by(cases: Sequence[Case], weights: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Return the signals of each case, and whether it is answerable; without evidence, none."""
    kept = [case for case in cases if case.scored]
    table = [
        astuple(signals(case.question, [case.scored[i] for i in _order(case, weights)]))
        for case in kept
    ]
    return np.array(table), np.array([case.answerable for case in kept])


def report(
    title: str,
    sets: dict[str, list[Case]],
    weights: Array,
    model: Logistic,
    threshold: float,
    falsely: float,
) -> None:
    """Print how well weights and model do on each set."""
    print(f"\n{title}, threshold {threshold:.2f}\n")
    print(HEADER)
    print("|---|---|---|---|---|---|---|---|")
    for name, cases in sets.items():
        first, third = _hit_rates(cases, weights)
        table, answerable = judged_by(cases, weights)
        found = model.probability(table)
        at = float(np.quantile(found[answerable], falsely))
        shares = (
            first,
            third,
            area_under_curve(found, answerable),
            float(np.mean(found[~answerable] < at)),
            float(np.mean(found[~answerable] < threshold)),
            float(np.mean(found[answerable] < threshold)),
        )
        print(f"| {name} | {len(cases)} | {' | '.join(f'{share:.3f}' for share in shares)} |")


def _hit_rates(cases: Sequence[Case], weights: Array) -> tuple[float, float]:
    """Return how often the best sentence, and one of the best three, holds an answer."""
    asked = [case for case in cases if case.answerable]
    held = [[case.holds[i] for i in _order(case, weights)[:3]] for case in asked if case.scored]
    first = sum(each[0] for each in held) / len(asked)
    return first, sum(any(each) for each in held) / len(asked)


def _print_constants(weights: Array, model: Logistic, threshold: float) -> None:
    print("WEIGHTS:", _named(Features, weights))
    print("COEFFICIENTS:", _named(Signals, model.coefficients))
    print(f"INTERCEPT: {model.intercept:.2f}")
    print(f"THRESHOLD: {threshold:.2f}")


def _named(kind: type[Features | Signals], values: Array) -> str:
    names = [field.name for field in fields(kind)]
    return ", ".join(f"{name}={value:.2f}" for name, value in zip(names, values, strict=True))


if __name__ == "__main__":
    sys.exit(main())
