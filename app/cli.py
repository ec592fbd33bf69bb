"""The ``citewell`` command: reads arguments, calls one function, prints.

Data goes to standard output, progress and notices to standard error. Nothing heavy is imported
before a command needs it, so that ``--help`` is quick.
"""

import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from citewell.app.terminal import say
from citewell.retrieval.errors import CitewellError, ConfigError

if TYPE_CHECKING:
    from citewell.retrieval.settings import Settings

app = typer.Typer(
    name="citewell",
    help="Answers questions from your own documents, and checks every citation it shows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "Exit status: 0 done (also when nothing was found), 1 failure, 2 wrong usage, "
        "3 something is not set up, 4 another process is writing, 5 some files failed, "
        "6 the model's server does not answer, 130 interrupted, 143 terminated."
    ),
)

Collection = Annotated[
    str | None, typer.Option("--collection", "-c", metavar="NAME", help="Collection to work on.")
]
Home = Annotated[Path | None, typer.Option("--home", metavar="FOLDER", help="Folder of the store.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting; see: citewell config."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Count = Annotated[int | None, typer.Option("-k", "--k", metavar="N", help="Passages to find.")]
Mode = Annotated[
    str | None,
    typer.Option("--mode", metavar="[hybrid|dense|lexical]", help="How passages are searched."),
]
QuestionArgument = Annotated[
    str | None, typer.Argument(metavar="QUESTION", help="In plain words.", show_default=False)
]
Input = Annotated[
    str | None,
    typer.Option("--input", metavar="FILE", help='JSON lines of "question" and "id"; - is stdin.'),
]


@app.command()
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

    settings = _settings(sets, collection=collection, home=home)
    _leave(run_ingest(paths, settings, dry_run=dry_run, as_json=as_json))


@app.command()
def search(
    question: QuestionArgument = None,
    k: Count = None,
    mode: Mode = None,
    input_file: Input = None,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Find the passages most likely to hold the answer to a question."""
    from citewell.app.commands import run_search

    settings = _settings(sets, collection=collection, home=home, k=k, mode=mode)
    _leave(run_search(_one_of(question, input_file), input_file, settings, as_json=as_json))


@app.command()
def ask(
    question: QuestionArgument = None,
    k: Count = None,
    llm: Annotated[
        str | None,
        typer.Option(
            "--llm", metavar="NAME", help="bundled, openai:MODEL, transformers:FOLDER or none."
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", metavar="URL", help="Address of an OpenAI-compatible server."),
    ] = None,
    mode: Mode = None,
    input_file: Input = None,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Answer a question, each sentence with its checked source."""
    from citewell.app.commands import run_ask

    settings = _settings(
        sets, collection=collection, home=home, k=k, mode=mode, llm=llm, llm_base_url=base_url
    )
    _leave(run_ask(_one_of(question, input_file), input_file, settings, as_json=as_json))


@app.command()
def ui(
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", help="Port to listen on.")
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
    collection: Collection = None,
    llm: Annotated[
        str | None, typer.Option("--llm", metavar="NAME", help="Language model, as in ask.")
    ] = None,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Open the chat page in a browser."""
    from citewell.app.ui import serve

    settings = _settings(sets, collection=collection, home=home, llm=llm, host=host, port=port)
    serve(settings.host, settings.port, settings, open_browser=not no_browser)


@app.command()
def config(as_json: AsJson = False, sets: Sets = None) -> None:
    """Print every setting, its value and where the value comes from."""
    from citewell.app.commands import run_config

    _leave(run_config(_flags(sets, {}), as_json=as_json))


def _version(wanted: bool) -> None:
    if wanted:
        from citewell import __version__

        typer.echo(f"citewell {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _settings(sets: list[str] | None, **named: object) -> "Settings":
    from citewell.retrieval.settings import load_settings

    return load_settings(_flags(sets, named))


def _flags(sets: list[str] | None, named: dict[str, object]) -> dict[str, object]:
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


def _one_of(question: str | None, input_file: str | None) -> str:
    """Return the question; it may be blank only when a file of questions is given."""
    if (question is None) == (input_file is None):
        raise ConfigError(
            "Give either a question in quotation marks or --input FILE with one a line."
        )
    if question is not None and not question.strip():
        raise ConfigError("The question is blank. Give one in quotation marks.")
    return question or ""


def _leave(status: int) -> None:
    if status:
        raise typer.Exit(status)


def main() -> None:
    """Run one command and exit with its status."""
    stopped = _stop_on_signals()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except Exception as error:
        if stopped:
            # a library caught the signal's exception and raised one of its own
            sys.exit(128 + stopped[0])
        sys.exit(_explain(error))


def _stop_on_signals() -> list[int]:
    """Leave through the ``finally`` blocks, which let go of locks and of worker processes.

    Returns a list in which a signal is noted when it comes.
    """
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        stopped.append(number)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopped


def _explain(error: Exception) -> int:
    """Say what went wrong where the user can put it right. Returns the exit status."""
    if isinstance(error, CitewellError):
        say(f"citewell: {error}")
        return error.exit_code
    if isinstance(error, OSError):
        say(f"citewell: {error}")
        # what standard output could not take would be tried again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    raise error
