"""Fit what ranks the evidence: ``python -m bench.fit_evidence``.

Prints the constants of ``app/ranking.py`` as fitted now to one half of the questions, and how often
the best units hold the answer in the other half. The reader was taught questions of
``shared/data/train``: weights fitted to these would trust it too much.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np

from bench.collection import home_folder
from bench.fit_cases import Case, find_cases
from bench.fitting import Array, fit_listwise, fit_null
from bench.halves import Half, half_of
from bench.questions import read_questions
from citewell.app.evidence import Scored
from citewell.app.features import Features
from citewell.app.ranking import BY_READING, BY_WORDS, Ranking
from citewell.app.reading.reader import open_reader

SETS = tuple(Path("../shared/data", name) for name in ("squad", "nq-open"))

PENALTY = 3e-3

READ_FEATURES = (
    *("coverage", "around", "rank", "passage", "kind", "tight", "order"),
    *("reads", "answers", "spans", "unread"),
)
"""Those that count where a reader reads: with all of them it ranks no better."""

WORD_FEATURES = (
    *("coverage", "around", "similarity", "rank", "passage", "kind", "early", "brief"),
    *("tight", "order", "long", "new", "first", "titled"),
)
"""Those that count where none does; what is a row or leans on another is too rare in the sets."""


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, and print what came out beside what is in the code."""
    args = _arguments().parse_args(argv)
    reader = open_reader() if args.read else None
    sets = {}
    with home_folder(args.home) as home:
        for folder in args.sets:
            asked = read_questions(folder / "questions.jsonl")
            corpus = folder / "corpus.jsonl"
            sets[folder.name] = find_cases(corpus, asked, home / folder.name, reader)
    learnt = [case for cases in sets.values() for case in cases if half_of(case.id) == "learn"]
    found = fit(learnt, BY_READING, READ_FEATURES) if args.read else fit(learnt, BY_WORDS)
    print(found)
    for half in ("learn", "report"):
        report("in the code", sets, BY_READING if args.read else BY_WORDS, half)
        report("as fitted", sets, found, half)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.fit_evidence", description=__doc__)
    parser.add_argument(
        "sets", type=Path, nargs="*", default=SETS, help="folders with corpus and questions"
    )
    parser.add_argument("--read", action="store_true", help="let the bundled reader read")
    parser.add_argument("--home", type=Path, help="folder to keep the collections in")
    return parser


def fit(cases: Sequence[Case], before: Ranking, names: Sequence[str] = WORD_FEATURES) -> Ranking:
    """Return the ranking of the features named that fits best, not far from the one before."""
    kept = np.array([field.name in names for field in fields(Features)])
    lists = [(_rows(case.scored) * kept, np.array(case.holds)) for case in cases if case.scored]
    weights = np.where(kept, fit_listwise(lists, PENALTY, np.array(astuple(before.weights))), 0.0)
    scale, null = fit_null([(rows @ weights, wanted) for rows, wanted in lists])
    return Ranking(Features(*(round(float(w), 2) for w in scale * weights)), round(null, 2))


def _rows(scored: Sequence[Scored]) -> Array:
    return np.array([item.features.values() for item in scored])


def report(title: str, sets: dict[str, list[Case]], ranking: Ranking, half: Half) -> None:
    """Print how often one of the best units holds the answer, in a half of each set."""
    print(f"\n{title}, half: {half}\n\n| set | cases | best 1 | best 2 | best 3 |")
    print("|---|---|---|---|---|")
    for name, cases in sets.items():
        asked = [case for case in cases if half_of(case.id) == half]
        shares = " | ".join(f"{share:.3f}" for share in hit_rates(asked, ranking))
        print(f"| {name} | {len(asked)} | {shares} |")


def hit_rates(cases: Sequence[Case], ranking: Ranking) -> list[float]:
    """Return how often one of the best one, two and three units holds an answer."""
    ranked = []
    for case in cases:
        order = np.argsort(-ranking.scores([item.features for item in case.scored]), kind="stable")
        ranked.append([case.holds[int(i)] for i in order])
    return [float(np.mean([any(held[:count]) for held in ranked])) for count in (1, 2, 3)]


if __name__ == "__main__":
    sys.exit(main())
