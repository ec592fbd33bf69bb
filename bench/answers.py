"""Measure answers: ``python -m bench.answers FOLDER``, the folder that holds the sets.

Or of a single file: ``python -m bench.answers QUESTIONS.jsonl --corpus PATH``. Every system answers
from the same collections, with the same language models.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.answer_measures import MEASURES, TIMES
from bench.answer_run import Plan, Results, run
from bench.answer_sets import SETS, AnswerSet, part_of, read_sets
from bench.answer_show import KINDS, shown
from bench.answer_systems import CLOSED_BOOK, SYSTEMS, WITH_MODEL, WITHOUT_MODEL
from bench.answer_tables import as_json, as_text, curves
from bench.collection import home_folder
from bench.drawing import draw
from bench.halves import Half
from bench.questions import read_questions


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its tables."""
    args = _arguments().parse_args(argv)
    half: Half = args.half or ("all" if args.corpus else "report")
    sets = [part_of(each, half, args.limit) for each in _sets(args)]
    sets += [part_of(_own(file, file.parent), "all", args.limit) for file in args.also]
    with home_folder(args.work) as work:
        plan = Plan(_systems(args), args.llm, work, args.others_limit, not args.timings)
        results = run(plan, [each for each in sets if each.questions])
    wanted = {name: MEASURES[name] for name in args.measures or MEASURES}
    measures = wanted | (TIMES if args.timings else {})
    print(
        f"Half {half}, language model {', '.join(args.llm)}.",
        as_text(results, measures),
        sep="\n\n",
    )
    for text in _to_read(results, args):
        print(f"\n{text}")
    if args.json:
        args.json.write_text(json.dumps(as_json(results, measures), indent=1), encoding="utf-8")
    if args.curves:
        args.curves.write_text(draw(curves(results), columns=3), encoding="utf-8")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.answers", description=__doc__)
    parser.add_argument("source", type=Path, help="holds a folder for each set; or a question file")
    parser.add_argument("--corpus", type=Path, help="documents of the question file")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), metavar="SET", help="only these")
    parser.add_argument(
        "--also",
        type=Path,
        nargs="+",
        default=[],
        metavar="QUESTIONS",
        help="question files that lie in the folder of their documents, asked whole besides",
    )
    parser.add_argument(
        "--half", choices=["learn", "report", "all"], help="report; of a question file, all"
    )
    parser.add_argument("--limit", type=int, help="ask only so many of a set, spread over it")
    parser.add_argument(
        "--llm",
        nargs="+",
        default=["bundled"],
        help="language models, as settings name them; every system with a model uses each",
    )
    parser.add_argument(
        "--systems", nargs="+", choices=list(SYSTEMS), metavar="SYSTEM", help="only these"
    )
    parser.add_argument(
        "--measures", nargs="+", choices=list(MEASURES), metavar="MEASURE", help="only these"
    )
    parser.add_argument("--closed-book", action="store_true", help="ask the model by itself too")
    parser.add_argument(
        "--others-limit", type=int, help="ask other systems with a model only so many of a set"
    )
    parser.add_argument("--timings", action="store_true", help="keep no reply, and show times")
    parser.add_argument("--work", type=Path, help="folder for collections and kept replies")
    parser.add_argument("--show", choices=KINDS, help="print replies of this kind as well")
    parser.add_argument("--count", type=int, default=10, help="so many of each set and system")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and replies there")
    parser.add_argument("--curves", type=Path, metavar="FILE.svg", help="draw risk and coverage")
    return parser


def _sets(args: argparse.Namespace) -> list[AnswerSet]:
    if args.corpus is None:
        return read_sets(args.source, args.sets or ())
    return [_own(args.source, args.corpus)]


def _own(questions: Path, corpus: Path) -> AnswerSet:
    name = questions.resolve().parent.name
    return AnswerSet(name, corpus, tuple(read_questions(questions)))


def _systems(args: argparse.Namespace) -> list[str]:
    """Return the systems asked for; all by default, without a model those that need none."""
    if args.systems:
        return [*args.systems, *([CLOSED_BOOK] if args.closed_book else [])]
    with_model = [name for name in WITH_MODEL if name != CLOSED_BOOK or args.closed_book]
    return [*(with_model if args.llm != ["none"] else []), *WITHOUT_MODEL]


def _to_read(results: Results, args: argparse.Namespace) -> Iterator[str]:
    if args.show:
        for name, of in results.items():
            for system, judged in of.items():
                yield f"## {name}, {system}: {args.show}"
                yield from shown(judged, args.show, args.count)


if __name__ == "__main__":
    sys.exit(main())
