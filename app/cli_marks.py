"""The commands about tags and labels."""

from typing import TYPE_CHECKING, Annotated

import typer

from citewell.app.cli_options import AsJson, Collection, Home, Sets, leave, settings_of
from citewell.retrieval.errors import ConfigError

if TYPE_CHECKING:
    from citewell.retrieval.settings import Settings
    from citewell.retrieval.store import MarkKind

mark_commands = typer.Typer()

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME",
        help="Documents or files, or folders such as hr/: all below.",
        show_default=False,
    ),
]
Add = Annotated[
    list[str] | None, typer.Option("--add", metavar="VALUE", help="Give it; repeatable.")
]
Remove = Annotated[
    list[str] | None, typer.Option("--remove", metavar="VALUE", help="Take it away; repeatable.")
]
Everything = Annotated[bool, typer.Option("--all", help="Mark the whole collection.")]
Listed = Annotated[bool, typer.Option("--list", help="List what was given, and change nothing.")]


@mark_commands.command()
def tag(
    names: Names = None,
    add: Add = None,
    remove: Remove = None,
    everything: Everything = False,
    listed: Listed = False,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Give documents tags to filter by, as in: citewell search --where "tag = hr" ...

    Tags stay when a file changes or is removed, and follow it when it is renamed.
    """
    settings = settings_of(sets, {"collection": collection, "home": home})
    chosen = _names(names or [], everything=everything)
    leave(_run("tag", chosen, _asked(add, remove, listed), settings, as_json))


@mark_commands.command()
def label(
    names: Names = None,
    add: Add = None,
    remove: Remove = None,
    everything: Everything = False,
    listed: Listed = False,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Give documents labels: they are found only by callers who hold one of them.

    A caller needs a label of each level that has any: the collection, each folder above the
    document, and the document itself. Labels stay when a file is removed.
    """
    settings = settings_of(sets, {"collection": collection, "home": home})
    chosen = _names(names or [], everything=everything)
    leave(_run("label", chosen, _asked(add, remove, listed), settings, as_json))


def _names(names: list[str], *, everything: bool) -> list[str]:
    if everything and names:
        raise ConfigError(f"Give either names or --all, not {names[0]!r} and --all.")
    if "" in names:  # as of a variable that is not set
        raise ConfigError("A name is blank. Name a document or a folder, or give --all.")
    return [""] if everything else names


def _asked(
    add: list[str] | None, remove: list[str] | None, listed: bool
) -> tuple[list[str], list[str]]:
    """Return what to add and what to remove, both empty to list."""
    if listed == bool(add or remove):
        raise ConfigError("Give --add VALUE or --remove VALUE, or --list to see what was given.")
    return add or [], remove or []


def _run(
    kind: "MarkKind",
    names: list[str],
    asked: tuple[list[str], list[str]],
    settings: "Settings",
    as_json: bool,
) -> int:
    from citewell.app.marks import Change, run_marks

    change = Change(tuple(asked[0]), tuple(asked[1]))
    return run_marks(kind, names, change, settings, as_json=as_json)
