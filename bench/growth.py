"""Measure how time and memory of ingestion grow with a collection: ``python -m bench.growth``."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.collection import home_folder
from bench.drawing import Chart, Points, draw
from bench.ingest_inputs import write_markdown
from bench.ingest_share import ingest_once
from bench.ingest_systems import QUIET
from bench.processes import run_measured
from bench.stand_in import WordEmbedder
from citewell.retrieval.embedding import open_embedder

PLOTS = Path(__file__).parent / "plots"
SECTIONS_A_FILE = 50

SIZES: Mapping[str, Sequence[int]] = {
    "words": (1000, 3000, 10_000, 30_000, 100_000),
    "model": (1000, 2000, 5000),
}
QUICK: Mapping[str, Sequence[int]] = {"words": (100, 300), "model": (100,)}

NAMES = {"words": "stand-in for the model", "model": "all-MiniLM-L6-v2, as it is set"}


@dataclass(frozen=True, slots=True)
class Point:
    """A first run over made-up Markdown, and a second one that finds nothing changed.

    Attributes:
        chunks: That were stored.
        seconds: Of the first run, without the start of the program.
        again_seconds: Of the second.
        home_mib: Size of the home folder: documents, chunks, vectors, word and vector index.
        peak_mib: Of all processes, both runs.
    """

    embedder: str
    chunks: int
    seconds: float
    again_seconds: float
    home_mib: float
    peak_mib: float = 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure each size in a process of its own; print a table, write the data and the plot."""
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--to", type=Path, default=PLOTS, help="folder of growth.json and .svg")
    parser.add_argument("--one", nargs=2, metavar=("EMBEDDER", "CHUNKS"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.one:
        embedder, chunks = args.one
        print(json.dumps(asdict(measure(embedder, int(chunks)))))
        return 0
    points = []
    for embedder, sizes in (QUICK if args.quick else SIZES).items():
        for size in sizes:
            print(f"{NAMES[embedder]}, {size} chunks ...", file=sys.stderr, flush=True)
            points.append(_in_a_process(embedder, size))
            _write(points, args.to)
    print(table(points))
    return 0


def _write(points: Sequence[Point], to: Path) -> None:
    """Write the data and the plot of what is measured so far."""
    to.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(asdict(point)) for point in points)
    (to / "growth.json").write_text(f"[\n{rows}\n]\n", "utf-8")
    (to / "growth.svg").write_text(plot(points), "utf-8")


def _in_a_process(embedder: str, chunks: int) -> Point:
    command = [sys.executable, "-m", "bench.growth", "--one", embedder, str(chunks)]
    ran = run_measured(command, QUIET)
    return replace(Point(**json.loads(ran.output)), peak_mib=round(ran.peak_bytes / 2**20, 1))


def measure(embedder: str, chunks: int) -> Point:
    """Ingest so many made-up sections, of which each makes about one chunk, twice."""
    model = open_embedder() if embedder == "model" else WordEmbedder()
    with home_folder() as place:
        folder, home = place / "documents", place / "home"
        write_markdown(folder, chunks, SECTIONS_A_FILE)
        first = ingest_once(folder, model, home)
        again = ingest_once(folder, model, home)
        size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    return Point(
        embedder=embedder,
        chunks=first.chunks,
        seconds=round(first.seconds, 2),
        again_seconds=round(again.seconds, 3),
        home_mib=round(size / 2**20, 1),
    )


def table(points: Sequence[Point]) -> str:
    """Return the points in Markdown."""
    header = ("embedder", "chunks", "seconds", "chunks/s", "peak MiB", "home MiB", "again, s")
    rows = [
        (
            NAMES[point.embedder],
            f"{point.chunks:,}",
            f"{point.seconds:.1f}",
            f"{point.chunks / point.seconds:.0f}",
            f"{point.peak_mib:.0f}",
            f"{point.home_mib:.0f}",
            f"{point.again_seconds:.2f}",
        )
        for point in points
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ("---",) * len(header), *rows))


def plot(points: Sequence[Point]) -> str:
    """Return the charts of time and of memory as SVG."""
    seconds: dict[str, Points] = {}
    memory: dict[str, Points] = {}
    for embedder, name in NAMES.items():
        if line := [point for point in points if point.embedder == embedder]:
            seconds[name] = [(point.chunks, point.seconds) for point in line]
            memory[name] = [(point.chunks, point.peak_mib) for point in line]
    return draw([Chart("seconds", "chunks", seconds), Chart("peak memory, MiB", "chunks", memory)])


if __name__ == "__main__":
    sys.exit(main())
