"""The ``citewell`` command: reads arguments, calls one function, prints.

Data goes to standard output, progress and notices to standard error. Nothing heavy is imported
before a command needs it, so that ``--help`` is quick.
"""

import os
import signal
import sys
from io import TextIOWrapper
from types import FrameType
from typing import Annotated, NoReturn

import typer

from citewell.app.cli_calibrate import calibration_commands
from citewell.app.cli_documents import document_commands
from citewell.app.cli_feedback import feedback_commands
from citewell.app.cli_marks import mark_commands
from citewell.app.cli_models import model_commands
from citewell.app.cli_options import AsJson, Sets, flags_of, leave
from citewell.app.cli_questions import question_commands
from citewell.app.cli_tune import tune_commands
from citewell.app.cli_upkeep import upkeep_commands
from citewell.app.terminal import say
from citewell.retrieval.errors import CitewellError

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

settings_commands = typer.Typer()


@settings_commands.command()
def config(as_json: AsJson = False, sets: Sets = None) -> None:
    """Print every setting, its value and where the value comes from."""
    from citewell.app.commands import run_config

    leave(run_config(flags_of(sets, {}), as_json=as_json))


for commands in (
    document_commands,
    mark_commands,
    question_commands,
    model_commands,
    tune_commands,
    calibration_commands,
    feedback_commands,
    upkeep_commands,
    settings_commands,
):
    app.add_typer(commands)


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
