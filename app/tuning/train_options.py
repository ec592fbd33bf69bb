"""What a training run can be told."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What the options of ``citewell tune train`` say.

    The defaults were tried on the bundled model; see ``docs/tuning.md``.

    Attributes:
        data: Folder of a data set, or its ``train.jsonl``.
        name: Of the adapter.
        base: ``bundled``, or ``transformers:FOLDER``.
        start: Name of an adapter of that base, rank and alpha to begin with, or ``bundled`` for
            the one that ships; None begins anew.
        rank: Columns of the two matrices whose product is added to a weight.
        alpha: That product counts ``alpha / rank`` times.
        epochs: How often each example is seen; 0 goes to the preferences at once.
        rate: Highest learning rate.
        batch_tokens: Most tokens of a batch, padding included.
        seed: Of the first weights and of the order.
        limit: Most examples to train on; None takes all.
        device: Where it runs; ``auto`` is ``cuda`` where there is a GPU.
        preference: Whether pairs of a right and a wrong answer are taught after the examples.
        choices: Most examples of that.
        minutes: Between two checkpoints.
        resume: Go on from the last checkpoint.
        plain: Show how far it has come in lines, also on a terminal.
    """

    data: Path
    name: str
    base: str = "bundled"
    start: str | None = None
    rank: int = 16
    alpha: int = 32
    epochs: int = 2
    rate: float = 1e-3
    batch_tokens: int = 1200
    seed: int = 0
    limit: int | None = None
    device: Device = "auto"
    preference: bool = True
    choices: int | None = 700
    minutes: float = 5.0
    resume: bool = False
    plain: bool = False
