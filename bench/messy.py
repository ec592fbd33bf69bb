"""Ingest a folder of messy files and compare with what its manifest asks of each.

``python -m bench.messy FOLDER`` runs the commands as a user does; FOLDER holds MANIFEST.tsv.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.collection import home_folder
from citewell.retrieval.filters import Compare
from citewell.retrieval.retriever import open_retriever

Found = dict[tuple[str, str], list[str]]
"""The texts of the passages that were found for a phrase in a file."""

PASSAGES = 10
"""Passages among which a phrase is looked for."""

TAKEN_IN = {
    "text": ("read",),
    "text-or-skip": ("read", "skipped", "failed"),
    "refuse": ("failed", "skipped"),
}
"""What may become of a file, by what the manifest expects; of others anything but a crash may."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of the manifest."""

    file: str
    expect: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a file.

    Attributes:
        status: ``read``, ``skipped``, ``failed``, or ``lost`` if nothing was said of it.
        note: The reasons given.
        found: Phrases that a search of the file finds.
    """

    wanted: Wanted
    status: str
    note: str
    seconds: float
    memory_mb: float
    found: int

    @property
    def met(self) -> bool:
        """Whether the manifest's expectation is met."""
        if self.wanted.expect == "ocr-or-report":
            return self.status == "failed" or (self.status == "read" and self.note != "")
        allowed = TAKEN_IN.get(self.wanted.expect, ("read", "skipped", "failed"))
        phrases = self.found == len(self.wanted.phrases) or self.status != "read"
        return self.status in allowed and phrases


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table. Exit status 1 if an expectation is not met."""
    parser = argparse.ArgumentParser(prog="python -m bench.messy", description=__doc__)
    parser.add_argument("folder", type=Path, help="with MANIFEST.tsv")
    parser.add_argument("--home", type=Path, help="keep the collection here")
    args = parser.parse_args(argv)
    wanted = read_manifest(args.folder / "MANIFEST.tsv")
    with home_folder(args.home) as home:
        begun = time.monotonic()
        ingest = _citewell(home, "ingest", str(args.folder))
        seconds = time.monotonic() - begun
        happened = _compare(home, wanted)
    print_table(happened)
    print(f"\ncitewell ingest: exit status {ingest.returncode} after {seconds:.0f} s.")
    return 0 if all(each.met for each in happened) and ingest.returncode in (0, 5) else 1


def read_manifest(path: Path) -> list[Wanted]:
    """Return the lines of a manifest: tab-separated, with columns file, expect, must_contain."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Wanted(row["file"], row["expect"], tuple(filter(None, _phrases(row)))) for row in rows
        ]


def _phrases(row: dict[str, str]) -> list[str]:
    column = next(name for name in row if name.startswith("must_contain"))
    return [phrase.strip() for phrase in (row[column] or "").split(" || ")]


def _compare(home: Path, wanted: Sequence[Wanted]) -> list[Happened]:
    report = json.loads(_citewell(home, "report", "--json").stdout)
    said = {file["name"]: file for file in report["files"]}
    found = _search(home, wanted)
    return [_happened(each, said.get(each.file), found) for each in wanted]


def _happened(wanted: Wanted, said: dict[str, Any] | None, found: Found) -> Happened:
    if said is None:
        return Happened(wanted, "lost", "", 0.0, 0.0, 0)
    count = sum(
        any(_plain(phrase) in _plain(text) for text in found.get((wanted.file, phrase), ()))
        for phrase in wanted.phrases
    )
    note = "; ".join(said["notes"])
    return Happened(wanted, said["status"], note, said["seconds"], said["memory_mb"], count)


def _search(home: Path, wanted: Sequence[Wanted]) -> Found:
    """Search each file for its phrases; others of the folder hold the same text."""
    with open_retriever(home) as retriever:
        return {
            (each.file, phrase): [
                passage.text
                for passage in retriever.search(
                    phrase, PASSAGES, where=Compare("document", "=", each.file)
                )
            ]
            for each in wanted
            for phrase in each.phrases
        }


def _citewell(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            shutil.which("citewell", path=Path(sys.executable).parent) or "citewell",
            *arguments,
            "--home",
            str(home),
        ],
        capture_output=True,
        text=True,
        check=False,
    )


def _plain(text: str) -> str:
    """Return a text without what does not tell words apart: width, case of spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def print_table(happened: Sequence[Happened]) -> None:
    """Print a line for each file, then sums by expectation and the largest costs."""
    print("| file | expected | became | phrases found | s | MiB | said |")
    print("|---|---|---|---|---|---|---|")
    for each in happened:
        phrases = f"{each.found}/{len(each.wanted.phrases)}" if each.wanted.phrases else ""
        met = "" if each.met else " (NOT MET)"
        print(
            f"| {each.wanted.file} | {each.wanted.expect} | {each.status}{met} | {phrases}"
            f" | {each.seconds:.2f} | {each.memory_mb:.0f} | {each.note[:90]} |"
        )
    print("\n| expected | files | met | read | skipped | failed |\n|---|---|---|---|---|---|")
    for expect in dict.fromkeys(each.wanted.expect for each in happened):
        some = [each for each in happened if each.wanted.expect == expect]
        counts = [
            sum(each.status == status for each in some) for status in ("read", "skipped", "failed")
        ]
        print(
            f"| {expect} | {len(some)} | {sum(each.met for each in some)} | "
            + " | ".join(map(str, counts))
            + " |"
        )
    slowest = max(happened, key=lambda each: each.seconds)
    largest = max(happened, key=lambda each: each.memory_mb)
    print(f"\nLongest: {slowest.seconds:.1f} s ({slowest.wanted.file}).", end=" ")
    print(f"Largest process: {largest.memory_mb:.0f} MiB ({largest.wanted.file}).")


if __name__ == "__main__":
    sys.exit(main())
