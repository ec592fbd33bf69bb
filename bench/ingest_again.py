"""What a run costs that finds nothing changed, or one file: ``citewell ingest`` itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.collection import home_folder
from bench.ingest_inputs import made_up_words, section, write_markdown, write_small_files
from bench.ingest_share import ingest_once
from bench.ingest_systems import citewell
from bench.stand_in import WordEmbedder
from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.embedding import open_embedder

SECTIONS_A_FILE = 10


@dataclass(frozen=True, slots=True)
class Again:
    """Medians of some runs over a folder that was taken in before.

    Attributes:
        count: Files, or chunks, of the collection.
        whole: Seconds of the command.
        work: Seconds of it that it reports, which is without the start of the program.
        cpu: Processor seconds of the command.
    """

    count: int
    whole: float
    work: float
    cpu: float


def unchanged(files: int, runs: int) -> Again:
    """Measure runs that find so many small files unchanged."""

    def write(folder: Path) -> None:
        write_small_files(folder, files)

    filled, again = _again(write, lambda folder, run: None, runs)
    return Again(filled.added, *again)


def one_changed(chunks: int, runs: int) -> Again:
    """Measure runs that find one file changed, in a collection of about so many chunks."""

    def write(folder: Path) -> None:
        write_markdown(folder, chunks, SECTIONS_A_FILE)

    def change(folder: Path, run: int) -> None:
        file = folder / "report-00000.md"
        added = section(made_up_words(-1 - run), SECTIONS_A_FILE + run)
        file.write_text(f"{file.read_text('utf-8')}\n{added}\n", "utf-8")

    filled, again = _again(write, change, runs)
    return Again(filled.chunks, *again)


def _again(
    write: Callable[[Path], None], change: Callable[[Path, int], None], runs: int
) -> tuple[IngestReport, tuple[float, float, float]]:
    """Return how a collection was filled, and the medians of `Again`.

    It is filled with a stand-in under the model's fingerprint; the command loads the model.
    """
    with home_folder() as place:
        folder, home = place / "documents", place / "home"
        write(folder)
        filled = ingest_once(folder, WordEmbedder(open_embedder().fingerprint), home)
        found = []
        for run in range(runs):
            change(folder, run)
            ran = citewell(["ingest", str(folder), "--json"], home)
            work = float(json.loads(ran.output)["seconds"])
            found.append((ran.seconds, work, ran.cpu_seconds))
    whole, work, cpu = (median(each) for each in zip(*found, strict=True))
    return filled, (whole, work, cpu)
