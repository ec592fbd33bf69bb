"""Checkpoints: all that a run depends on, so that one that was broken goes on as if it was not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from citewell.retrieval.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor

CHECKPOINT = "checkpoint.safetensors"

_RUN = "run"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        run: Hash of what it is made of: the examples, the model and the settings.
        stage: Number of the stage, from 0.
        done: Steps of that stage.
        lines: Of the log.
    """

    run: str
    stage: int
    done: int
    lines: int


def save_checkpoint(folder: Path, progress: Progress, state: Mapping[str, "Tensor"]) -> None:
    """Write a checkpoint in place of the one before; that stays until this one is whole."""
    from safetensors.torch import save_file

    told = {
        _RUN: progress.run,
        "place": json.dumps([progress.stage, progress.done, progress.lines]),
    }
    part = folder / f"{CHECKPOINT}.part"
    save_file({name: value.contiguous() for name, value in state.items()}, part, told)
    part.replace(folder / CHECKPOINT)


def read_checkpoint(folder: Path, run: str) -> tuple[Progress, dict[str, "Tensor"]]:
    """Return the checkpoint of a run.

    Raises:
        ConfigError: If there is none, it is damaged, or it is of another run.
    """
    from safetensors import safe_open

    file = folder / CHECKPOINT
    if not file.is_file():
        raise ConfigError(f"--resume: there is no checkpoint in {folder}. Train without --resume.")
    try:
        with safe_open(file, "pt") as opened:
            told = opened.metadata() or {}
            stage, done, lines = json.loads(told["place"])
            state = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except Exception as error:  # safetensors raises its own
        raise ConfigError(
            f"--resume: the checkpoint {file} is damaged ({error}). Train without --resume."
        ) from error
    if told[_RUN] != run:
        raise ConfigError(
            f"--resume: the checkpoint {file} is of a run with other examples or settings. "
            "Give the same as then, or train without --resume."
        )
    return Progress(run, stage, done, lines), state


def drop_checkpoint(folder: Path) -> None:
    """Delete the checkpoint of a run that is done."""
    (folder / CHECKPOINT).unlink(missing_ok=True)
