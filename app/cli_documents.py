"""The commands about documents: what goes in, what is there, how well it was read."""

from pathlib import Path
from typing import Annotated

import typer

from citewell.app.cli_options import AsJson, Collection, Home, Sets, leave, settings_of

document_commands = typer.Typer()


@document_commands.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Folders and files.")],
    collection: Collection = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Print the plan and change nothing.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Read documents into a collection and keep it in step with them.

    PDF, Markdown, HTML, DOCX, text, and JSONL with rows of id, title and text. Running it again
    reads only what is new or changed, and removes what is gone.
    """
    from citewell.app.commands import run_ingest

    settings = settings_of(sets, {"collection": collection, "home": home})
    leave(run_ingest(paths, settings, dry_run=dry_run, as_json=as_json))
