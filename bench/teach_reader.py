"""Teach the reader of ``app/reading``: ``python -m bench.teach_reader``.

The upper layers first, then all: the heads would else spoil what the lower ones know. Takes an
hour on two cores. Prints the SHA-256 that goes into ``app/reading/taught.py``.
"""

import argparse
import math
import random
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor

from bench.collection import home_folder
from bench.teach_examples import Example, Lesson, lessons
from bench.teach_losses import Losses, losses
from bench.teach_model import Dropout, ReaderModel, Weights, batch_of
from bench.teach_questions import ask_fitting_set
from citewell.app.reading.pairs import load_tokenizer
from citewell.app.reading.scores import Mix
from citewell.app.reading.tuned import WEIGHTS, pack, unpack
from citewell.app.tuning.remembering import RememberingEmbedder
from citewell.retrieval.embedding import bundled_folder, open_embedder
from citewell.retrieval.embedding_bundled import TOKENIZER, checked_weights
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.encoder_graph import Weight, mapped_weights

DATA = Path("../shared/data")
QUESTIONS = 8
"""A step; each with two or three passages."""

PARTS = 2
"""Of a step, that run at the same time."""

DROPOUT = 0.1
HEAD_RATE = 5e-4
WARM_UP = 0.08
LOG_STEPS = 50


@dataclass(frozen=True, slots=True)
class Stage:
    """Some passes over all lessons.

    Attributes:
        layers: How many of the upper layers learn.
        rate: The learning rate that falls to 0 along the stage, after a short rise.
    """

    layers: int
    epochs: int
    rate: float


STAGES = (Stage(3, 1, 1.5e-4), Stage(6, 1, 1.2e-4), Stage(6, 2, 1e-4))

SHARES = (0.25, 0.25, 0.5)
"""Of the weights after each of the last passes, in the mean that is kept: it tells answerable
questions from others better than the last alone (stochastic weight averaging: Izmailov et al.,
2018)."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Teach and save."""
    options = _options(arguments)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    bundled = mapped_weights(checked_weights(bundled_folder()))
    with home_folder(options.home) as home:
        taught = _lessons(options.data, home, options.seed)
    _say(f"{len(taught)} lessons, {sum(each.own.answers for each in taught)} with an answer")
    start = unpack(load_file(options.start), bundled) if options.start else bundled
    model = ReaderModel(start)
    rng = random.Random(options.seed)
    passes = chain.from_iterable(_epochs(model, taught, each, rng) for each in options.stages)
    last = deque((model.tuned() for _ in passes), maxlen=len(SHARES))
    _save(_mean(last), bundled, options.out)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the question sets")
    parser.add_argument("--home", type=Path, help="keeps the collections that are searched")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="file for the weights")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--stages",
        type=_stages,
        default=STAGES,
        metavar="LAYERS:EPOCHS:RATE,...",
        help="by default " + ",".join(f"{s.layers}:{s.epochs}:{s.rate}" for s in STAGES),
    )
    return parser.parse_args(arguments)


def _stages(text: str) -> tuple[Stage, ...]:
    parts = [each.split(":") for each in text.split(",")]
    return tuple(Stage(int(layers), int(epochs), float(rate)) for layers, epochs, rate in parts)


def _lessons(data: Path, home: Path, seed: int) -> list[Lesson]:
    embedder = RememberingEmbedder(open_embedder())
    tokenizer = load_tokenizer(bundled_folder() / TOKENIZER)
    asked = ask_fitting_set(data / "train" / "questions.jsonl", home / "train", embedder)
    _say(f"{len(asked)} questions of the fitting set searched")
    return list(lessons(asked, tokenizer, seed))


def _epochs(
    model: ReaderModel, taught: Sequence[Lesson], stage: Stage, rng: random.Random
) -> Iterator[None]:
    """Teach a stage; yields after each pass over the lessons."""
    body, heads = model.tune(stage.layers)
    optimizer = torch.optim.AdamW(
        [
            {"params": body, "lr": stage.rate, "weight_decay": 0.01},
            {"params": heads, "lr": HEAD_RATE, "weight_decay": 0.0},
        ],
        betas=(0.9, 0.98),
    )
    steps = stage.epochs * math.ceil(len(taught) / QUESTIONS)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (WARM_UP * steps), 1.02 - step / steps, 1.0)
    )
    for epoch in range(stage.epochs):
        began, seen = time.monotonic(), np.zeros((0, 4))
        for step, drawn in enumerate(_draw(taught, rng), 1):
            found = _step(model, drawn, [*body, *heads])
            torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
            optimizer.step()
            schedule.step()
            seen = np.vstack([seen, found])
            if step % LOG_STEPS == 0:
                shown = " ".join(f"{value:.3f}" for value in seen.mean(axis=0))
                _say(
                    f"layers {stage.layers}, epoch {epoch + 1} of {stage.epochs}, step {step}: "
                    f"{shown} ({time.monotonic() - began:.0f} s)"
                )
                seen = seen[:0]
        yield


def _step(
    model: ReaderModel, drawn: Sequence[Sequence[Example]], learned: Sequence[Tensor]
) -> list[float]:
    """Set the gradients of a batch; return the mean of its losses.

    Its parts run at the same time, a thread each: they wait for each other once a step, where
    the threads of one matrix product would wait for each other in every layer.
    """
    parts = [drawn[place::PARTS] for place in range(min(PARTS, len(drawn)))]
    seeds = [int(torch.randint(2**31, ())) for _ in parts]

    def gradients(part: Sequence[Sequence[Example]], seed: int) -> tuple[Losses, Sequence[Tensor]]:
        windows = [example.window for each in part for example in each]
        read = model.read(batch_of(windows), Dropout(DROPOUT, seed))
        found = losses(read, part)
        return found, torch.autograd.grad(found.total(), learned, materialize_grads=True)

    with ThreadPoolExecutor(PARTS) as pool:
        found = list(pool.map(gradients, parts, seeds))
    for place, values in enumerate(learned):
        values.grad = torch.stack([each[place] for _, each in found]).mean(dim=0)
    return [
        float(torch.stack(parts).detach().mean())
        for parts in zip(*(each for each, _ in found), strict=True)
    ]


def _draw(taught: Sequence[Lesson], rng: random.Random) -> Iterator[list[list[Example]]]:
    """Yield the examples of an epoch in batches of nearly the same length."""
    drawn = [lesson.draw(rng) for lesson in taught]
    drawn.sort(key=lambda each: max(len(one.window.ids) for one in each) + 30 * rng.random())
    batches = [drawn[start : start + QUESTIONS] for start in range(0, len(drawn), QUESTIONS)]
    rng.shuffle(batches)
    yield from batches


def _mean(last: Sequence[Weights]) -> Weights:
    """Return the mean of some weights; of fewer than there are shares the last count."""
    shares = np.array(SHARES[-len(last) :]) / sum(SHARES[-len(last) :])
    weights = {
        name: np.einsum("i,i...->...", shares, [each[name] for each, _ in last]).astype(np.float32)
        for name in last[-1][0]
    }
    return weights, Mix(*(shares @ [astuple(mix) for _, mix in last]).tolist())


def _save(weights: Weights, bundled: Weight, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file(pack(*weights, bundled), out)
    print(f"{out}: SHA-256 {file_sha256(out)}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
