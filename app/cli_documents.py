"""The commands about documents: what goes in, what is there, how well it was read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from citewell.app.cli_options import AsJson, Collection, Home, Sets, Where, leave, settings_of
from citewell.retrieval.errors import ConfigError

if TYPE_CHECKING:
    from citewell.ingest.sources import Source
    from citewell.retrieval.settings import Settings

document_commands = typer.Typer()


@document_commands.command()
def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Folders and files.", show_default=False),
    ] = None,
    reader: Annotated[
        str | None,
        typer.Option(
            "--reader",
            metavar="MODULE:CLASS",
            help="In place of paths: a LlamaIndex reader or LangChain loader.",
        ),
    ] = None,
    arguments: Annotated[
        list[str] | None,
        typer.Option(
            "--arg", metavar="NAME=VALUE", help="For the reader; env:NAME reads the environment."
        ),
    ] = None,
    collection: Collection = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Print the plan and change nothing.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Read documents into a collection and keep it in step with them.

    PDF, Word, PowerPoint, Excel, OpenDocument, RTF, EPUB, HTML, Markdown, e-mail, CSV, JSON,
    notebooks, source code and text, each told by its content. Running it again reads only what
    is new or changed, follows renames, and removes what is gone.
    """
    from citewell.app.commands import run_ingest

    settings = settings_of(sets, {"collection": collection, "home": home})
    source = _source(paths or [], reader, arguments or [], settings)
    leave(run_ingest(source, settings, dry_run=dry_run, as_json=as_json))


def _source(
    paths: list[Path], reader: str | None, arguments: list[str], settings: "Settings"
) -> "Source":
    """Return the source that is named: paths, or a reader with its arguments."""
    from citewell.ingest.connectors import ReaderSource
    from citewell.ingest.sources import FolderSource

    if bool(paths) == (reader is not None):
        raise ConfigError("Give either folders and files, or --reader MODULE:CLASS.")
    if reader is None:
        if arguments:
            raise ConfigError("--arg is for a reader: name one with --reader MODULE:CLASS.")
        return FolderSource(paths, settings)
    pairs = [argument.partition("=") for argument in arguments]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise ConfigError(f"--arg takes NAME=VALUE, not {name!r}.")
    return ReaderSource(reader, {name: value for name, _, value in pairs})


@document_commands.command()
def watch(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER", help="Folders to follow.")],
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Keep a collection in step with folders as their files change, until Ctrl-C.

    A line is printed for each run that changed something. Where the system tells of no changes,
    as on some network drives, set WATCHFILES_FORCE_POLLING=1.
    """
    from citewell.app.watching import run_watch

    settings = settings_of(sets, {"collection": collection, "home": home})
    leave(run_watch(folders, settings, as_json=as_json))


_collections = typer.Typer(name="collections", invoke_without_command=True, rich_markup_mode=None)
document_commands.add_typer(_collections)


@_collections.callback()
def collections(
    context: typer.Context, as_json: AsJson = False, home: Home = None, sets: Sets = None
) -> None:
    """List the collections with what they hold and the model they are embedded with."""
    from citewell.app.documents import run_collections

    if context.invoked_subcommand is None:
        leave(run_collections(settings_of(sets, {"home": home}), as_json=as_json))


@_collections.command()
def rename(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Give a collection another name; its documents and conversations stay with it."""
    from citewell.app.documents import run_rename

    leave(run_rename(name, new, settings_of(sets, {"home": home})))


@document_commands.command()
def ls(
    pattern: Annotated[
        str | None,
        typer.Argument(
            metavar="PATTERN", help="A name, a folder, or a pattern such as '*.pdf'; or a path."
        ),
    ] = None,
    where: Where = None,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """List the documents of a collection, or those of which something is kept by a filter."""
    from citewell.app.documents import run_ls

    settings = settings_of(sets, {"collection": collection, "home": home})
    leave(run_ls(pattern, settings, where=where, as_json=as_json))


@document_commands.command()
def show(
    document: Annotated[
        str, typer.Argument(metavar="DOCUMENT", help="Its name, as in ls, or the path of its file.")
    ],
    page: Annotated[
        int | None, typer.Option("--page", "-p", metavar="N", help="Print the text of a page.")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Print the whole text.")] = False,
    chunks: Annotated[bool, typer.Option("--chunks", help="Print how it was cut.")] = False,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Show what is known of a document: its facts, outline, pages, text or chunks."""
    from citewell.app.documents import run_show
    from citewell.app.documents_values import Excerpt

    settings = settings_of(sets, {"collection": collection, "home": home})
    leave(run_show(document, Excerpt(page, text, chunks), settings, as_json=as_json))


@document_commands.command()
def rm(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Documents, patterns, or paths of files and folders."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove the whole collection.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Remove documents from a collection; the files on disk stay.

    A file goes as a whole, with all documents read from it. Folders may be named that are no
    longer there. What is still in an ingested folder comes back with its next ingest.
    """
    from citewell.app.documents import run_rm

    settings = settings_of(sets, {"collection": collection, "home": home})
    wanted = names or []
    leave(run_rm(wanted, settings, everything=everything, yes=yes, as_json=as_json))


@document_commands.command()
def report(
    every: Annotated[bool, typer.Option("--all", help="List every file.")] = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page instead.")
    ] = None,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Say how well each file was read: what failed, has no text, or is doubtful comes first."""
    from citewell.app.reports.command import run_report

    settings = settings_of(sets, {"collection": collection, "home": home})
    leave(run_report(settings, every=every, html=html, as_json=as_json))
