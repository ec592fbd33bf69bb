"""The commands about what people said of answers in the page."""

import typer

from citewell.app.cli_options import AsJson, Collection, Home, Sets, leave, settings_of

feedback_commands = typer.Typer()
_feedback = typer.Typer(
    name="feedback",
    help="List and export what people said of answers in the page.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
feedback_commands.add_typer(_feedback)


@_feedback.command()
def export(collection: Collection = None, home: Home = None, sets: Sets = None) -> None:
    """Write an evaluation set: judged questions and what answers them, as JSON lines.

    citewell calibrate --questions reads it.
    """
    from citewell.app.feedback_command import run_export

    leave(run_export(settings_of(sets, {"collection": collection, "home": home})))


@_feedback.command(name="list")
def list_(
    collection: Collection = None, as_json: AsJson = False, home: Home = None, sets: Sets = None
) -> None:
    """List every judged answer, also those whose right answer is not known."""
    from citewell.app.feedback_command import run_list

    settings = settings_of(sets, {"collection": collection, "home": home})
    leave(run_list(settings, as_json=as_json))
