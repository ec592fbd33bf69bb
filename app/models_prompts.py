"""Copies of the prompts, to be edited."""

from collections.abc import Sequence
from pathlib import Path

from citewell.app.prompting import NEEDED, prompt_text
from citewell.retrieval.errors import ConfigError


def copy_prompts(folder: Path) -> Sequence[Path]:
    """Copy all prompt files into a folder, which is made. Returns the new files.

    Raises:
        ConfigError: If the folder holds one already, or cannot be written.
    """
    paths = [folder / f"{name}.txt" for name in NEEDED]
    there = [path for path in paths if path.exists()]
    if there:
        raise ConfigError(f"{there[0]} is there already. Delete it, or name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            path.write_text(prompt_text(path.stem), "utf-8")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}.") from error
    return paths
