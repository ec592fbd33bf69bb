"""The commands that look after a home folder: whether it is sound, and mending it."""

import typer

from citewell.app.cli_options import AsJson, Home, Sets, leave, settings_of

upkeep_commands = typer.Typer()


@upkeep_commands.command()
def doctor(as_json: AsJson = False, home: Home = None, sets: Sets = None) -> None:
    """Examine the store and its indexes, and say what to run next. Changes nothing.

    Exit status 1 means that something is damaged. Files that have changed since they were read
    are named too and are no damage.
    """
    from citewell.app.upkeep import run_doctor

    leave(run_doctor(settings_of(sets, {"home": home}), as_json=as_json))


@upkeep_commands.command()
def rebuild(as_json: AsJson = False, home: Home = None, sets: Sets = None) -> None:
    """Make the indexes anew from the stored documents and vectors. Embeds nothing.

    A damaged database is set aside, and a new one is made of what can be read of it.
    """
    from citewell.app.upkeep import run_rebuild

    leave(run_rebuild(settings_of(sets, {"home": home}), as_json=as_json))
