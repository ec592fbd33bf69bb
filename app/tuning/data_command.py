"""What ``citewell tune data`` does once its arguments are read."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from citewell.app.calibration_output import asking_progress
from citewell.app.output import Json, line
from citewell.app.tables import counted, print_table
from citewell.app.terminal import say, write
from citewell.app.tuning.data_card import CARD, data_card, source_of, write_card
from citewell.app.tuning.data_options import DataOptions
from citewell.app.tuning.definitions import made_questions
from citewell.app.tuning.examples import Split, write_examples
from citewell.app.tuning.feedback import FEEDBACK, feedback_questions
from citewell.app.tuning.finding import Found, collection_of, find_all
from citewell.app.tuning.making import Made, make
from citewell.app.tuning.mixture import SHARES
from citewell.app.tuning.questions import QuestionFile, TaughtQuestion, read_question_file
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings

FEW = 200
"""Examples below which a model learns the form of an answer and little else."""


@dataclass(frozen=True, slots=True)
class _Searched:
    """What was found for the questions of a source, and what the card says of it."""

    found: tuple[Found, ...]
    about: Json


def run_data(settings: Settings, options: DataOptions, *, as_json: bool) -> int:
    """Make a set of examples and write it with its card.

    Raises:
        ConfigError: If there is nothing to make it from, nothing came of it, or the folder holds
            something else.
    """
    if not options.questions and options.collection is None:
        raise ConfigError(
            "There is nothing to make examples of. Give question files, such as questions.jsonl, "
            "or --collection NAME for the feedback on its answers."
        )
    _require_free(options.out)
    searched = list(_searched(settings, options))
    made = make([found for each in searched for found in each.found], options.seed)
    if not made.examples:
        why = "; ".join(f"{reason}: {count}" for reason, count in made.left_out.items())
        raise ConfigError(
            f"No example came of the questions ({why or 'there are none'}). They need accepted "
            "answers that stand in their documents, or to be known as unanswerable."
        )
    card = data_card(made, [each.about for each in searched], options.licences, options.seed)
    _write(options.out, made, card)
    _tell(options.out, card, as_json=as_json)
    return 0


def _searched(settings: Settings, options: DataOptions) -> Iterator[_Searched]:
    for number, path in enumerate(options.questions):
        given = read_question_file(path)
        asked = [
            replace(each, id=f"{number}-{each.id}") if number else each
            for each in _spread(given.questions, options.limit)
        ]
        asked += _made(given, len(asked), options.seed)
        say(f"Reading the documents of {path} ...")
        with collection_of(given) as place:
            yield _Searched(_found(asked, place), source_of(path, len(asked)))
    if options.collection is not None:
        place = settings.model_copy(update={"collection": options.collection})
        asked = _spread(feedback_questions(place), options.limit)
        about = {"name": f"{FEEDBACK}: {options.collection}", "questions": len(asked)}
        yield _Searched(_found(asked, place), about)


def _found(questions: Sequence[TaughtQuestion], settings: Settings) -> tuple[Found, ...]:
    with asking_progress("Searching") as tell:
        return tuple(find_all(questions, settings, tell))


def _made(given: QuestionFile, count: int, seed: int) -> list[TaughtQuestion]:
    """Return questions for explanations, so many as their share asks for."""
    pick = random.Random(f"{seed} explanations")
    found = list(made_questions(given.carried, pick))
    return pick.sample(found, min(len(found), round(SHARES["sentence"] * count)))


def _spread(questions: Sequence[TaughtQuestion], limit: int | None) -> list[TaughtQuestion]:
    if limit is None or limit >= len(questions):
        return list(questions)
    return [questions[i * len(questions) // limit] for i in range(limit)]


def _require_free(folder: Path) -> None:
    if folder.exists() and not (folder / CARD).is_file() and _holds_something(folder):
        raise ConfigError(
            f"--out {folder} holds something that is no made set. Name a new folder, or one that "
            f"holds a {CARD}."
        )


def _holds_something(folder: Path) -> bool:
    return not folder.is_dir() or any(folder.iterdir())


def _write(folder: Path, made: Made, card: Json) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for split in get_args(Split):
            examples = [each for each in made.examples if each.split == split]
            write_examples(folder / f"{split}.jsonl", examples)
        write_card(folder, card)
    except OSError as error:
        raise ConfigError(
            f"The set cannot be written to {folder}: {error.strerror}. Name another with --out."
        ) from error


def _tell(folder: Path, card: Json, *, as_json: bool) -> None:
    if as_json:
        write(line({**card, "folder": str(folder)}))
        return
    splits = get_args(Split)
    kinds = sorted(card["kinds"])
    print_table(
        ("kind", *splits),
        [
            (kind, *(f"{card['splits'][split]['kinds'].get(kind, 0):,}" for split in splits))
            for kind in kinds
        ],
    )
    declined = card["declined"] / card["examples"]
    write(
        f"{counted(card['examples'], 'example')} in {folder}, {declined:.0%} to be declined; "
        f"about {card['tokens']['mean']:.0f} tokens of evidence each."
    )
    if card["examples"] < FEW:
        say(f"So few teach little: with {FEW} and more a model learns when to decline.")
    say(f"What was left out and why stands in {folder / CARD}. Next: citewell tune train {folder}")
