"""Stages of learning: batches in order, a loss for each, and what is noted on the way."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from citewell.app.tuning.batches import Row, batch_of, plan
from citewell.app.tuning.learner import Learner
from citewell.app.tuning.schedule import rate_at
from citewell.retrieval.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What is learned in a row.

    Attributes:
        name: ``examples`` or ``preference``.
        batches: Numbers of examples, of all epochs.
        epochs: How many these are.
        rate: Highest learning rate.
        loss: Of the examples with these numbers, and how many tokens it read for it.
    """

    name: str
    batches: Sequence[Sequence[int]]
    epochs: int
    rate: float
    loss: Callable[[Sequence[int]], tuple["Tensor", int]]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was taken.

    Attributes:
        stage: Its name.
        step: Counted from 1 in its stage; ``steps`` is their number.
        epoch: How many were done, with the part of the one that runs.
        loss: Before the step.
        rate: Learning rate.
        gradient: Its length before it was clipped.
        tokens: Read for it, without padding.
        seconds: It took.
    """

    stage: str
    step: int
    steps: int
    epoch: float
    loss: float
    rate: float
    gradient: float
    tokens: int
    seconds: float


class Watcher(Protocol):
    """Is told of each step when it was taken."""

    def __call__(self, step: Step) -> None: ...


def example_stage(
    learner: Learner, rows: Sequence[Row], most_tokens: int, epochs: int, rate: float, seed: int
) -> Stage:
    """Return the stage in which answers are learned by heart, epoch by epoch in another order."""
    lengths = [len(row) for row in rows]
    batches = [
        batch for epoch in range(epochs) for batch in plan(lengths, most_tokens, seed + epoch)
    ]

    def loss(numbers: Sequence[int]) -> tuple["Tensor", int]:
        batch = batch_of([rows[number] for number in numbers], learner.device)
        return answer_loss(learner.answers(batch).logprobs), batch.tokens

    return Stage("examples", batches, epochs, rate, loss)


def answer_loss(logprobs: "Tensor") -> "Tensor":
    """Return the mean over all tokens of answers.

    Every first token counts alike, and with it the choice whether to answer. A mean for each
    example would let the few tokens of a refusal outweigh those of an answer: taught so, the
    bundled model declined nine of ten questions that it could answer.
    """
    return -logprobs.mean()


def run_stage(learner: Learner, stage: Stage, done: int, watch: Watcher) -> None:
    """Take the steps of a stage that are left when so many are done.

    Raises:
        ModelError: If the loss is no number, or memory runs out.
    """
    import torch

    steps = len(stage.batches)
    for number in range(done, steps):
        begun = time.perf_counter()
        rate = rate_at(number, steps, stage.rate)
        try:
            loss, tokens = stage.loss(stage.batches[number])
            value = float(loss.detach())
            _require_number(value, stage, number)
            gradient = learner.learn(loss, rate)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise _out_of_memory(stage.batches[number]) from error
        except RuntimeError as error:
            if "allocate memory" not in str(error):  # what torch raises on a CPU
                raise
            raise _out_of_memory(stage.batches[number]) from error
        _require_number(gradient, stage, number)
        epoch = (number + 1) / steps * stage.epochs
        seconds = time.perf_counter() - begun
        watch(Step(stage.name, number + 1, steps, epoch, value, rate, gradient, tokens, seconds))


def _require_number(value: float, stage: Stage, step: int) -> None:
    if not math.isfinite(value):
        raise ModelError(
            f"The loss is {value} at step {step + 1} of {stage.name}. The last checkpoint is kept. "
            f"Train again with a lower --rate than {stage.rate:g}."
        )


def _out_of_memory(batch: Sequence[int]) -> ModelError:
    return ModelError(
        f"Memory ran out at a batch of {len(batch)}. Give a lower --batch-tokens, then --resume."
    )
