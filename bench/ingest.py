"""Measure the speed and the memory of ingestion: ``python -m bench.ingest``."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.ingest_again import Again, one_changed, unchanged
from bench.ingest_inputs import LONG_PAGES, default_documents, write_long_pdf
from bench.ingest_share import Share, measure_share
from bench.ingest_systems import CITEWELL, TUTORIALS, Row, System, compare, equal_sized, run


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured."""

    runs: int
    pages: int
    files: int
    chunks: int


WHOLE = Amounts(runs=3, pages=LONG_PAGES, files=2000, chunks=10_000)
QUICK = Amounts(runs=1, pages=40, files=200, chunks=500)

PARTS = ("systems", "memory", "share", "again")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurements and print their tables."""
    parser = argparse.ArgumentParser(prog="bench.ingest", description=__doc__)
    parser.add_argument("--documents", type=Path, default=default_documents(), help="a folder")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="all if not given")
    parser.add_argument("--runs", type=int, help=f"of each measure; {WHOLE.runs} if not given")
    parser.add_argument("--quick", action="store_true", help="one run of everything, on little")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args(argv)
    amounts = QUICK if args.quick else WHOLE
    runs = args.runs or amounts.runs
    measure: dict[str, Callable[[], Measured]] = {
        "systems": lambda: _systems(args.documents, runs),
        "memory": lambda: _memory(args.documents, amounts.pages),
        "share": lambda: _share(args.documents, runs),
        "again": lambda: _again(amounts, runs),
    }
    found = [measure[part]() for part in args.parts]
    if args.json:
        data = {part: each.data for part, each in zip(args.parts, found, strict=True)}
        print(json.dumps({"schema": 2, **machine(), "documents": str(args.documents), **data}))
        return 0
    print(f"{json.dumps(machine())}\n")
    print("\n\n".join(each.table for each in found))
    return 0


@dataclass(frozen=True, slots=True)
class Measured:
    """One part: its figures, and the table of them in Markdown."""

    data: Any
    table: str


def machine() -> dict[str, object]:
    """Return what the figures depend on besides the code."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return {
        "cores": os.cpu_count(),
        "amx": "amx_bf16" in flags,
        "avx512_bf16": "avx512_bf16" in flags,
        "load": round(os.getloadavg()[0], 1),
    }


def _systems(documents: Path, runs: int) -> Measured:
    first = run(System("Citewell"), documents)
    systems = [*CITEWELL, *TUTORIALS, *equal_sized(documents, first.mean_length)]
    rows = compare(systems, documents, runs)
    return Measured(list(map(asdict, rows)), systems_table(rows))


def _memory(documents: Path, pages: int) -> Measured:
    with TemporaryDirectory(prefix="citewell-bench-") as folder:
        file = Path(folder) / f"{pages}-pages.pdf"
        write_long_pdf(documents, file, pages)
        rows = compare([*CITEWELL, *TUTORIALS], file, 1)
    return Measured(list(map(asdict, rows)), memory_table(rows, pages))


def _share(documents: Path, runs: int) -> Measured:
    shares = {"fp32": measure_share(documents, "fp32", runs)}
    shares["as it is set"] = measure_share(documents, "auto", runs)
    return Measured({name: asdict(each) for name, each in shares.items()}, share_table(shares))


def _again(amounts: Amounts, runs: int) -> Measured:
    files, chunks = unchanged(amounts.files, runs), one_changed(amounts.chunks, runs)
    data = {"unchanged": asdict(files), "one changed": asdict(chunks)}
    return Measured(data, again_table(files, chunks))


def systems_table(rows: Sequence[Row]) -> str:
    """Return the systems beside each other; the first row is what the others are compared with."""
    ours = rows[0]
    return _table(
        (
            "system",
            "chunks",
            "mean length",
            "seconds",
            "after imports",
            "processor seconds",
            f"chunks of {ours.mean_length:.0f} a second",
            f"{ours.name}: times as fast",
            "by processor time",
            "peak MiB",
        ),
        (
            (
                row.name,
                f"{row.chunks}",
                f"{row.mean_length:.0f}",
                f"{row.seconds:.1f}",
                f"{row.work_seconds:.1f}",
                f"{row.cpu_seconds:.1f}",
                f"{row.rate(ours.mean_length):.1f}",
                f"{ours.times_as_fast(row):.2f}",
                f"{ours.times_the_cpu(row):.2f}",
                f"{row.peak_mib:.0f}",
            )
            for row in rows
        ),
    )


def memory_table(rows: Sequence[Row], pages: int) -> str:
    """Return the peak memory of the systems; the first row is what is compared."""
    ours = rows[0]
    return _table(
        (f"{pages} pages in one PDF", "peak MiB", f"{ours.name}: share of it", "seconds"),
        (
            (
                row.name,
                f"{row.peak_mib:.0f}",
                f"{ours.peak_mib / row.peak_mib:.2f}",
                f"{row.seconds:.1f}",
            )
            for row in rows
        ),
    )


def share_table(shares: Mapping[str, Share]) -> str:
    """Return where the time of a run goes, beside its chunks embedded alone."""
    lines: dict[str, Callable[[Share], str]] = {
        "chunks embedded": lambda each: f"{each.chunks:.0f}",
        "whole run, chunks a second": lambda each: f"{each.chunks / each.seconds:.1f}",
        "embedder alone, chunks a second": lambda each: f"{each.chunks / each.alone_seconds:.1f}",
        "share of the embedder's rate": lambda each: f"{each.share:.1%}",
        "the same by processor time": lambda each: f"{each.cpu_share:.1%}",
        "seconds in the embedder": lambda each: f"{each.embedding_seconds:.1f}",
        "seconds elsewhere": lambda each: f"{each.seconds - each.embedding_seconds:.1f}",
        "processor seconds, embedder alone": lambda each: f"{each.alone_cpu:.1f}",
        "processor seconds, main process beyond that": (
            lambda each: f"{each.own_cpu - each.alone_cpu:.1f}"
        ),
        "processor seconds, readers": lambda each: f"{each.reader_cpu:.1f}",
    }
    return _table(
        ("whole run and embedder alone", *shares),
        ((name, *map(show, shares.values())) for name, show in lines.items()),
    )


def again_table(files: Again, chunks: Again) -> str:
    """Return what a second run costs."""
    return _table(
        (
            "second run",
            "whole command, s",
            "without start-up, s",
            "processor seconds",
            "files a second",
        ),
        (
            (
                f"{files.count} small files, none changed",
                f"{files.whole:.2f}",
                f"{files.work:.2f}",
                f"{files.cpu:.2f}",
                f"{files.count / files.work:.0f}",
            ),
            (
                f"one file of {chunks.count} chunks changed",
                f"{chunks.whole:.2f}",
                f"{chunks.work:.2f}",
                f"{chunks.cpu:.2f}",
                "",
            ),
        ),
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
