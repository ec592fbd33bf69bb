"""What a training run notes: a line of JSON for each step and each check."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from citewell.app.tuning.training import Step
from citewell.app.tuning.validating import Checked

LOG = "log.jsonl"


class TrainLog:
    """A file of lines, written as they come."""

    def __init__(self, folder: Path, lines: int) -> None:
        """Keep so many lines of the file in a folder, and write on from there."""
        self._file = folder / LOG
        kept = self._file.read_text("utf-8").splitlines()[:lines] if lines else []
        self._file.write_text("".join(f"{line}\n" for line in kept), "utf-8")
        self.lines = len(kept)

    def step(self, step: Step) -> None:
        """Note a step."""
        self._write({"kind": "step", **asdict(step)})

    def check(self, step: Step, checked: Checked) -> None:
        """Note what was checked after a step."""
        place = {"stage": step.stage, "step": step.step, "epoch": step.epoch}
        self._write({"kind": "validation", **place, **asdict(checked)})

    def _write(self, value: Mapping[str, object]) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(value) + "\n")
        self.lines += 1


def read_log(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log."""
    for line in (folder / LOG).read_text("utf-8").splitlines():
        yield json.loads(line)
