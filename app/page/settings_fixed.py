"""Settings that only a new start changes: their values, and where those come from."""

from collections.abc import Mapping

from citewell.app.page.choices import CHOICES
from citewell.app.page.escaping import escaped
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import (
    PREFIX,
    SECRETS,
    Settings,
    load_settings,
    origins,
    settings_file,
)

_AT_START = "given at the start"


def origins_of(settings: Settings) -> dict[str, str]:
    """Return where the values of a process come from that are not Citewell's defaults.

    A value that neither the environment nor the file would give now came from a flag, or from
    what the file was when the process started.
    """
    try:
        now, found = load_settings(), origins()
    except ConfigError:  # the file was changed since, and cannot be read
        return {}
    named = {
        name: origin if getattr(now, name) == getattr(settings, name) else _AT_START
        for name, origin in found.items()
    }
    return {name: origin for name, origin in named.items() if origin != "default"}


def fixed_html(settings: Settings, origin_of: Mapping[str, str]) -> str:
    """Return a table of the settings that cannot be chosen on the page."""
    chosen = {choice.name for choice in CHOICES}
    rows = "".join(
        f'<tr><th scope="row">{name}<p>{escaped(field.description or "")}</p></th>'
        f'<td dir="auto">{escaped(_shown(settings, name))}</td>'
        f"<td>{escaped(origin_of.get(name, 'default'))}</td></tr>"
        for name, field in Settings.model_fields.items()
        if name not in chosen
    )
    return (
        '<p class="cw-default">They hold for all conversations. Set them in '
        f"{escaped(str(settings_file()))}, or as variables such as {PREFIX}PORT, then start "
        "Citewell again.</p>"
        '<table class="cw-fixed"><thead><tr><th scope="col">Setting</th><th scope="col">Value</th>'
        f'<th scope="col">Set by</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _shown(settings: Settings, name: str) -> str:
    value = getattr(settings, name)
    if name in SECRETS:
        return "not set" if value is None else "set, and not shown"
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value) or "none"
    return "not set" if value is None else str(value)
