"""Measure the speed and the memory of search: ``python -m bench.search --work FOLDER``."""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.drawing import Chart, draw
from bench.ingest import machine
from bench.processes import run_measured
from bench.search_load import Load
from bench.search_store import LABEL, Stores
from bench.search_texts import SENTENCES, questions_of, read_sources, real_questions
from bench.search_worker import Found, Task, Way, read_found
from bench.startup import seconds_of
from citewell.retrieval.embedding import open_embedder

PLOTS = Path(__file__).parent / "plots"
SHARED = [Path(f"../shared/data/{name}/corpus.jsonl") for name in ("scifact", "squad", "nq-open")]
DEMO = [Path("corpora/llm-primer")]

CLIENTS = (4, 16, 64)
QUESTIONS = 30_000
SMALL = 10_000
"""Chunks of the least store that memory is measured with."""

HYBRID, LEXICAL, DENSE = Way("hybrid"), Way("lexical", "lexical"), Way("dense", "dense")
BESIDE = Way("hybrid, beside a writer")
MODES = ((HYBRID, LEXICAL, DENSE),)
FILTERS = (
    (Way("unfiltered"), Way("filter keeps 1 %", where='shelf = "7"')),
    (Way("unfiltered, again"), Way("filter keeps 50 %", where='half = "0"')),
)
LABELS = ((Way("caller may see all", labels=(LABEL,)), Way("caller may see half")),)
PEER = ((Way("LangChain"), Way("LangChain, filter keeps 1 %", where="shelf=7")),)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured: searches of a way by one client, seconds of a case of several."""

    each: int
    seconds: float
    soak: float
    runs: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run finds things."""

    stores: Stores
    questions: Path
    chunks: int


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its figures, and the table of them in Markdown."""

    data: Any
    table: str


def main(argv: Sequence[str] | None = None) -> int:
    """Make the stores that are not there, measure, and print the tables."""
    args = _arguments(argv)
    amounts = Amounts(args.searches, args.seconds, args.soak, args.runs)
    sources = read_sources(args.text, args.sentences)
    args.work.mkdir(parents=True, exist_ok=True)
    questions = args.work / "questions.txt"
    asked = dict.fromkeys([*real_questions(args.text), *questions_of(sources, QUESTIONS, seed=1)])
    questions.write_text("\n".join(asked), "utf-8")
    stores = Stores(args.work, sources, open_embedder())
    found: dict[str, dict[str, Any]] = {}
    for chunks in args.sizes:
        place = Place(stores, questions, chunks)
        for part in args.parts:
            if part != "memory":
                measured = PARTS[part](place, amounts)
                found.setdefault(str(chunks), {})[part] = measured.data
                print(f"{chunks:,} chunks, {part}\n\n{measured.table}\n", flush=True)
    if "memory" in args.parts:
        points = [memory(Place(stores, questions, size)) for size in _memory_sizes(args.sizes)]
        found["memory"] = {"points": points}
        print(f"{memory_table(points)}\n")
        write_plot(points, args.to)
    if args.json:
        args.json.write_text(json.dumps({"schema": 1, **machine(), **found}, indent=1), "utf-8")
    print(json.dumps(machine()))
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    given = [path for path in SHARED if path.is_file()] or DEMO
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the stores")
    parser.add_argument("--text", type=Path, nargs="+", default=given, help=".jsonl, .md, folders")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000], help="chunks of stores")
    parser.add_argument("--parts", nargs="+", choices=[*PARTS, "memory"], default=list(PARTS))
    parser.add_argument("--searches", type=int, default=200, help="of each way, one client")
    parser.add_argument("--seconds", type=float, default=10, help="of each case, several clients")
    parser.add_argument("--soak", type=float, default=60, help="seconds of the soak")
    parser.add_argument("--runs", type=int, default=5, help="of each cold command")
    parser.add_argument("--sentences", type=int, default=SENTENCES, help="that stores are made of")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--to", type=Path, default=PLOTS, help="folder of search-memory.*")
    return parser.parse_args(argv)


def _memory_sizes(sizes: Sequence[int]) -> list[int]:
    return sorted({min(SMALL, *sizes), *sizes})


def in_a_process(task: Task) -> Found:
    """Let a worker do a task."""
    given = Path(task.questions).with_name("task.json")
    given.write_text(json.dumps(asdict(task)), "utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "bench.search_worker", str(given)]
    print(f"{task.system}: {task.turns[0][0].name} ...", file=sys.stderr, flush=True)
    ran = run_measured(command, {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"})
    return read_found(ran.output.splitlines()[-1])


def speed(place: Place, amounts: Amounts) -> Part:
    """One client in each mode, then several in hybrid mode."""
    return _searched(place.stores.home(place.chunks), place, MODES, amounts, CLIENTS)


def filters(place: Place, amounts: Amounts) -> Part:
    """With filters and without, in turn."""
    return _searched(place.stores.home(place.chunks), place, FILTERS, amounts)


def labels(place: Place, amounts: Amounts) -> Part:
    """A caller who may see half beside one who may see all, in turn."""
    return _searched(place.stores.labelled(place.chunks), place, LABELS, amounts)


def peers(place: Place, amounts: Amounts) -> Part:
    """LangChain's retriever over Chroma, beside Citewell in the same run."""
    home, folder = place.stores.home(place.chunks), place.stores.peer(place.chunks)
    few = Amounts(amounts.each // 2, amounts.seconds / 2, 0, 0)
    group = ((HYBRID, Way("filter keeps 1 %", where='shelf = "7"'), DENSE),)
    ours = in_a_process(_task(home, place, group, few, CLIENTS))
    theirs = in_a_process(_task(folder, place, PEER, few, CLIENTS, "langchain"))
    rows = [*ours.loads, *theirs.loads]
    return Part([asdict(load) for load in rows], f"{loads_table(rows)}\n\n{ratios(rows)}")


def soak(place: Place, amounts: Amounts) -> Part:
    """Four clients for a long time."""
    home = place.stores.home(place.chunks)
    longer = Amounts(5, amounts.soak, 0, 0)
    load = in_a_process(_task(home, place, ((HYBRID,),), longer, (4,))).loads[-1]
    first, most, last = load.mib
    memory = f"Resident MiB: {first:.0f} after a quarter, {most:.0f} at most, {last:.0f} at the end"
    return Part([asdict(load)], f"{loads_table([load])}\n\n{memory}")


def writer(place: Place, amounts: Amounts) -> Part:
    """One client and then four, while another process commits ten chunks a second."""
    home = place.stores.home(place.chunks)
    few = Amounts(5, amounts.seconds, 0, 0)
    with TemporaryDirectory(prefix="citewell-bench-", dir=home.parent) as folder:
        copied = shutil.copytree(home, Path(folder) / "home")
        writing = subprocess.Popen([sys.executable, "-m", "bench.search_writer", str(copied)])
        try:
            found = in_a_process(_task(copied, place, ((BESIDE,),), few, (1, 4)))
        finally:
            writing.kill()
            writing.wait()
    return Part([asdict(load) for load in found.loads[1:]], loads_table(found.loads[1:]))


def cold(place: Place, amounts: Amounts) -> Part:
    """Whole commands, each a process of its own."""
    home = place.stores.home(place.chunks)
    asked = place.questions.read_text("utf-8").splitlines()
    rows = {
        f"citewell search --mode {mode}": [
            seconds_of(["search", asked[run], "--mode", mode], home) for run in range(amounts.runs)
        ]
        for mode in ("lexical", "hybrid")
    }
    lines = [
        f"| {name} | {median(taken):.2f} s | {min(taken):.2f} s | {max(taken):.2f} s |"
        for name, taken in rows.items()
    ]
    return Part(rows, "\n".join(["| cold | median | least | most |\n|---|---|---|---|", *lines]))


PARTS: dict[str, Callable[[Place, Amounts], Part]] = {
    "speed": speed,
    "filters": filters,
    "labels": labels,
    "writer": writer,
    "cold": cold,
    "peers": peers,
    "soak": soak,
}


def _searched(
    folder: Path,
    place: Place,
    turns: tuple[tuple[Way, ...], ...],
    amounts: Amounts,
    clients: tuple[int, ...] = (),
) -> Part:
    loads = in_a_process(_task(folder, place, turns, amounts, clients)).loads
    times = [
        f"{filtered.name}: {filtered.p50 / plain.p50:.2f} times the time of {plain.name!r}"
        for plain, filtered in zip(loads[::2], loads[1::2], strict=False)
        if not clients
    ]
    return Part([asdict(load) for load in loads], "\n\n".join([loads_table(loads), *times]))


def memory(place: Place) -> dict[str, float]:
    """Return the memory of a process that searches a store, and the size of that."""
    home = place.stores.home(place.chunks)
    amounts = Amounts(200, 0, 0, 0)
    opened, first, last = in_a_process(_task(home, place, ((HYBRID,),), amounts, ())).mib
    return {
        "chunks": place.chunks,
        "opened_mib": opened,
        "first_mib": first,
        "last_mib": last,
        "disk_mib": place.stores.made(home).mib,
    }


def memory_table(points: Sequence[dict[str, float]]) -> str:
    """Return memory and sizes in Markdown."""
    header = ("chunks", "opened", "after 1 search", "after 200", "on the disk")
    rows = [
        (
            f"{point['chunks']:,}",
            *(f"{point[name]:.0f} MiB" for name in ("opened_mib", "first_mib", "last_mib")),
            f"{point['disk_mib']:.0f} MiB",
        )
        for point in points
    ]
    return _table(header, rows)


def write_plot(points: Sequence[dict[str, float]], to: Path) -> None:
    """Write the data and the plot of memory and size on the disk."""
    to.mkdir(parents=True, exist_ok=True)
    rows = ",\n".join(json.dumps(point) for point in points)
    (to / "search-memory.json").write_text(f"[\n{rows}\n]\n", "utf-8")
    names = {"first_mib": "after the first search", "last_mib": "after 200 searches"}
    held = {
        name: [(point["chunks"], point[key]) for point in points] for key, name in names.items()
    }
    disk = {"documents, words, vectors": [(each["chunks"], each["disk_mib"]) for each in points]}
    charts = [Chart("resident memory, MiB", "chunks", held), Chart("disk, MiB", "chunks", disk)]
    (to / "search-memory.svg").write_text(draw(charts), "utf-8")


def loads_table(loads: Sequence[Load]) -> str:
    """Return loads in Markdown."""
    header = ("search", "clients", "searches", "p50 ms", "p95 ms", "most", "a second", "cpu ms")
    rows = [
        (
            load.name,
            str(load.clients),
            str(load.searches),
            f"{load.p50:.1f}",
            f"{load.p95:.1f}",
            f"{load.most:.0f}",
            f"{load.rate:.1f}",
            f"{load.cpu:.1f}",
            str(load.failed) + "".join(f" ({error})" for error in load.errors[:1]),
        )
        for load in loads
    ]
    return _table((*header, "errors"), rows)


def ratios(loads: Sequence[Load]) -> str:
    """Return how much longer, and how seldom, LangChain searches, by the number of clients."""
    ours = {load.clients: load for load in loads if load.name == HYBRID.name}
    theirs = {load.clients: load for load in loads if load.name == "LangChain"}
    return "\n".join(
        f"{clients} clients: p50 {theirs[clients].p50 / load.p50:.2f}, "
        f"p95 {theirs[clients].p95 / load.p95:.2f} times that of Citewell's hybrid search, "
        f"{load.rate / theirs[clients].rate:.2f} times as many searches a second by Citewell"
        for clients, load in ours.items()
        if clients in theirs
    )


def _task(
    folder: Path,
    place: Place,
    turns: tuple[tuple[Way, ...], ...],
    amounts: Amounts,
    clients: tuple[int, ...],
    system: str = "citewell",
) -> Task:
    return Task(
        system=system,
        folder=str(folder),
        questions=str(place.questions),
        turns=turns,
        each=amounts.each,
        clients=clients,
        seconds=amounts.seconds,
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


if __name__ == "__main__":
    sys.exit(main())
