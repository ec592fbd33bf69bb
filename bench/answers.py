"""Measure answers: ``python -m bench.answers QUESTIONS.jsonl --corpus PATH``."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from bench.baseline import Baseline
from bench.collection import fill, home_folder
from bench.metrics import Estimate
from bench.questions import GoldQuestion, read_questions
from bench.replies import Cited, Judged, Reply, judge, summarise
from citewell.app.answering import Answerer
from citewell.app.llms.factory import open_model
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings

WARM_UP = "What is this about?"
"""Asked first and not counted, so that loading the models is in no figure."""

System = Callable[[str], Reply]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table."""
    args = _arguments().parse_args(argv)
    questions = read_questions(args.questions, args.limit)
    with home_folder(args.home) as home:
        settings = Settings(home=home, llm=args.llm)
        fill(settings, [args.corpus])
        judged = measure(questions, settings, with_baseline=args.baseline)
    tables = {name: summarise(each) for name, each in judged.items()}
    _print(args, tables)
    if args.json:
        args.json.write_text(_as_json(args, tables, judged), encoding="utf-8")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.answers", description=__doc__)
    parser.add_argument("questions", type=Path, help="questions.jsonl with gold answers")
    parser.add_argument("--corpus", type=Path, required=True, help="folder or corpus.jsonl")
    parser.add_argument("--llm", default="bundled", help="language model, as settings name it")
    parser.add_argument("--limit", type=int, help="ask only so many, spread over the file")
    parser.add_argument("--baseline", action="store_true", help="measure the plain way as well")
    parser.add_argument("--home", type=Path, help="home folder to use and keep")
    parser.add_argument("--json", type=Path, help="file to write the table and all replies to")
    return parser


def measure(
    questions: Sequence[GoldQuestion], settings: Settings, *, with_baseline: bool
) -> dict[str, list[Judged]]:
    """Ask every question of each system; return what came back, by the system's name."""
    model = open_model(settings.llm, settings)
    with Answerer(open_retriever(settings=settings), model, settings) as answerer:
        systems: dict[str, System] = {"citewell": _citewell(answerer)}
        if with_baseline:
            if model is None:
                raise SystemExit("--baseline needs a language model; --llm is 'none'.")
            systems["baseline"] = Baseline(answerer.retriever, model, settings).reply
        document = lru_cache(maxsize=None)(answerer.retriever.document)
        judged: dict[str, list[Judged]] = {}
        for name, ask in systems.items():
            ask(WARM_UP)
            judged[name] = []
            for number, question in enumerate(questions, 1):
                judged[name].append(judge(question, ask(question.text), document))
                _progress(name, number, len(questions))
    return judged


def _citewell(answerer: Answerer) -> System:
    """Return Citewell as a system to be measured."""

    def ask(question: str) -> Reply:
        begun = time.perf_counter()
        answer = answerer.answer(question)
        seconds = time.perf_counter() - begun
        cited = dict.fromkeys(
            Cited(citation.document, citation.start, citation.end)
            for sentence in answer.sentences
            for citation in sentence.citations
        )
        text = " ".join(sentence.text for sentence in answer.sentences)
        by_model = answer.reason == "not_supported"
        return Reply(text, answer.mode, tuple(cited), answer.sources, seconds, by_model)

    return ask


def _progress(name: str, number: int, total: int) -> None:
    if number % 25 == 0 or number == total:
        print(f"{name}: {number} of {total}", file=sys.stderr, flush=True)


def _print(args: argparse.Namespace, tables: dict[str, dict[str, Estimate]]) -> None:
    print(f"questions {args.questions}, corpus {args.corpus}, llm {args.llm}\n")
    print(f"| measure | {' | '.join(tables)} |")
    print(f"|---|{'---|' * len(tables)}")
    for measure_name in next(iter(tables.values())):
        cells = " | ".join(str(table[measure_name]) for table in tables.values())
        print(f"| {measure_name} | {cells} |")


def _as_json(
    args: argparse.Namespace,
    tables: dict[str, dict[str, Estimate]],
    judged: dict[str, list[Judged]],
) -> str:
    content = {
        "schema": 1,
        "questions": str(args.questions),
        "corpus": str(args.corpus),
        "llm": args.llm,
        "systems": {
            name: {
                "measures": {key: asdict(value) for key, value in tables[name].items()},
                "replies": [asdict(each) for each in judged[name]],
            }
            for name in judged
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(main())
