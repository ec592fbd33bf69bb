"""The commands that teach a language model to answer from numbered evidence."""

from pathlib import Path
from typing import Annotated

import typer

from citewell.app.cli_options import AsJson, Home, Sets, leave, settings_of
from citewell.app.tuning.data_options import DataOptions
from citewell.app.tuning.train_options import Device, TrainOptions

tune_commands = typer.Typer()
_tune = typer.Typer(
    name="tune",
    help="Teach a language model to answer from evidence: make data, train, evaluate.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
tune_commands.add_typer(_tune)

_DATA = DataOptions(out=Path())
_TRAIN = TrainOptions(data=Path(), name="")


@_tune.command(name="data")
def make_data(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the examples.")],
    questions: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="QUESTIONS",
            help="JSON lines with passages in the rows, or beside a folder of documents.",
        ),
    ] = None,
    collection: Annotated[
        str | None,
        typer.Option(
            "--collection", "-c", metavar="NAME", help="Take the feedback on its answers too."
        ),
    ] = _DATA.collection,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Most questions of a source.")
    ] = _DATA.limit,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Of what is chosen at random.")
    ] = _DATA.seed,
    licence: Annotated[
        list[str] | None,
        typer.Option("--licence", metavar="TEXT", help="Of questions or documents, for the card."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Make examples to teach and to test with: what search finds, and what a good model writes.

    Questions that were corrected, and answers that were rated, are taken with --collection.
    """
    from citewell.app.tuning.data_command import run_data

    options = DataOptions(
        out=out,
        questions=tuple(questions or ()),
        collection=collection,
        limit=limit,
        seed=seed,
        licences=tuple(licence or ()),
    )
    leave(run_data(settings_of(sets, {"home": home}), options, as_json=as_json))


@_tune.command()
def train(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Folder that citewell tune data made.")
    ],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the adapter.")],
    base: Annotated[
        str, typer.Option("--base", metavar="MODEL", help="bundled or transformers:FOLDER.")
    ] = _TRAIN.base,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="NAME", help="Adapter to go on from; bundled is ours."),
    ] = _TRAIN.start,
    rank: Annotated[
        int, typer.Option("--rank", metavar="N", min=1, max=512, help="Of the adapter.")
    ] = _TRAIN.rank,
    alpha: Annotated[
        int, typer.Option("--alpha", metavar="N", min=1, help="It counts alpha / rank times.")
    ] = _TRAIN.alpha,
    epochs: Annotated[
        int,
        typer.Option(
            "--epochs", metavar="N", min=0, help="How often each example is seen; 0: pairs alone."
        ),
    ] = _TRAIN.epochs,
    rate: Annotated[
        float, typer.Option("--rate", metavar="RATE", min=0.0, help="Highest learning rate.")
    ] = _TRAIN.rate,
    batch_tokens: Annotated[
        int, typer.Option("--batch-tokens", metavar="N", min=64, help="Most tokens of a batch.")
    ] = _TRAIN.batch_tokens,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Of first weights and order.")
    ] = _TRAIN.seed,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Most examples to train on.")
    ] = _TRAIN.limit,
    device: Annotated[Device, typer.Option("--device", help="Where it runs.")] = _TRAIN.device,
    preference: Annotated[
        bool,
        typer.Option(
            "--preference/--no-preference", help="Teach pairs of a right and a wrong answer after."
        ),
    ] = _TRAIN.preference,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint.")
    ] = _TRAIN.resume,
    plain: Annotated[
        bool, typer.Option("--plain", help="Show progress in lines, without a bar.")
    ] = _TRAIN.plain,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Teach a model with LoRA, and keep the adapter below the home folder.

    Then: citewell tune evaluate NAME, and citewell models use tuned:NAME.
    """
    from citewell.app.tuning.train_command import run_train

    options = TrainOptions(
        data=data,
        name=name,
        base=base,
        start=start,
        rank=rank,
        alpha=alpha,
        epochs=epochs,
        rate=rate,
        batch_tokens=batch_tokens,
        seed=seed,
        limit=limit,
        device=device,
        preference=preference,
        resume=resume,
        plain=plain,
    )
    leave(run_train(settings_of(sets, {"home": home}), options))


@_tune.command()
def evaluate(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of an adapter, or a model such as bundled.")
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Folder that citewell tune data made; by default the adapter's own.",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="MODEL",
            help="Model to compare with, or none; by default the one that was taught.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="Most examples to ask.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Compare a taught model with the one it was made from, and write its model card.

    Both are asked the examples that were kept for testing; what they write is judged unchecked.
    """
    from citewell.app.tuning.evaluate_command import EvaluateOptions, run_evaluate

    options = EvaluateOptions(name, data, against, limit)
    leave(run_evaluate(settings_of(sets, {"home": home}), options, as_json=as_json))
