"""The command that fits probability and threshold to a collection."""

from pathlib import Path
from typing import Annotated

import typer

from citewell.app.cli_options import AsJson, Collection, Home, Sets, leave, settings_of
from citewell.retrieval.errors import ConfigError

calibration_commands = typer.Typer()


@calibration_commands.command()
def calibrate(
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions",
            metavar="FILE",
            help='JSON lines of "question" and "answerable"; else questions are made.',
        ),
    ] = None,
    most: Annotated[
        int, typer.Option("--max-questions", metavar="N", min=20, help="Questions to ask.")
    ] = 400,
    share: Annotated[
        float,
        typer.Option(
            "--share", metavar="SHARE", min=0.0, max=0.5, help="Right questions it may decline."
        ),
    ] = 0.05,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of what is chosen.")] = 0,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Write the curve as .svg or .html."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Take the calibration away.")] = False,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Fit when to decline a question to your own documents, and keep that with them.

    Without --questions, questions are made from sentences of the documents by rules.
    """
    from citewell.app.calibrate_command import Wanted, run_calibrate, run_reset

    settings = settings_of(sets, {"collection": collection, "home": home})
    if reset:
        if questions or plot:
            raise ConfigError("--reset takes the calibration away; leave --questions and --plot.")
        leave(run_reset(settings, as_json=as_json))
        return
    leave(run_calibrate(settings, Wanted(questions, most, share, seed, plot), as_json=as_json))
