"""The card of a made set: what is in it and what was left out."""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import get_args

from citewell.app.drafting import NOT_FOUND, draft_sentences
from citewell.app.fencing import fence
from citewell.app.output import Json
from citewell.app.tuning.examples import Example, Split
from citewell.app.tuning.making import Made
from citewell.app.tuning.selecting import count_tokens

DATA = "citewell.tune-data/1"

CARD = "card.json"

MADE_BY_US = "Tables, second sources and planted instructions are made up by Citewell."


def data_card(made: Made, questions: Sequence[Json], licences: Sequence[str], seed: int) -> Json:
    """Return the card of a set; it holds no date, so that the same set has the same card.

    Args:
        questions: Of each source its name, number of questions and hash.
        licences: Of what the set was made from.
    """
    examples = made.examples
    lengths = [count_tokens(fence(each.evidence)) for each in examples]
    declined = [each for each in examples if each.target == NOT_FOUND]
    return {
        "schema": DATA,
        "seed": seed,
        "questions": list(questions),
        "licences": list(licences),
        "note": MADE_BY_US,
        "examples": len(examples),
        "splits": {split: _in_split(examples, split) for split in get_args(Split)},
        "kinds": _counts([each.kind for each in examples]),
        "sources": _counts([each.source for each in examples]),
        "declined": len(declined),
        "evidence": _counts([str(len(each.evidence)) for each in examples]),
        "answered_by": _counts(
            [str(number) for each in examples for number in sorted(set(markers(each)))]
        ),
        "markers": _counts([str(len(markers(each))) for each in examples]),
        "tokens": {"mean": round(fmean(lengths), 1), "max": max(lengths), "estimated": True},
        "left_out": dict(made.left_out),
    }


def markers(example: Example) -> list[int]:
    """Return the numbers of evidence that a target names, in its order."""
    return [number for each in draft_sentences([example.target]) for number in each.markers]


def source_of(path: Path, count: int) -> Json:
    """Return what a card says of a question file."""
    return {
        "name": f"{path.parent.name}/{path.name}",
        "questions": count,
        "sha256": sha256(path.read_bytes()).hexdigest(),
    }


def write_card(folder: Path, card: Json) -> None:
    """Write the card of a set into its folder."""
    text = json.dumps(card, ensure_ascii=False, indent=2)
    (folder / CARD).write_text(f"{text}\n", encoding="utf-8")


def _in_split(examples: Sequence[Example], split: Split) -> Json:
    found = [each for each in examples if each.split == split]
    return {
        "examples": len(found),
        "documents": len({each.document for each in found}),
        "kinds": _counts([each.kind for each in found]),
    }


def _counts(values: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
