"""A training run: its stages one after the other, with checks and checkpoints on the way."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from citewell.app.llms.adapter_card import ADAPTER
from citewell.app.tuning.batches import plan
from citewell.app.tuning.checkpoints import (
    Progress,
    drop_checkpoint,
    read_checkpoint,
    save_checkpoint,
)
from citewell.app.tuning.learner import Learner
from citewell.app.tuning.lora import adapter_tensors
from citewell.app.tuning.preference import RATE, preference_stage, reference_of
from citewell.app.tuning.train_data import Lesson
from citewell.app.tuning.train_log import TrainLog
from citewell.app.tuning.train_options import TrainOptions
from citewell.app.tuning.training import Stage, Step, example_stage, run_stage
from citewell.app.tuning.validating import Checked, check

if TYPE_CHECKING:
    from torch import Tensor

CHECKS = 8
"""How often a stage is stopped to see how examples are answered that are not learned."""

_SEEDS = 1_000
"""Between the seeds of runs: their epochs take those between."""

Tell = Callable[[Step, Checked | None], None]
"""Is told of each step, and what was checked after it."""


@dataclass(slots=True)
class Run:
    """What a run has at hand.

    Attributes:
        learner: The model that is taught.
        lesson: What it is taught.
        options: How.
        folder: Where the adapter, the log and checkpoints go.
        tell: Is told how far it has come.
        log: Of this run.
        state: Of the last checkpoint, where the run goes on from one.
        begun: Where it goes on.
    """

    learner: Learner
    lesson: Lesson
    options: TrainOptions
    folder: Path
    tell: Tell
    log: TrainLog = field(init=False)
    begun: Progress = field(init=False)
    state: "dict[str, Tensor]" = field(init=False)

    def __post_init__(self) -> None:
        if self.options.resume:
            self.begun, self.state = read_checkpoint(self.folder, self.lesson.run)
            self.learner.restore(self.state)
        else:
            self.begun, self.state = Progress(self.lesson.run, 0, 0, 0), {}
        self.log = TrainLog(self.folder, self.begun.lines)


def teach(run: Run) -> Checked | None:
    """Take all steps that are left, and write the adapter. Returns what was checked last.

    Raises:
        ConfigError: If there is no checkpoint of this run to go on from.
        ModelError: If a loss is no number, or memory runs out.
        OSError: If the folder cannot be written.
    """
    last: list[Checked] = []
    if run.begun.stage == 0:
        _take(run, 0, _examples(run), {}, last)
    if run.lesson.choices:
        reference = run.state.get("reference")
        if reference is None:
            run.learner.forget()
            reference = reference_of(run.learner, run.lesson.choices, run.options.batch_tokens)
        _take(run, 1, _choices(run, reference), {"reference": reference}, last)
    save_adapter(run.learner, run.folder)
    drop_checkpoint(run.folder)
    return last[-1] if last else None


def save_adapter(learner: Learner, folder: Path) -> None:
    """Write the adapter as it is."""
    from safetensors.torch import save_file

    part = folder / f"{ADAPTER}.part"
    save_file(adapter_tensors(learner.tuned), part)
    part.replace(folder / ADAPTER)


def _examples(run: Run) -> Stage:
    options = run.options
    seed = options.seed * _SEEDS
    return example_stage(
        run.learner, run.lesson.rows, options.batch_tokens, options.epochs, options.rate, seed
    )


def _choices(run: Run, reference: "Tensor") -> Stage:
    choices, options = run.lesson.choices, run.options
    lengths = [len(row) for row in choices]
    batches = plan(lengths, options.batch_tokens, (options.seed + 1) * _SEEDS - 1)
    return preference_stage(run.learner, choices, reference, batches, options.rate * RATE)


def _take(
    run: Run, number: int, stage: Stage, kept: "dict[str, Tensor]", last: list[Checked]
) -> None:
    """Take the steps of a stage that are left; ``kept`` goes into its checkpoints."""
    done = run.begun.done if number == run.begun.stage else 0
    every = -(-len(stage.batches) // CHECKS)
    saved = time.monotonic()

    def watch(step: Step) -> None:
        nonlocal saved
        run.log.step(step)
        checked = None
        if run.lesson.validation and (step.step % every == 0 or step.step == step.steps):
            checked = check(
                run.learner, run.lesson.validation, run.lesson.refusal, run.options.batch_tokens
            )
            run.log.check(step, checked)
            last.append(checked)
        if time.monotonic() - saved >= 60 * run.options.minutes:
            progress = Progress(run.lesson.run, number, step.step, run.log.lines)
            save_checkpoint(run.folder, progress, {**run.learner.state(), **kept})
            save_adapter(run.learner, run.folder)
            saved = time.monotonic()
        run.tell(step, checked)

    run_stage(run.learner, stage, done, watch)
