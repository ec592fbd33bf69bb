"""What a file or a row states beside its text: who wrote it, when, about what."""

from collections.abc import Iterable

from citewell.ingest.readers.cleaning import clean_line
from citewell.retrieval.facts import iso_date

LONGEST_PROPERTY = 10_000
"""Characters of a property that are kept; descriptions have hundreds."""

SEPARATOR = "; "
"""Between several values of one key, as filters take them apart."""

_DAYS = {"created", "modified", "date"}
_NOBODY = {"anonymous", "unspecified", "(anonymous)", "(unspecified)"}
"""What ReportLab writes where it was told nothing."""


def stated(pairs: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return metadata: the values of each key on one line; what is no text or number is left out.

    A value may be a list, and a key may come several times.
    """
    found: dict[str, dict[str, None]] = {}
    for key, value in pairs:
        for each in value if isinstance(value, list | tuple) else [value]:
            line = clean_line(str(each)) if isinstance(each, str | int | float) else ""
            if line:
                found.setdefault(clean_line(key), {})[line] = None
    return {key: SEPARATOR.join(values) for key, values in found.items()}


def properties(pairs: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """Return metadata of what a file states in fields of its own, with dates as ISO 8601 days."""
    return stated(
        (key, iso_date(value) or value if key in _DAYS else value)
        for key, given in pairs
        if (value := (given or "")[:LONGEST_PROPERTY].strip()) not in _NOBODY
    )
