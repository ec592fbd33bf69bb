"""What ``citewell tune train`` does once its arguments are read."""

import datetime
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from citewell.app.llms.adapter_card import (
    ADAPTER,
    CARD,
    AdapterCard,
    adapter_folder,
    write_card,
)
from citewell.app.terminal import say
from citewell.app.tuning.adapter_start import begin_with, start_named
from citewell.app.tuning.base_model import Place, open_base, place_for, require_tuning
from citewell.app.tuning.batches import padding, plan
from citewell.app.tuning.learner import Learner
from citewell.app.tuning.loss_plot import PLOT, svg
from citewell.app.tuning.train_data import Lesson, read_lesson
from citewell.app.tuning.train_log import read_log
from citewell.app.tuning.train_options import TrainOptions
from citewell.app.tuning.train_progress import training_progress
from citewell.app.tuning.train_run import Run, teach
from citewell.app.tuning.validating import Checked
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings

_PACKAGES = ("torch", "transformers", "peft")


def run_train(settings: Settings, options: TrainOptions) -> int:
    """Teach a model and keep its adapter."""
    require_tuning()
    folder = adapter_folder(settings.home, options.name)
    if (folder / CARD).is_file():
        raise ConfigError(
            f"There is an adapter in {folder} already. Give another --name, or delete it first."
        )
    place = place_for(options.device)
    start = start_named(settings.home, options.start) if options.start else None
    base = open_base(options.base, place)
    learner = Learner(base, options.rank, options.alpha, options.seed)
    if start:
        begin_with(learner, start)
    say(f"Reading {options.data} ...")
    lesson = read_lesson(base, options)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        card = _taught(learner, lesson, options, folder, place)
        if start:
            card = replace(card, settings={**card.settings, "start": _about(start.card)})
        write_card(folder, card)
    except OSError as error:
        raise NotConfigured(
            f"The adapter cannot be written to {folder}: {error.strerror or error}. Free room "
            "there or make it writable, then go on with --resume; or give another --home."
        ) from error
    say(f"The adapter is in {folder}. Next: citewell tune evaluate {options.name}")
    return 0


def _taught(
    learner: Learner, lesson: Lesson, options: TrainOptions, folder: Path, place: Place
) -> AdapterCard:
    """Teach a model and return the card of its adapter, which is in the folder."""
    _say_what(lesson, options, place)
    with training_progress(plain=options.plain) as tell:
        checked = teach(Run(learner, lesson, options, folder, tell))
    log = list(read_log(folder))
    (folder / PLOT).write_text(svg(log, options.name), encoding="utf-8")
    return AdapterCard(
        name=options.name,
        base=learner.base.name,
        base_sha256=learner.base.sha256,
        rank=options.rank,
        alpha=options.alpha,
        targets=learner.targets,
        sha256=file_sha256(folder / ADAPTER),
        made=datetime.datetime.now(datetime.UTC).date().isoformat(),
        settings=_settings(lesson, options, place, log),
        data=lesson.card,
        figures=_figures(checked),
    )


def _say_what(lesson: Lesson, options: TrainOptions, place: Place) -> None:
    lengths = [len(row) for row in lesson.rows]
    batches = plan(lengths, options.batch_tokens, options.seed)
    say(
        f"{len(lengths):,} examples of {sum(lengths):,} tokens in {len(batches):,} batches "
        f"({padding(lengths, batches):.1%} padding), {options.epochs} times, on {place}; "
        f"then {len(lesson.choices):,} with wrong answers beside the right one."
    )


def _settings(
    lesson: Lesson, options: TrainOptions, place: Place, log: Sequence[Mapping[str, Any]]
) -> dict[str, object]:
    """Return what is written down of how an adapter was made."""
    told: dict[str, object] = asdict(options)
    steps = [line for line in log if line["kind"] == "step"]
    for name in ("name", "resume", "minutes", "plain"):
        del told[name]
    return {
        **told,
        "data": str(options.data.resolve()),
        "device": place,
        "examples": len(lesson.rows),
        "choices": len(lesson.choices),
        "steps": len(steps),
        "tokens": sum(step["tokens"] for step in steps),
        "seconds": round(sum(step["seconds"] for step in steps), 1),
        **{package: importlib.metadata.version(package) for package in _PACKAGES},
    }


def _about(card: AdapterCard) -> dict[str, object]:
    """Return what an adapter's card keeps of the one that it began with."""
    return {"name": card.name, "sha256": card.sha256, "settings": card.settings}


def _figures(checked: Checked | None) -> dict[str, object]:
    if checked is None:
        return {}
    return {"validation": {name: round(value, 4) for name, value in asdict(checked).items()}}
