"""What ``citewell tune train`` does once its arguments are read."""

import datetime
import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from citewell.app.llms.adapter_card import (
    ADAPTER,
    AdapterCard,
    adapter_folder,
    write_card,
)
from citewell.app.terminal import say
from citewell.app.tuning.base_model import BaseModel, open_base, place_for, require_tuning
from citewell.app.tuning.batches import Row
from citewell.app.tuning.examples import Example, messages, read_examples
from citewell.app.tuning.learner import Learner, can_compile
from citewell.app.tuning.lora import adapter_tensors, linear_names
from citewell.app.tuning.train_options import TrainOptions
from citewell.app.tuning.training import Step, example_stage, run_stage
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings


def run_train(settings: Settings, options: TrainOptions) -> int:
    """Teach a model and keep its adapter."""
    require_tuning()
    import torch
    from safetensors.torch import save_file

    folder = adapter_folder(settings.home, options.name)
    examples = list(
        read_examples(options.data if options.data.is_file() else options.data / "train.jsonl")
    )
    if options.limit:
        random.Random(options.seed).shuffle(examples)
        examples = examples[: options.limit]
    folder.mkdir(parents=True, exist_ok=True)
    place = place_for(options.device)
    base = open_base(options.base, place)
    targets = linear_names(base.model)
    rows = [row_of(base, each) for each in examples]
    learner = Learner(base, options.rank, options.alpha, options.seed)
    if not options.plain and can_compile(place):
        learner.compile()
    stage = example_stage(
        learner, rows, options.batch_tokens, options.epochs, options.rate, options.seed
    )
    say(f"{len(rows)} examples, {len(stage.batches)} steps, {sum(map(len, rows))} tokens an epoch")
    log = (folder / "log.jsonl").open("a")
    total, seconds, count = 0, 0.0, 0

    def watch(step: Step) -> None:
        nonlocal total, seconds, count
        log.write(json.dumps(asdict(step)) + "\n")
        log.flush()
        count += 1
        if count > 2:
            total += step.tokens
            seconds += step.seconds
        say(
            f"{step.step}/{step.steps} loss {step.loss:.3f} grad {step.gradient:.2f} {step.tokens / step.seconds:.0f} tok/s, mean {total / max(seconds, 1e-9):.0f}, left {(step.steps - step.step) * seconds / max(1, count - 2) / 60:.1f} min"
        )
        if step.step % 50 == 0:
            save_file(adapter_tensors(learner.tuned), folder / ADAPTER)

    run_stage(learner, stage, 0, watch)
    save_file(adapter_tensors(learner.tuned), folder / ADAPTER)
    write_card(
        folder,
        AdapterCard(
            name=options.name,
            base=base.name,
            base_sha256=base.sha256,
            rank=options.rank,
            alpha=options.alpha,
            targets=tuple(targets),
            sha256=file_sha256(folder / ADAPTER),
            made=datetime.date.today().isoformat(),
        ),
    )
    return 0


def row_of(base: BaseModel, example: Example) -> Row:
    """Return an example in tokens."""
    return Row(tuple(base.prompt(messages(example))), (tuple(base.answer(example.target)),))
