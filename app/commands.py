"""What the commands do once their arguments are read. Each returns its exit status."""

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from citewell.app.output import CONFIG, ingest_json, line, plan_json
from citewell.app.printing import print_plan, print_report
from citewell.app.progress import progress
from citewell.app.terminal import say, write
from citewell.ingest.run import ingest_from, plan_from
from citewell.ingest.sources import Source
from citewell.retrieval.settings import Settings, load_settings, origins

PARTIAL = 5
"""Exit status when some files failed."""


def run_ingest(source: Source, settings: Settings, *, dry_run: bool, as_json: bool) -> int:
    """Ingest, or print the plan of it."""
    name = settings.collection
    if dry_run:
        steps = plan_from(source, settings)
        if as_json:
            write(line(plan_json(name, steps)))
        else:
            print_plan(name, steps)
        return PARTIAL if steps.failed else 0
    try:
        with progress() as on_event:
            report = ingest_from(source, settings, on_event)
    except KeyboardInterrupt:
        say("Stopped. The files that were finished are kept; the same command reads the rest.")
        raise
    if as_json:
        write(line(ingest_json(name, report)))
    else:
        print_report(name, report)
        if report.added:
            say(f'Now ask: citewell ask "..." --collection {name}')
    return PARTIAL if report.partial else 0


def run_config(flags: Mapping[str, object], *, as_json: bool) -> int:
    """Print every setting with its value and where that comes from."""
    settings, sources = load_settings(flags), origins(flags)
    shown = {name: _shown(getattr(settings, name)) for name in Settings.model_fields}
    about = {name: field.description for name, field in Settings.model_fields.items()}
    if as_json:
        rows = {
            name: {"value": value, "origin": sources[name], "description": about[name]}
            for name, value in shown.items()
        }
        write(line({"schema": CONFIG, "settings": rows}))
        return 0
    for name, value in shown.items():
        text = (
            "not set" if value is None else value if isinstance(value, str) else json.dumps(value)
        )
        origin = "" if sources[name] == "default" else f"  (from {sources[name]})"
        write(f"{name:<20} {text}{origin}")
        write(f"{'':<20} {about[name]}")
    return 0


def _shown(value: object) -> object:
    """Return a setting as JSON can hold it; a secret only as being set."""
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    return str(value) if isinstance(value, Path) else value
