"""Measure retrieval: ``python -m bench.retrieval FOLDER``, the folder that holds the sets.

Every system ranks the same chunks, cut by Citewell, with the same vectors of the bundled model.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.chunking_scores import Place, score
from bench.collection import fill, home_folder
from bench.retrieval_estimates import Means
from bench.retrieval_peers import Ranking
from bench.retrieval_scores import Gold, hit, ndcg, recall, reciprocal_rank
from bench.retrieval_sets import (
    SETS,
    Kind,
    Question,
    QuestionSet,
    gold_of,
    ranked_units,
    read_sets,
)
from bench.retrieval_systems import DEFAULT, PARTS, SYSTEMS, Collected, Remembering
from bench.retrieval_tables import as_json, as_text
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.embedding_files import Precision
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Chunk

PRECISION: Precision = "fp32"
"""Of the vectors: the same on every processor, so that figures can be compared."""

FIRST = 5
DEPTHS: Mapping[Kind, int] = {"documents": 25, "pages": 25, "passages": 10}
"""Passages asked for: enough for ten documents or pages, or as many as are judged. Up to 25, a
search has the same candidates as for five."""

Scores = dict[str, dict[str, dict[str, list[float]]]]
"""By measure, set and system, in the order of the set's questions."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its tables."""
    args = _arguments().parse_args(argv)
    names = args.sets or [name for name in SETS if (args.folder / name).is_dir()]
    sets = [each for each in read_sets(args.folder, names, args.half) if each.questions]
    if not sets:
        raise SystemExit(f"{args.folder} holds none of the sets {', '.join(SETS)}.")
    systems = [DEFAULT, *PARTS] if args.ours else list(SYSTEMS)
    with home_folder(args.work) as work:
        scores = measure(sets, systems, work)
    families = {each.name: each.family for each in sets}
    means = {name: Means(of, families) for name, of in scores.items()}
    print(as_text(args.half, means))
    if args.json:
        args.json.write_text(json.dumps(as_json(args.half, means), indent=1), encoding="utf-8")
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.retrieval", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds a folder for each set")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), metavar="SET", help="only these")
    parser.add_argument("--half", choices=["learn", "report", "all"], default="report")
    parser.add_argument("--ours", action="store_true", help="leave the other systems out")
    parser.add_argument("--work", type=Path, help="folder for the collections, to use again")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def measure(sets: Sequence[QuestionSet], systems: Sequence[str], work: Path) -> Scores:
    """Ask every question of every system; the collections are made below ``work``."""
    embedder = Remembering(open_embedder(precision=PRECISION))
    present = list(systems)
    scores: Scores = {}
    for each in sets:
        _say(f"{each.name}: ingesting")
        settings = Settings(home=work / each.name, embedding_precision=PRECISION)
        fill(settings, [each.corpus])
        with Collected(settings.home, embedder) as collected:
            golds = [gold_of(question, collected.shared.chunks) for question in each.questions]
            rankings = _opened(present, collected)
            present = list(rankings)
            for name, ranking in rankings.items():
                begun = time.perf_counter()
                for question, gold in zip(each.questions, golds, strict=True):
                    for measured, value in judge(question, gold, each.kind, ranking).items():
                        of_set = scores.setdefault(measured, {}).setdefault(each.name, {})
                        of_set.setdefault(name, []).append(value)
                seconds = time.perf_counter() - begun
                _say(f"{each.name}: {name}, {len(golds)} questions, {seconds:.1f} s")
    return scores


def judge(question: Question, gold: Gold, kind: Kind, ranking: Ranking) -> dict[str, float]:
    """Return what a system scores on one question, by measure."""
    deep = ranking(question.text, DEPTHS[kind])
    ranked = ranked_units(deep, kind)
    found = {"nDCG@10": ndcg(gold, ranked), "MRR@10": reciprocal_rank(gold, ranked)}
    if kind == "documents":
        return found | {"recall@5": recall(gold, ranked)}
    five = ranking(question.text, FIRST)
    if kind == "pages":
        there = hit(gold, ranked_units(five, kind))
        return found | {"recall@5": recall(gold, ranked), "page hit@5": there}
    held = recall(gold, ranked_units(five, kind))
    return found | {"recall@5": held, "characters@5": _characters(question, five)}


def _characters(question: Question, chunks: Sequence[Chunk]) -> float:
    places = [Place(chunk.document, chunk.start, chunk.end) for chunk in chunks]
    return score(question.spans, places).recall if places else 0.0


def _opened(systems: Sequence[str], collected: Collected) -> dict[str, Ranking]:
    """Return the systems that are installed."""
    found = {}
    for name in systems:
        try:
            found[name] = SYSTEMS[name](collected)
        except ImportError as error:
            _say(f"{name} is left out, see bench/peers.txt: {error}")
    return found


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
