"""What a training run reads: a folder of examples, in tokens."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from citewell.app.drafting import NOT_FOUND
from citewell.app.tuning.base_model import BaseModel
from citewell.app.tuning.batches import Row
from citewell.app.tuning.examples import Example, messages, read_examples
from citewell.app.tuning.train_options import TrainOptions
from citewell.retrieval.errors import ConfigError

MOST_VALIDATED = 120
"""Examples that are asked every so often: it takes their time of learning."""

_NO_MATTER = ("data", "name", "resume", "plain", "device", "minutes")
"""Options that say nothing about what is learned."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is to be learned.

    Attributes:
        rows: Examples with what is to be written.
        choices: Examples with that and, behind it, what must not be written.
        validation: Examples that are not learned.
        refusal: The answer that declines.
        card: Of the data set; empty without one.
        run: Hash of all that the outcome depends on.
    """

    rows: tuple[Row, ...]
    choices: tuple[Row, ...]
    validation: tuple[Row, ...]
    refusal: tuple[int, ...]
    card: Mapping[str, object]
    run: str


def read_lesson(base: BaseModel, options: TrainOptions) -> Lesson:
    """Return the examples of a data set in tokens, as many as wanted.

    Raises:
        ConfigError: If there are none, or one cannot be read.
    """
    folder = options.data if options.data.is_dir() else options.data.parent
    file = folder / "train.jsonl" if options.data.is_dir() else options.data
    examples = _some(list(read_examples(file)), options.limit, options.seed)
    if not examples:
        raise ConfigError(f"{file} holds no examples. Make some with: citewell tune data")
    kept = folder / "validation.jsonl"
    checked = list(read_examples(kept)) if kept.is_file() else []
    rows = tuple(_row(base, each) for each in examples)
    choices: tuple[Row, ...] = ()
    if options.preference:
        refutable = [each for each in examples if each.rejected]
        chosen = _some(refutable, options.choices, options.seed)
        choices = tuple(_choice(base, each) for each in chosen)
    validation = tuple(_row(base, each) for each in _some(checked, MOST_VALIDATED, 0))
    run = _hash(base, options, [rows, choices])
    return Lesson(rows, choices, validation, tuple(base.answer(NOT_FOUND)), _card(folder), run)


def _some(examples: Sequence[Example], most: int | None, seed: int) -> list[Example]:
    """Return at most so many, chosen at random, in the order they have."""
    if most is None or most >= len(examples):
        return list(examples)
    chosen = sorted(random.Random(seed).sample(range(len(examples)), most))
    return [examples[number] for number in chosen]


def _row(base: BaseModel, example: Example) -> Row:
    return Row(tuple(base.prompt(messages(example))), (tuple(base.answer(example.target)),))


def _choice(base: BaseModel, example: Example) -> Row:
    answers = (example.target, *example.rejected)
    prompt = tuple(base.prompt(messages(example)))
    return Row(prompt, tuple(tuple(base.answer(answer)) for answer in answers))


def _card(folder: Path) -> dict[str, object]:
    file = folder / "card.json"
    try:
        found: Any = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The card of the data {file} cannot be read: {error}. "
            "Make the data again with: citewell tune data"
        ) from error
    return found if isinstance(found, dict) else {}


def _hash(base: BaseModel, options: TrainOptions, rows: Sequence[Sequence[Row]]) -> str:
    said = {name: value for name, value in asdict(options).items() if name not in _NO_MATTER}
    tokens = [[(row.prompt, row.answers) for row in some] for some in rows]
    text = json.dumps([base.sha256, said, tokens], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
