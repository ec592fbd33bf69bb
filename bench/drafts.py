"""Measure what models write by themselves: ``python -m bench.drafts FOLDER --llm bundled``.

The folder holds the sets. Every model is shown the same evidence, found as answering finds it,
and what it writes is judged before any check. Several models stand side by side; one can be named
``unmerged:ADAPTER``, an adapter that is run beside the weights of its base, and
``unmerged:bundled`` is that base without one.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.answer_sets import SETS, AnswerSet, part_of, read_sets
from bench.collection import home_folder
from bench.draft_examples import examples_of
from bench.halves import Half
from bench.models import opened
from bench.questions import read_questions
from citewell.app.reading.reader import open_reader
from citewell.app.tuning.evaluating import Judged, Tell, evaluate
from citewell.app.tuning.examples import Example, read_examples
from citewell.app.tuning.figures import FIGURES, cell, figures_of
from citewell.app.tuning.intervals import Estimate
from citewell.retrieval.settings import Settings

TOGETHER = "all"
"""The row that counts the questions of all sets alike."""

Drafts = dict[str, dict[str, list[Judged]]]
"""By model and by set."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its tables."""
    args = _arguments().parse_args(argv)
    with home_folder(args.work) as work:
        sets = _examples(args, work)
        found = {name: _drafted(name, sets, work, scored=args.sweep) for name in args.llm}
    print(as_text(found))
    if args.show:
        print(side_by_side(found, args.show))
    if args.json:
        args.json.write_text(json.dumps(as_json(found), ensure_ascii=False), encoding="utf-8")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.drafts", description=__doc__)
    parser.add_argument(
        "source", type=Path, help="holds a folder for each set; or a file of questions or examples"
    )
    parser.add_argument("--corpus", type=Path, help="documents of a file of questions")
    parser.add_argument(
        "--sets",
        nargs="+",
        choices=list(SETS),
        metavar="SET",
        default=["squad", "nq-open"],
        help="these; squad and nq-open",
    )
    parser.add_argument("--half", choices=["learn", "report", "all"], default="report")
    parser.add_argument("--limit", type=int, help="ask only so many of a set, spread over it")
    parser.add_argument("--llm", nargs="+", default=["bundled"], help="models, side by side")
    parser.add_argument(
        "--sweep", action="store_true", help="decline by probability too (unmerged models)"
    )
    parser.add_argument("--work", type=Path, help="keeps collections and evidence for a next run")
    parser.add_argument("--show", type=int, metavar="N", help="print N questions with all drafts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and drafts there")
    return parser


def _examples(args: argparse.Namespace, work: Path) -> dict[str, list[Example]]:
    if args.source.is_file() and args.corpus is None:
        return {args.source.stem: list(read_examples(args.source))[: args.limit]}
    if args.corpus:
        name = args.source.resolve().parent.name
        sets = [AnswerSet(name, args.corpus, tuple(read_questions(args.source)))]
        half: Half = "all"
    else:
        sets, half = read_sets(args.source, args.sets), args.half
    reader = open_reader()
    kept = half if args.limit is None else f"{half}-{args.limit}"
    found = {}
    for each in (part_of(each, half, args.limit) for each in sets):
        _say(f"{each.name}: finding the evidence of {len(each.questions)} questions")
        found[each.name] = examples_of(each, work, kept, reader)
    return found


def _drafted(
    name: str, sets: dict[str, list[Example]], work: Path, *, scored: bool
) -> dict[str, list[Judged]]:
    settings = Settings(home=work, llm_timeout=600)
    model = opened(name, work)
    if model is None:
        raise SystemExit("--llm none writes nothing. Name a model.")
    try:
        return {
            each: list(
                evaluate(model, examples, settings, _teller(f"{name}, {each}"), scored=scored)
            )
            for each, examples in sets.items()
        }
    finally:
        model.close()


def _teller(what: str) -> Tell:
    def tell(done: int, total: int) -> None:
        if done % 25 == 0 or done == total:
            _say(f"{what}: {done} of {total}")

    return tell


def as_text(found: Drafts) -> str:
    """Return a table for each set and one for all together, a column for each model."""
    names = list(found)
    sets = list(next(iter(found.values())))
    parts = []
    for each in [*sets, *([TOGETHER] if len(sets) > 1 else [])]:
        columns = {name: figures_of(_of(found[name], each)) for name in names}
        shown = [name for name in FIGURES if any(name in column for column in columns.values())]
        rows = [_row(figure, [columns[name].get(figure) for name in names]) for figure in shown]
        head = f"| {each} | {' | '.join(names)} |\n{'|---' * (len(names) + 1)}|"
        parts.append("\n".join((head, *rows)))
    return "\n\n".join(parts)


def _row(figure: str, found: Sequence[Estimate | None]) -> str:
    return f"| {figure} | {' | '.join(cell(figure, each) for each in found)} |"


def _of(drafted: dict[str, list[Judged]], name: str) -> list[Judged]:
    if name == TOGETHER:
        return [each for judged in drafted.values() for each in judged]
    return drafted[name]


def side_by_side(found: Drafts, count: int) -> str:
    """Return questions with their evidence and what each model wrote, spread over the sets."""
    first = _of(next(iter(found.values())), TOGETHER)
    step = max(1, len(first) // count)
    parts = []
    for place in range(0, len(first), step)[:count]:
        example = first[place].example
        lines = [f"## {example.question}", f"Accepted: {' / '.join(example.answers) or 'none'}"]
        lines += [f"[{each.number}] {each.text}" for each in example.evidence]
        lines += [
            f"**{name}**: {_of(drafted, TOGETHER)[place].draft.text.strip()}"
            for name, drafted in found.items()
        ]
        parts.append("\n\n".join(lines))
    return "\n\n".join(parts)


def as_json(found: Drafts) -> dict[str, Any]:
    """Return figures and drafts by model and set."""
    return {
        name: {
            each: {
                "figures": {key: asdict(value) for key, value in figures_of(judged).items()},
                "drafts": [
                    {
                        "id": one.example.id,
                        "text": one.draft.text,
                        "declined": one.declined,
                        "contains": one.contains,
                        "f1": round(one.f1, 4),
                        "marked": one.marked,
                    }
                    for one in judged
                ],
            }
            for each, judged in drafted.items()
        }
        for name, drafted in found.items()
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
