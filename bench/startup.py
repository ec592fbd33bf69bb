"""Measure how soon Citewell is there: ``python -m bench.startup``."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.collection import fill, home_folder
from citewell.app.answer_values import Answered, Searched
from citewell.app.answering import Answerer, open_answerer
from citewell.retrieval.settings import Settings

CORPUS = Path("corpora/llm-primer")
QUESTION = "Who introduced the transformer, and when?"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table."""
    parser = argparse.ArgumentParser(prog="bench.startup", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder to ingest first")
    parser.add_argument("--question", default=QUESTION, help="one that the corpus answers")
    parser.add_argument("--runs", type=int, default=5, help="of each measure; best an odd number")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)
    with home_folder() as home:
        settings = Settings(home=home)
        fill(settings, [args.corpus])
        rows = measure(settings, args.question, args.runs)
    if args.json:
        print(json.dumps({"schema": 1, "load": os.getloadavg()[0], "measures": rows}))
        return 0
    print(f"load of the machine {os.getloadavg()[0]:.1f}, runs of each {args.runs}\n")
    print("| measure | median | least | most |\n|---|---|---|---|")
    for name, values in rows.items():
        print(f"| {name} | {median(values):.2f} s | {min(values):.2f} s | {max(values):.2f} s |")
    return 0


def measure(settings: Settings, question: str, runs: int) -> dict[str, list[float]]:
    """Return the seconds of each run of each measure."""
    with open_answerer(settings) as answerer:
        answerer.answer(question)  # converts the language model, once for the home
        warm = [_warm(answerer, question) for _ in range(runs)]
    commands = {
        "citewell --help": ["--help"],
        "citewell search, cold": ["search", question],
        "citewell ask, cold": ["ask", question],
    }
    rows = {
        name: [seconds_of(arguments, settings.home) for _ in range(runs)]
        for name, arguments in commands.items()
    }
    names = ("passages, warm", "first token, warm", "whole answer, warm")
    rows.update(zip(names, map(list, zip(*warm, strict=True)), strict=True))
    return rows


def seconds_of(arguments: Sequence[str], home: Path) -> float:
    """Return the seconds of a command in a process of its own."""
    program = Path(sys.executable).with_name("citewell")
    begun = time.perf_counter()
    found = subprocess.run(
        [program, *arguments],
        env={**os.environ, "CITEWELL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if found.returncode:
        raise SystemExit(f"{program} {arguments[0]} ended with {found.returncode}: {found.stderr}")
    return seconds


def _warm(answerer: Answerer, question: str) -> tuple[float, float, float]:
    """Return the seconds to the passages, to the first token and to the end of the answer."""
    begun = time.perf_counter()
    passages = 0.0
    for event in answerer.stream(question):
        if isinstance(event, Searched):
            passages = time.perf_counter() - begun
        if isinstance(event, Answered):
            timings = event.answer.timings
    if timings.first_token is None:
        raise SystemExit(f"The language model was not asked: {question!r} has no evidence.")
    return passages, timings.first_token / 1000, timings.total / 1000


if __name__ == "__main__":
    sys.exit(main())
