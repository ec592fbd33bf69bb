"""Dates in a text as a whole: the day, the month and the year that belong together."""

import re
from dataclasses import dataclass

_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTHS = {
    **{name: number for number, name in enumerate(_MONTH_NAMES, 1)},
    **{name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)},
    "sept": 9,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1\d{3}|20\d\d)"
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(_DAYS)}),?\s+(?:the\s+)?)?"
_FORMS = tuple(
    re.compile(rf"(?<![\w.]){form}(?![\w%])", re.IGNORECASE)
    for form in (
        rf"{_WEEKDAY}{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}(?:\s*,?\s+{_YEAR})?",
        rf"{_MONTH},?\s+(?:of\s+)?{_YEAR}",
        r"(?P<year>1\d{3}|20\d\d)-(?P<number>[01]\d)-(?P<day>[0-3]\d)",
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date of which at least two parts are known.

    Attributes:
        text: As it is written.
        parts: Weekday, day, month and year; None for what is not said.
    """

    text: str
    parts: tuple[str | None, int | None, int | None, int | None]


def dates(text: str) -> list[Date]:
    """Return the dates of a text, those of one form after those of the other."""
    found: list[Date] = []
    taken: list[tuple[int, int]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            if match.groupdict().get("month") == "may":  # the verb
                continue
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                found.append(Date(" ".join(match[0].split()).rstrip("."), _parts(match)))
    return found


def dates_conflict(sentence: str, source: str, context: str = "") -> str:
    """Return which date of a sentence the source does not say, or nothing.

    A part that the source leaves out may stand elsewhere; that is for the numbers to tell.
    """
    held = dates(source) + dates(context)
    for said in dates(sentence):
        if not held or any(_agree(said, other) for other in held):
            continue
        closest = max(held, key=lambda other: _same(said, other))
        return f"the source says {closest.text}, not {said.text}"
    return ""


def _agree(one: Date, other: Date) -> bool:
    pairs = zip(one.parts, other.parts, strict=True)
    return all(a is None or b is None or a == b for a, b in pairs)


def _same(one: Date, other: Date) -> int:
    return sum(a is not None and a == b for a, b in zip(one.parts, other.parts, strict=True))


def _parts(match: re.Match[str]) -> tuple[str | None, int | None, int | None, int | None]:
    found = match.groupdict()
    month = found.get("month")
    return (
        (found.get("weekday") or "").lower() or None,
        int(found["day"]) if found.get("day") else None,
        _MONTHS[month.lower()] if month else int(found["number"]),
        int(found["year"]) if found.get("year") else None,
    )
