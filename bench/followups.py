"""Measure search with follow-ups: ``python -m bench.followups MTRAG --work FOLDER``.

Conversations whose last question is answered by known passages. How often these are among the
first five, with the question as it was asked, glued to the last two turns, and as the rules make
it stand alone.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.collection import fill
from bench.halves import in_half
from bench.questions import read_rows
from citewell.app.followups import Turn, by_rules
from citewell.app.tuning.intervals import estimate
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings

K = 5

Row = Mapping[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table."""
    args = _arguments().parse_args(argv)
    settings = Settings(home=args.work, collection="followups")
    fill(settings, [args.data / "corpus.jsonl", *args.also])
    rows = [row for _, row in read_rows(args.data / "questions.jsonl")]
    asked = [row for row in rows if row["gold_doc_ids"] and in_half(row["id"], args.half)]
    print(f"{len(asked)} questions, half {args.half}\n")
    print(f"| question | hit@{K} | hit@1 | MRR@{K} |\n|---|---|---|---|")
    with open_retriever(settings=settings) as retriever:
        for name, made in WAYS.items():
            ranks = [_rank(retriever, made(row), row) for row in asked]
            cells = (
                estimate([float(rank > 0) for rank in ranks]),
                estimate([float(rank == 1) for rank in ranks]),
                estimate([1 / rank if rank else 0.0 for rank in ranks]),
            )
            print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.followups", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with corpus.jsonl and questions.jsonl")
    parser.add_argument("--work", type=Path, required=True, help="home folder of the collection")
    parser.add_argument("--half", choices=("learn", "report", "all"), default="report")
    parser.add_argument(
        "--also", type=Path, nargs="*", default=[], help="more documents, to make it harder"
    )
    return parser


def _rank(retriever: Retriever, question: str, row: Row) -> int:
    """Return the rank of the first passage that answers, 0 if none was found."""
    found = retriever.search(question, K).passages
    gold = set(row["gold_doc_ids"])
    return next((place for place, one in enumerate(found, 1) if one.document in gold), 0)


def _as_asked(row: Row) -> str:
    return str(row["question"])


def _glued(row: Row) -> str:
    """Return the question behind the last two questions and answers."""
    before = (turn["text"] for turn in row["history"][-4:])
    return " ".join((*before, row["question"]))


def _ruled(row: Row) -> str:
    history = row["history"]
    turns = [
        Turn(asked["text"], answered["text"])
        for asked, answered in zip(history[::2], history[1::2], strict=False)
    ]
    return by_rules(row["question"], turns).question


WAYS: dict[str, Callable[[Row], str]] = {
    "as asked": _as_asked,
    "last two turns glued": _glued,
    "by rules": _ruled,
}


if __name__ == "__main__":
    sys.exit(main())
