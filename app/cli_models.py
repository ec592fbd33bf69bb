"""The commands about language models."""

from pathlib import Path
from typing import Annotated

import typer

from citewell.app.cli_options import AsJson, Home, Sets, leave, settings_of

model_commands = typer.Typer()
_models = typer.Typer(
    name="models",
    help="List, fetch, choose and try language models.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
model_commands.add_typer(_models)

Name = Annotated[
    str, typer.Argument(metavar="MODEL", help="As citewell models list names it, or 'none'.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Address of an OpenAI-compatible server."),
]


@_models.command(name="list")
def list_(
    base_url: BaseUrl = None, as_json: AsJson = False, home: Home = None, sets: Sets = None
) -> None:
    """List the language models that can be used, and mark the one in use."""
    from citewell.app.models import run_list

    leave(run_list(settings_of(sets, {"home": home, "llm_base_url": base_url}), as_json=as_json))


@_models.command()
def pull(
    what: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A repository on the hub, such as Qwen/Qwen3-0.6B, or a URL."
        ),
    ],
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="NAME", help="Which GGUF file, where there are several."),
    ] = None,
    sha256: Annotated[
        str | None,
        typer.Option("--sha256", metavar="HEX", help="What the weights must hash to."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Fetch a model into the home folder: the only command that downloads.

    Every file is checked against the hash that the hub, or --sha256, gives. What was interrupted
    goes on from where it stopped. Only weights in safetensors or GGUF are fetched, never code.
    """
    from citewell.app.models import run_pull
    from citewell.app.models_pull import Wish

    leave(run_pull(Wish(what, file, sha256), settings_of(sets, {"home": home}), as_json=as_json))


@_models.command()
def use(
    name: Name,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Let a model answer from now on: write it into citewell.toml."""
    from citewell.app.models import run_use

    settings = settings_of(sets, {"home": home, "llm_base_url": base_url})
    leave(run_use(name, settings, as_json=as_json))


@_models.command(name="test")
def try_out(
    name: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="By default the one in use.", show_default=False),
    ] = None,
    base_url: BaseUrl = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Ask a model ten questions with their evidence, and say whether it is fit for the job.

    Exit status 1 means that it is not.
    """
    from citewell.app.models import run_test

    settings = settings_of(sets, {"home": home, "llm_base_url": base_url})
    leave(run_test(name, settings, as_json=as_json))


@_models.command()
def prompts(
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where to copy them.")],
    as_json: AsJson = False,
) -> None:
    """Copy the prompts, to be edited and named by the setting prompts."""
    from citewell.app.models import run_prompts

    leave(run_prompts(to, as_json=as_json))
