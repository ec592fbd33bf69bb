"""Citewell beside the pipelines of the tutorials: whole commands, each a process of its own."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from bench.processes import Ran, run_measured
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store

QUIET = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False"}
"""Nothing is looked for on the network, which would be waited for where there is none."""


@dataclass(frozen=True, slots=True)
class System:
    """One way to ingest.

    Attributes:
        peer: Its name in `bench.ingest_peers`; blank for Citewell.
        precision: Of Citewell's embedding.
        size: Of chunks; None for that of the tutorial.
    """

    name: str
    peer: str = ""
    precision: str = "fp32"
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a system took, and what it stored.

    Attributes:
        characters: Of all chunks; what two of them share counts twice.
        work_seconds: Without starting Python and importing packages, but for those of the model.
    """

    ran: Ran
    chunks: int
    characters: int
    work_seconds: float

    @property
    def mean_length(self) -> float:
        """Characters in a chunk."""
        return self.characters / self.chunks


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of a system's runs."""

    name: str
    chunks: int
    mean_length: float
    characters: int
    seconds: float
    work_seconds: float
    cpu_seconds: float
    peak_mib: float

    def rate(self, length: float) -> float:
        """Return chunks of so many characters a second: characters a second over that length."""
        return self.characters / self.seconds / length

    def times_as_fast(self, other: "Row") -> float:
        """Return how many times the characters of another this takes in, in the same time."""
        return self.rate(1) / other.rate(1)

    def times_the_cpu(self, other: "Row") -> float:
        """Return the same by processor time, which other programs hardly change."""
        return (self.characters / self.cpu_seconds) / (other.characters / other.cpu_seconds)


CITEWELL = [System("Citewell, fp32"), System("Citewell, as it is set", precision="auto")]
TUTORIALS = [
    System("LangChain, tutorial", "langchain"),
    System("LlamaIndex, tutorial", "llamaindex"),
]


def equal_sized(path: Path, mean: float) -> list[System]:
    """Return the peers with their splitters set so that their chunks have this mean length."""
    found = []
    for peer, name in (("langchain", "LangChain"), ("llamaindex", "LlamaIndex")):
        with TemporaryDirectory() as home:
            command = [*_peer_command(peer, path, Path(home)), "--find", str(mean)]
            size = _last_line(run_measured(command, QUIET))["size"]
        found.append(System(f"{name}, equal size ({size:.0f})", peer, size=int(size)))
    return found


def compare(systems: Sequence[System], path: Path, runs: int) -> list[Row]:
    """Run all systems in turn, so often, each time into an empty home."""
    outcomes: dict[str, list[Outcome]] = {system.name: [] for system in systems}
    for _ in range(runs):
        for system in systems:
            _say(f"{system.name} on {path.name} ...")
            outcomes[system.name].append(run(system, path))
    return [_row(name, each) for name, each in outcomes.items()]


def run(system: System, path: Path) -> Outcome:
    """Ingest a folder or a file once, into an empty home."""
    with TemporaryDirectory(prefix="citewell-bench-") as folder:
        home = Path(folder)
        if not system.peer:
            return _run_citewell(system, path, home)
        command = _peer_command(system.peer, path, home)
        if system.size:
            command += ["--size", str(system.size)]
        ran = run_measured(command, QUIET)
        said = _last_line(ran)
        return Outcome(ran, int(said["chunks"]), int(said["characters"]), said["seconds"])


def citewell(arguments: Sequence[str], home: Path, precision: str = "auto") -> Ran:
    """Run a command of Citewell's."""
    program = str(Path(sys.executable).with_name("citewell"))
    variables = {**QUIET, "CITEWELL_HOME": str(home), "CITEWELL_EMBEDDING_PRECISION": precision}
    return run_measured([program, *arguments], variables)


def _run_citewell(system: System, path: Path, home: Path) -> Outcome:
    ran = citewell(["ingest", str(path), "--json"], home, system.precision)
    with open_store(home) as store:
        name = Settings(home=home).collection
        lengths = [
            len(stored.chunk.text)
            for document in store.names(name)
            for stored in store.document_chunks(name, document)
        ]
    return Outcome(ran, len(lengths), sum(lengths), float(_last_line(ran)["seconds"]))


def _peer_command(peer: str, path: Path, home: Path) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "bench.ingest_peers", peer, str(path), str(home)]


def _last_line(ran: Ran) -> Mapping[str, float]:
    found: Mapping[str, float] = json.loads(ran.output.splitlines()[-1])
    return found


def _row(name: str, outcomes: Sequence[Outcome]) -> Row:
    return Row(
        name=name,
        chunks=outcomes[0].chunks,
        mean_length=fmean(each.mean_length for each in outcomes),
        characters=outcomes[0].characters,
        seconds=median(each.ran.seconds for each in outcomes),
        work_seconds=median(each.work_seconds for each in outcomes),
        cpu_seconds=median(each.ran.cpu_seconds for each in outcomes),
        peak_mib=max(each.ran.peak_bytes for each in outcomes) / 2**20,
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
