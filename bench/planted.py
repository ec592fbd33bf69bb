"""Measure how many planted errors the check lets through.

``python -m bench.planted DATA --work FOLDER`` takes sentences that the documents of four question
sets say, changes a number, a name, a date, a unit or a comparison in each, denies it, lets two
names change places, or cites another passage, and checks each as a sentence of a draft.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.collection import fill, home_folder
from bench.halves import Half
from bench.metrics import overlaps
from bench.planted_cases import Right, right_sentences
from bench.planted_errors import KINDS, names_in
from citewell.app.checking import Checks, Refused, Tie, tie
from citewell.app.drafting import DraftSentence
from citewell.app.evidence import Scored
from citewell.app.tuning.intervals import estimate
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings

SETS = ("squad", "nq-open", "clapnq", "pubmedqa")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a sentence.

    Attributes:
        kind: ``right: ...`` for an untouched one, else the kind of error.
        good: Whether it was shown if it is right, and not shown as supported if it is not.
        text: The sentence as it was checked.
        said: The state it was shown in, or why it was refused.
        source: What it is tied to, or was to be tied to.
    """

    kind: str
    good: bool
    text: str
    said: str
    source: str
    right: Right


def main(argv: Sequence[str] | None = None) -> int:
    """Print the shares, by kind."""
    parser = argparse.ArgumentParser(prog="python -m bench.planted", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("--work", type=Path, help="home folder to use and keep")
    parser.add_argument("--half", default="report", choices=("learn", "report", "all"))
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS)
    parser.add_argument("--show", action="store_true", help="list what went wrong")
    args = parser.parse_args(argv)
    with home_folder(args.work) as home:
        found = [each for name in args.sets for each in measure(args.data, name, home, args.half)]
    _print(found)
    if args.show:
        _show(found)
    return 0


def measure(data: Path, name: str, home: Path, half: Half) -> Iterator[Outcome]:
    """Yield what became of each right sentence of a set, and of each error planted into it."""
    settings = Settings(home=home, collection=name, llm="none")
    fill(settings, [data / name / "corpus.jsonl"])
    with open_retriever(settings=settings) as retriever:
        rights = list(right_sentences(name, data / name / "questions.jsonl", retriever, half))
        yield from outcomes(rights, Checks(retriever))


def outcomes(rights: Sequence[Right], checks: Checks | None) -> Iterator[Outcome]:
    """Yield what becomes of right sentences and of the errors that are planted into them."""
    names = sorted({name for right in rights for name in names_in(right.passage)})
    for right in rights:
        found = _tied(right, right.text, right.gold, checks)
        yield _outcome(right, f"right: {right.kind}", right.text, found, good=bool(found))
        for kind, plant in KINDS.items():
            changed = plant(right.text, right.passage, names)
            if changed and changed != right.text:
                found = _tied(right, changed, right.gold, checks)
                yield _outcome(right, kind, changed, found, good=not found)
        yield from _misplaced(right, checks)


def _misplaced(right: Right, checks: Checks | None) -> Iterator[Outcome]:
    """Yield what becomes of a sentence that cites evidence of another passage.

    Where its own is at hand too, the citation may be corrected; where not, it may be found in
    the same document, or else nothing says the sentence.
    """
    own = right.shown[right.gold].candidate.passage.rank
    others = (i for i, each in enumerate(right.shown) if each.candidate.passage.rank != own)
    place = next(others, None)
    if place is None:
        return
    found = _tied(right, right.text, place, checks)
    wrong = isinstance(found, Tie) and right.shown[place] in found.evidence
    yield _outcome(right, "citation", right.text, found, good=not wrong)
    alone = replace(right, shown=(right.shown[place],), others=(), gold=0)
    found = _tied(alone, right.text, 0, checks)
    mended = isinstance(found, Tie) and all(_is_own(each, right) for each in found.evidence)
    yield _outcome(alone, "citation alone", right.text, found, good=not found or mended)


def _is_own(item: Scored, right: Right) -> bool:
    """Tell whether evidence shares words with that of a right sentence, as the document has it."""
    own, other = right.shown[right.gold].candidate, item.candidate
    span = (other.start, other.end)
    return own.document == other.document and overlaps(span, [(own.start, own.end)])


def _tied(right: Right, text: str, place: int, checks: Checks | None) -> Tie | Refused:
    draft = DraftSentence(text, (place + 1,))
    return tie(draft, right.question, right.shown, right.others, checks)


def _outcome(right: Right, kind: str, text: str, found: Tie | Refused, *, good: bool) -> Outcome:
    if isinstance(found, Tie):
        source = " + ".join(each.candidate.text for each in found.evidence)
        return Outcome(kind, good, text, found.state, source, right)
    return Outcome(kind, good, text, found.reason, right.shown[right.gold].candidate.text, right)


def _print(found: Sequence[Outcome]) -> None:
    groups: dict[str, list[float]] = defaultdict(list)
    for each in found:
        total = "all right" if each.kind.startswith("right") else "all planted"
        if not each.kind.startswith(("right", "citation")):
            groups["all changed"].append(each.good)
        groups[each.kind].append(each.good)
        groups[total].append(each.good)
    print("| kind | kept if right, refused if planted |")
    print("|---|---|")
    for kind in sorted(groups):
        print(f"| {kind} | {estimate(groups[kind])} |")


def _show(found: Sequence[Outcome]) -> None:
    for each in found:
        if not each.good:
            print(f"\n{each.kind} ({each.right.id}): {each.said}")
            print(f"  question: {each.right.question}\n  said:     {each.text}")
            print(f"  was:      {each.right.text}\n  source:   {each.source}")


if __name__ == "__main__":
    sys.exit(main())
