"""Break the real program in every way at hand, many times: ``python -m bench.faults``.

Prints a table: the fault, how often it was tried, what was lost (a document that had been stored
and was gone or changed after the next run) and what was wrong (an exit status or a message that
does not fit, a search that failed, a finding of the doctor's after the next run).
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.fault_cases import CASES
from bench.fault_place import Outcome, Place


def main(argv: Sequence[str] | None = None) -> int:
    """Run the faults and print the table. Exit status 1 if anything was lost or wrong."""
    parser = argparse.ArgumentParser(prog="bench.faults", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"faults to try: {', '.join(CASES)}")
    parser.add_argument("--times", type=int, help="how often; each fault has its own default")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments and places")
    args = parser.parse_args(argv)
    print("| fault | times | lost | wrong | seconds |\n|---|---|---|---|---|")
    bad = 0
    for name in args.names or CASES:
        times, case = CASES[name]
        outcome = run(case, args.times or times, args.seed)
        bad += outcome.lost + outcome.wrong
        print(
            f"| {name} | {outcome.times} | {outcome.lost} | {outcome.wrong} "
            f"| {outcome.seconds:.0f} |",
            flush=True,
        )
        for note in dict.fromkeys(outcome.notes):
            print(f"  {name}: {note}", file=sys.stderr, flush=True)
    return 1 if bad else 0


def run(case: Callable[[Place, Outcome, int], None], times: int, seed: int) -> Outcome:
    """Try a fault in a place of its own."""
    outcome = Outcome()
    with TemporaryDirectory(prefix="citewell-faults-") as folder:
        case(Place(Path(folder), random.Random(seed)), outcome, times)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
