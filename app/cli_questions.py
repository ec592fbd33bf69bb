"""The commands about questions: search, ask and the chat page."""

from typing import Annotated

import typer

from citewell.app.cli_options import AsJson, Collection, Home, Sets, Where, leave, settings_of
from citewell.retrieval.errors import ConfigError

question_commands = typer.Typer()

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
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="LABEL", help="A label that the caller holds; repeatable."),
]
Rerank = Annotated[
    str | None,
    typer.Option("--rerank", metavar="MODEL", help="A cross-encoder: its folder or hub name."),
]


@question_commands.command()
def search(
    question: QuestionArgument = None,
    k: Count = None,
    mode: Mode = None,
    where: Where = None,
    labels: Labels = None,
    rerank: Rerank = None,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show place and score at each stage; --json always does."),
    ] = False,
    why: Annotated[
        str | None,
        typer.Option("--why", metavar="DOCUMENT", help="Tell why this document is not found."),
    ] = None,
    input_file: Input = None,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Find the passages most likely to hold the answer to a question."""
    from citewell.app.searching import run_search, run_why

    named = {"collection": collection, "home": home, "k": k, "mode": mode}
    settings = settings_of(
        sets, {**named, "where": where, "labels": labels or None, "rerank": rerank}
    )
    asked = _one_of(question, input_file)
    if why is not None:
        if input_file is not None:
            raise ConfigError("--why takes one question, not --input.")
        leave(run_why(asked, why, settings, as_json=as_json))
    else:
        leave(run_search(asked, input_file, settings, as_json=as_json, explain=explain))


@question_commands.command()
def ask(
    question: QuestionArgument = None,
    k: Count = None,
    llm: Annotated[
        str | None,
        typer.Option(
            "--llm", metavar="NAME", help="bundled, openai:MODEL, gguf:FILE, none ...: models list."
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option("--base-url", metavar="URL", help="Address of an OpenAI-compatible server."),
    ] = None,
    mode: Mode = None,
    where: Where = None,
    labels: Labels = None,
    rerank: Rerank = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show what the model was sent and what was left out; --json does."
        ),
    ] = False,
    input_file: Input = None,
    collection: Collection = None,
    as_json: AsJson = False,
    home: Home = None,
    sets: Sets = None,
) -> None:
    """Answer a question, each sentence with its checked source."""
    from citewell.app.asking import run_ask

    named = {"collection": collection, "home": home, "k": k, "mode": mode, "llm": llm}
    found_by = {"where": where, "labels": labels or None, "rerank": rerank}
    settings = settings_of(sets, {**named, **found_by, "llm_base_url": base_url})
    asked = _one_of(question, input_file)
    leave(run_ask(asked, input_file, settings, as_json=as_json, explain=explain))


@question_commands.command()
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

    settings = settings_of(
        sets, {"collection": collection, "home": home, "llm": llm, "host": host, "port": port}
    )
    serve(settings.host, settings.port, settings, open_browser=not no_browser)


def _one_of(question: str | None, input_file: str | None) -> str:
    """Return the question; it may be blank only when a file of questions is given."""
    if (question is None) == (input_file is None):
        raise ConfigError(
            "Give either a question in quotation marks or --input FILE with one a line."
        )
    if question is not None and not question.strip():
        raise ConfigError("The question is blank. Give one in quotation marks.")
    return question or ""
