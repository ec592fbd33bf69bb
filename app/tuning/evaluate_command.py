"""What ``citewell tune evaluate`` does once its arguments are read."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from citewell.app.calibration_output import asking_progress
from citewell.app.llms.adapter_card import AdapterCard, adapter_folder, read_card, write_card
from citewell.app.llms.factory import open_model
from citewell.app.output import line
from citewell.app.terminal import say, write
from citewell.app.tuning.evaluate_output import (
    Comparison,
    evaluate_json,
    print_comparison,
    stored,
)
from citewell.app.tuning.evaluating import Judged, evaluate
from citewell.app.tuning.examples import Example, read_examples
from citewell.app.tuning.model_card import CARD_FILE, model_card
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings

NONE = "none"


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What the options of ``citewell tune evaluate`` say.

    Attributes:
        name: Of an adapter, or a model as settings name it.
        data: Folder of a data set, or a file of examples; None takes what the adapter was made
            from.
        against: Model to compare with, as settings name it; ``none`` compares with nothing, None
            takes the model that the adapter was made for.
        limit: Most examples, spread over the data; None takes all.
    """

    name: str
    data: Path | None = None
    against: str | None = None
    limit: int | None = None


def run_evaluate(settings: Settings, options: EvaluateOptions, *, as_json: bool) -> int:
    """Compare a model that was taught with one that was not, and write its model card."""
    card = _card(settings, options.name)
    llm = f"tuned:{card.name}" if card else options.name
    file = test_file(options.data or _data_of(card, options.name))
    examples = spread(list(read_examples(file)), options.limit)
    if not examples:
        raise ConfigError(f"{file} holds no examples. Make some with: citewell tune data")
    against = options.against or (_untaught(card) if card else "bundled-base")
    names = [name for name in dict.fromkeys((against, llm)) if name != NONE]
    found = Comparison(file, {name: drafted(name, examples, settings) for name in names}, llm)
    written = None
    if card is not None:
        written = _keep(adapter_folder(settings.home, card.name), card, found)
    if as_json:
        write(line(evaluate_json(found, written)))
    else:
        print_comparison(found)
    if written is not None:
        say(f"The model card is {written}.")
    return 0


def drafted(name: str, examples: Sequence[Example], settings: Settings) -> list[Judged]:
    """Return what a model writes to examples, judged.

    Raises:
        ConfigError: If no model has that name.
    """
    model = open_model(name, settings)
    if model is None:
        raise ConfigError(f"{name!r} writes nothing. Name a model; see: citewell models list")
    with closing(model), asking_progress(name) as tell:
        return list(evaluate(model, examples, settings, tell))


def test_file(data: Path) -> Path:
    """Return the examples to judge by: a file as it is, of a folder those kept for testing."""
    return data / "test.jsonl" if data.is_dir() else data


def spread(examples: Sequence[Example], limit: int | None) -> list[Example]:
    """Return so many examples, evenly spread; all of them without a limit."""
    if limit is None or limit >= len(examples):
        return list(examples)
    return [examples[place * len(examples) // limit] for place in range(limit)]


def _card(settings: Settings, name: str) -> AdapterCard | None:
    """Return the card of one of the user's adapters; None where a model is named otherwise."""
    kind, _, rest = name.partition(":")
    if kind in ("bundled", "bundled-base") or (rest and kind != "tuned"):
        return None
    return read_card(adapter_folder(settings.home, rest or name))


def _data_of(card: AdapterCard | None, name: str) -> Path:
    """Return the folder that an adapter was made from, as its card has it."""
    given = card.settings.get("data") if card else None
    if isinstance(given, str) and test_file(Path(given)).is_file():
        return Path(given)
    known = f"{given}, which {name} was made from, is not there" if given else "no data is named"
    raise ConfigError(f"There is nothing to evaluate on: {known}. Give --data FOLDER.")


def _untaught(card: AdapterCard) -> str:
    return "bundled-base" if card.base == "bundled" else card.base


def _keep(folder: Path, card: AdapterCard, found: Comparison) -> Path:
    """Write the figures into the adapter's card, and its model card. Returns the latter."""
    card = replace(card, figures={**card.figures, "test": stored(found)})
    file = folder / CARD_FILE
    try:
        write_card(folder, card)
        file.write_text(model_card(card, found), encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"The model card {file} cannot be written ({error.strerror}). "
            "Make the folder writable, or give another with --home."
        ) from error
    return file
