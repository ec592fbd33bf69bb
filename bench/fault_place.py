"""A folder, a home and the real command, and what faults have done to them."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from citewell.retrieval.doctor import diagnose
from citewell.retrieval.sqlite_store import FILE_NAME, open_store

WORDS = (
    "harbour lantern granite orchard violin meadow copper thunder ribbon saddle compass winter "
    "market silver bridge candle garden engine marble signal forest anchor window pepper canyon"
)
SECONDS = 300.0


@dataclass
class Outcome:
    """What came of the tries of a fault.

    Attributes:
        lost: Documents that had been stored and were not there as they should be.
        wrong: Everything else that was not as promised.
        notes: What was wrong, in words.
    """

    times: int = 0
    lost: int = 0
    wrong: int = 0
    notes: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the first try."""
        return time.monotonic() - self.begun

    def expect(self, true: bool, note: str) -> None:
        """Count something that is not as promised."""
        if not true:
            self.wrong += 1
            self.notes.append(note)


class Place:
    """A folder of short texts beside a home folder, and the command that is run on them."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root
        self.folder = root / "folder"
        self.home = root / "home"
        self.chance = chance
        self.folder.mkdir()
        self.edit(30)

    def edit(self, count: int) -> None:
        """Write, overwrite, remove and rename so many files."""
        for _ in range(count):
            path = self.folder / f"{self.chance.randrange(45)}.txt"
            kind = self.chance.random()
            if kind < 0.7 or not path.exists():
                path.write_text(self.text(), "utf-8")
            elif kind < 0.85:
                path.unlink()
            else:
                path.rename(self.folder / f"{self.chance.randrange(45)}.txt")

    def text(self) -> str:
        """Return some paragraphs that come nowhere else."""
        lines = (" ".join(self.chance.choices(WORDS.split(), k=60)) + "." for _ in range(20))
        return f"Number {self.chance.random()}.\n\n" + "\n\n".join(lines)

    def on_disk(self) -> dict[str, str]:
        """Return the text of each file, by name."""
        return {path.name: path.read_text("utf-8").strip() for path in self.folder.iterdir()}

    def stored(self) -> dict[str, str]:
        """Return the text of each document that the store holds, by name."""
        if not (self.home / FILE_NAME).exists():
            return {}
        with open_store(self.home) as store:
            if not store.collections():
                return {}
            return {
                name: store.document("default", name).text.strip()
                for name in store.names("default")
            }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start the command."""
        return subprocess.Popen(
            [Path(sys.executable).parent / "citewell", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CITEWELL_HOME": str(self.home), "COLUMNS": "200"},
        )

    def citewell(self, *arguments: str) -> tuple[int, str]:
        """Run the command. Returns its exit status and all that it printed."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=SECONDS)
        return process.returncode, out + err

    def ingest(self) -> "subprocess.Popen[str]":
        """Start an ingest of the folder."""
        return self.start("ingest", str(self.folder), "--json")

    def complete(self, outcome: Outcome, acknowledged: dict[str, str]) -> None:
        """Ingest to the end, and count what is not as it should be then."""
        now = self.on_disk()
        safe = acknowledged.items() & now.items()
        status, told = self.citewell("ingest", str(self.folder), "--json")
        outcome.expect(status == 0, f"the next ingest left with {status}: {told[-300:]}")
        stored = self.stored()
        outcome.lost += len(safe - stored.items())
        outcome.expect(stored == now, "the store does not hold what is in the folder")
        if status == 0:
            report = json.loads(told[told.index("{") :].splitlines()[0])
            outcome.expect(report["unchanged"] >= len(safe), f"stored files redone: {report}")
        self.examine(outcome)

    def examine(self, outcome: Outcome) -> None:
        """Count what the doctor finds."""
        diagnosis = diagnose(self.home, 5)
        for finding in (*diagnosis.damage, *diagnosis.behind):
            outcome.expect(False, f"the doctor found: {finding.text}")
