"""Write the chosen language model into the settings file, and leave the rest of it as it is."""

import json
import os
import re
import tomllib
from pathlib import Path

from citewell.app.llms.factory import open_model
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings, settings_file

_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def use_model(name: str, settings: Settings) -> Path:
    """Make a model the one that answers from now on. Returns the file that says so.

    Args:
        name: As the setting ``llm`` takes it.
        settings: As they are, with the address of the model's server if it has one.

    Raises:
        ConfigError: If there is no such model, or the file cannot be changed.
        NotConfigured: If something has to be installed first, or it is a base model.
    """
    model = open_model(name, settings)
    if model is not None:
        model.close()
    chosen = {"llm": name}
    if settings.llm_base_url is not None and name.partition(":")[0] not in (
        *("bundled", "bundled-base", "tuned", "none", "transformers", "gguf"),
    ):
        chosen["llm_base_url"] = settings.llm_base_url
    path = settings_file()
    _write(path, chosen)
    return path


def changed_toml(text: str, values: dict[str, str]) -> str:
    """Return the text of a settings file in which some settings have other values.

    Raises:
        ValueError: If it cannot be done line by line, as where a value has several.
    """
    wanted = tomllib.loads(text) | values
    for name, value in values.items():
        table = _TABLE.search(text)
        top = text[: table.start()] if table else text
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        pattern = re.compile(rf"^[ \t]*{name}[ \t]*=[^\n]*$", re.MULTILINE)
        if pattern.search(top):
            top = pattern.sub(lambda found, line=line: line, top, count=1)  # type: ignore[misc]
        else:
            top = f"{top}{'' if not top or top.endswith(chr(10)) else chr(10)}{line}\n"
        text = top + (text[table.start() :] if table else "")
    try:
        changed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        changed = {}
    if changed != wanted:
        raise ValueError("it has a form that is not changed by machine")
    return text


def _write(path: Path, values: dict[str, str]) -> None:
    work = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        old = path.read_text("utf-8") if path.exists() else ""
        work.write_text(changed_toml(old, values), "utf-8")
        if path.exists():
            work.chmod(path.stat().st_mode)
        work.replace(path)
    except (OSError, ValueError) as error:
        work.unlink(missing_ok=True)
        lines = ", ".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
        raise ConfigError(
            f"{path} cannot be changed: {error}. Write into it yourself: {lines}"
        ) from error
