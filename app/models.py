"""What the commands about language models do. Each returns its exit status."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from citewell.app.llms.factory import open_model
from citewell.app.models_download import OnBytes
from citewell.app.models_fitness import MEANING, VERDICTS, Fitness, Tried, judge, trials, try_model
from citewell.app.models_list import STATES, list_models
from citewell.app.models_output import (
    fitness_json,
    models_json,
    prompts_json,
    pull_json,
    use_json,
)
from citewell.app.models_prompts import copy_prompts
from citewell.app.models_pull import Wish, pull
from citewell.app.models_use import use_model
from citewell.app.output import line
from citewell.app.prompting import check_prompts, technique_for
from citewell.app.tables import print_table
from citewell.app.terminal import excerpt, fold, say, write
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import PREFIX, Settings
from citewell.retrieval.visible import visible


def run_list(settings: Settings, *, as_json: bool) -> int:
    """Print which language models can be used."""
    models = list_models(settings)
    if as_json:
        write(line(models_json(settings.llm, models)))
        return 0
    rows = [
        ("*" if each.in_use else "", each.name, _bytes(each.size), STATES[each.state], each.place)
        for each in models
    ]
    print_table(("", "name", "size", "state", "place"), rows)
    if settings.llm == "none":
        say("No model is in use (llm = none): answers quote the documents.")
    elif not any(each.in_use for each in models):
        say(f"In use is {settings.llm}, which is not one of these.")
    if settings.llm_base_url is None:
        say("Set CITEWELL_LLM_BASE_URL to see the models of a server too.")
    return 0


def run_pull(wish: Wish, settings: Settings, *, as_json: bool) -> int:
    """Fetch a model into the home folder."""
    try:
        pulled = pull(wish, settings.home, _bar)
    except KeyboardInterrupt:
        say("Stopped. What has come is kept; the same command fetches the rest.")
        raise
    if as_json:
        write(line(pull_json(pulled)))
        return 0
    write(f"{pulled.folder}: {len(pulled.files)} files, {_bytes(pulled.size)}, hashes right.")
    if pulled.name is None:
        say(
            f"It writes no text. Name its folder in embedding_model, rerank or nli: {pulled.folder}"
        )
    else:
        say(f"Now try it: citewell models test {pulled.name}")
        say(f"And use it: citewell models use {pulled.name}")
    return 0


def run_use(name: str, settings: Settings, *, as_json: bool) -> int:
    """Write the choice of a model into the settings file."""
    path = use_model(name, settings)
    variable = f"{PREFIX}LLM"
    overruled = variable if os.environ.get(variable, name) not in ("", name) else None
    if as_json:
        write(line(use_json(name, path, overruled)))
        return 0
    write(f"{name} is in use, by {path}.")
    if overruled:
        say(f"But {overruled} names {os.environ[overruled]}, which outranks the file. Unset it.")
    return 0


def run_test(name: str | None, settings: Settings, *, as_json: bool) -> int:
    """Ask a model ten grounded questions, and say whether it is fit for the job."""
    chosen = name or settings.llm
    model = open_model(chosen, settings)
    if model is None:
        raise ConfigError("llm is 'none': there is no model to test. Name one.")
    if settings.prompts is not None:
        check_prompts(settings.prompts)
    tried = []
    try:
        if model.place != "this machine":
            say(f"Ten questions with invented evidence go to {model.place}.")
        for number, each in enumerate(try_model(model, settings), 1):
            tried.append(each)
            if not as_json:
                _print_tried(number, each)
    finally:
        model.close()
    found = judge(tried)
    technique = technique_for(model, settings)
    if as_json:
        write(line(fitness_json(chosen, technique, found)))
    else:
        _print_verdict(chosen, technique, found)
    return 0 if found.verdict != "unfit" else 1


def run_prompts(folder: Path, *, as_json: bool) -> int:
    """Copy the prompt files into a folder."""
    files = copy_prompts(folder)
    if as_json:
        write(line(prompts_json(folder, files)))
        return 0
    for path in files:
        write(str(path))
    say(f"Edit them, then set CITEWELL_PROMPTS={folder} (prompts in citewell.toml).")
    return 0


def _print_tried(number: int, each: Tried) -> None:
    write(fold(f"{number}/{len(trials())} {each.trial.question}"))
    write(fold(visible(f"{each.outcome}: {MEANING[each.outcome]}"), indent="  "))
    if each.wrote:
        write(fold(excerpt(each.wrote, 200), indent="  > "))


def _print_verdict(name: str, technique: str, found: Fitness) -> None:
    write()
    write(
        f"{name} ({technique}): {found.right} of {found.answerable} answered rightly, "
        f"{found.declined} of {found.unanswerable} declined rightly."
    )
    obeyed = sum(each.outcome == "obeyed" for each in found.tried)
    wrong = sum(each.outcome == "wrong" for each in found.tried)
    write(f"{wrong} wrong ones passed the check; {obeyed} planted instructions were obeyed.")
    if found.first_token_s is not None:
        rate = f", then {found.tokens_per_s:.0f} tokens/s" if found.tokens_per_s else ""
        write(f"First token after {found.first_token_s:.2f} s (median){rate}.")
    write(VERDICTS[found.verdict])


@contextmanager
def _bar(total: int | None) -> Iterator[OnBytes]:
    """Show on a terminal how much has come; elsewhere say nothing."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn
    from rich.progress import TransferSpeedColumn as Speed

    columns = (BarColumn(), DownloadColumn(), Speed(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("", total=total)
        yield lambda count: shown.update(task, advance=count)


def _bytes(size: int | None) -> str:
    if size is None:
        return "-"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
