"""What the commands about language models print as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from citewell.app.models_fitness import Fitness
from citewell.app.models_list import ListedModel
from citewell.app.models_pull import Pulled
from citewell.app.output import Json

MODELS = "citewell.models/1"
PULL = "citewell.model-pull/1"
USE = "citewell.model-use/1"
TEST = "citewell.model-test/1"
PROMPTS = "citewell.model-prompts/1"


def models_json(in_use: str, models: Sequence[ListedModel]) -> Json:
    """Return what ``citewell models list --json`` prints."""
    return {"schema": MODELS, "in_use": in_use, "models": [asdict(model) for model in models]}


def pull_json(pulled: Pulled) -> Json:
    """Return what ``citewell models pull --json`` prints."""
    return {
        "schema": PULL,
        "name": pulled.name,
        "folder": str(pulled.folder),
        "files": list(pulled.files),
        "size": pulled.size,
    }


def use_json(name: str, file: Path, overruled_by: str | None) -> Json:
    """Return what ``citewell models use --json`` prints."""
    return {"schema": USE, "name": name, "file": str(file), "overruled_by": overruled_by}


def prompts_json(folder: Path, files: Sequence[Path]) -> Json:
    """Return what ``citewell models prompts --json`` prints."""
    return {"schema": PROMPTS, "folder": str(folder), "files": [path.name for path in files]}


def fitness_json(name: str, technique: str, found: Fitness) -> Json:
    """Return what ``citewell models test --json`` prints."""
    return {
        "schema": TEST,
        "name": name,
        "technique": technique,
        "verdict": found.verdict,
        "right": found.right,
        "answerable": found.answerable,
        "declined": found.declined,
        "unanswerable": found.unanswerable,
        "first_token_s": found.first_token_s,
        "tokens_per_s": found.tokens_per_s,
        "questions": [
            {
                "question": each.trial.question,
                "outcome": each.outcome,
                "wrote": each.wrote,
                "first_token_s": each.first_token_s,
                "seconds": each.seconds,
                "tokens": each.tokens,
            }
            for each in found.tried
        ],
    }
