"""The options that commands share, and the settings they come to."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citewell.retrieval.errors import ConfigError

if TYPE_CHECKING:
    from citewell.retrieval.settings import Settings

Collection = Annotated[
    str | None, typer.Option("--collection", "-c", metavar="NAME", help="Collection to work on.")
]
Home = Annotated[Path | None, typer.Option("--home", metavar="FOLDER", help="Folder of the store.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting; see: citewell config."),
]
Where = Annotated[
    str | None,
    typer.Option(
        "--where", metavar="FILTER", help="What must hold, such as: tag = hr and year >= 2024"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def settings_of(sets: list[str] | None, named: Mapping[str, object]) -> "Settings":
    """Return the settings with what the options of a command say; None is not said."""
    from citewell.retrieval.settings import load_settings

    return load_settings(flags_of(sets, named))


def flags_of(sets: list[str] | None, named: Mapping[str, object]) -> dict[str, object]:
    """Return what ``--set`` and the options of a command say; None is not said.

    Raises:
        ConfigError: If an item is not ``NAME=VALUE`` or names a secret.
    """
    from citewell.retrieval.settings import PREFIX, SECRETS

    flags: dict[str, object] = {}
    for item in sets or []:
        name, equals, value = item.partition("=")
        if not equals:
            raise ConfigError(f"--set takes NAME=VALUE, not {item!r}. See: citewell config")
        if name.strip() in SECRETS:
            raise ConfigError(
                f"{name.strip()} is secret, and other users can read a command line. "
                f"Set {PREFIX}{name.strip().upper()}, or put it into citewell.toml."
            )
        flags[name.strip()] = value
    return flags | {name: value for name, value in named.items() if value is not None}


def leave(status: int) -> None:
    """End a command with its exit status."""
    if status:
        raise typer.Exit(status)
