"""Where a model lies on this machine: a folder, or a name in the local cache of the hub."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from citewell.retrieval.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on this machine.

    Attributes:
        name: The name of its folder, or its full name on the hub.
        folder: Absolute path.
    """

    name: str
    folder: Path


def find_model(model: str, organisation: str) -> ModelFolder | None:
    """Return where a model lies; None if it is nowhere here. Nothing is downloaded.

    Args:
        model: A folder, else a name on the hub such as ``BAAI/bge-small-en-v1.5``.
        organisation: Whose models on the hub are meant by a name without a slash.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return ModelFolder(folder.resolve().name, folder.resolve())
    name = model if "/" in model else f"{organisation}/{model}"
    snapshot = _newest_snapshot(_hub_cache() / f"models--{name.replace('/', '--')}")
    return ModelFolder(name, snapshot) if snapshot else None


def hub_models() -> list[ModelFolder]:
    """Return all models in the local cache of the hub, by name."""
    found = []
    for repository in sorted(_hub_cache().glob("models--*")):
        name = repository.name.removeprefix("models--").replace("--", "/")
        if snapshot := _newest_snapshot(repository):
            found.append(ModelFolder(name, snapshot))
    return found


def read_json(path: Path, missing: dict[str, object] | None = None) -> dict[str, object]:
    """Return the object in a JSON file; anything else in it counts as none.

    Args:
        path: The file.
        missing: What to return if there is no such file; by default that is an error.

    Raises:
        ConfigError: If it cannot be read.
    """
    if missing is not None and not path.is_file():
        return missing
    content = _parse(path)
    return content if isinstance(content, dict) else {}


def read_json_objects(path: Path) -> list[dict[str, object]]:
    """Return the objects of a list in a JSON file; anything else in it counts as none.

    Raises:
        ConfigError: If it cannot be read.
    """
    content = _parse(path)
    return [each for each in content if isinstance(each, dict)] if isinstance(content, list) else []


def _parse(path: Path) -> object:
    try:
        content: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return content


def _newest_snapshot(repository: Path) -> Path | None:
    """Return the files of a repository's main branch, as far as they were downloaded.

    The folders are laid out as in huggingface.co/docs/huggingface_hub/guides/manage-cache;
    reading them here saves half a second, which importing huggingface_hub takes.
    """
    try:
        commit = (repository / "refs" / "main").read_text("utf-8").strip()
    except OSError:
        return None
    snapshot = repository / "snapshots" / commit
    return snapshot if snapshot.is_dir() else None


def _hub_cache() -> Path:
    """Return the cache's folder, by the variables of huggingface_hub."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return Path(named).expanduser()
    caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{caches}/huggingface"
    return Path(home).expanduser() / "hub"
