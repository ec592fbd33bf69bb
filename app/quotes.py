"""Finding a quote in a document's text, and the characters it stands for there.

Both sides are normalised alike, and every normalised character remembers the original span it
came from, so that what is shown is the document's own text.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LEAST_RUN = 0.9
"""Share of a quote that must stand in the text in one piece, where not all of it does."""

SHORTEST = 12
"""Characters of a quote below which all of it must stand in the text."""

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‐‑–—−", "-"),
        **dict.fromkeys(_INVISIBLE, ""),
    }
)
_IN_WORD = re.compile(r"(?<=[^\W\d_])[-‐‑\u00ad](?:[^\S\n]*\n\s*)?(?=[^\W\d_])")


@dataclass(frozen=True, slots=True)
class NormalText:
    """A normalised text; ``origins[i]`` is the offset in the original of ``text[i]``."""

    text: str
    origins: tuple[int, ...]


@lru_cache(maxsize=64)
def normalise(text: str) -> NormalText:
    """Return the text in NFKC and lower case, with plain quotes, dashes and single spaces.

    A hyphen inside a word is left out, with the line end behind it if there is one: whether it
    only splits the word there cannot be told.
    """
    characters: list[str] = []
    origins: list[int] = []
    end = 0
    for hyphen in _IN_WORD.finditer(text):
        _append(text, end, hyphen.start(), characters, origins)
        end = hyphen.end()
    _append(text, end, len(text), characters, origins)
    return NormalText("".join(characters), tuple(origins))


def _append(text: str, start: int, end: int, characters: list[str], origins: list[int]) -> None:
    """Add the normal form of ``text[start:end]``."""
    for offset in range(start, end):
        for character in unicodedata.normalize("NFKC", text[offset]).translate(_PLAIN).lower():
            if character.isspace():
                if not characters or characters[-1] == " ":
                    continue
                character = " "
            characters.append(character)
            origins.append(offset)


def locate(quote: str, text: str, near: int = 0) -> tuple[int, int] | None:
    """Return the span of a quote in a text, or None when it does not stand there.

    The text must hold the quote whole, as it stands or after `normalise`. Of several places
    the one closest to the offset ``near`` is meant.
    """
    if text.startswith(quote, near) and quote:
        return near, near + len(quote)
    wanted = normalise(quote).text.strip()
    if not wanted:
        return None
    if quote in text:
        start = min(_all_starts(quote, text), key=lambda start: abs(start - near))
        return start, start + len(quote)
    source = normalise(text)
    starts = _all_starts(wanted, source.text)
    if not starts:
        return None
    best = min(starts, key=lambda start: abs(source.origins[start] - near))
    return source.origins[best], source.origins[best + len(wanted) - 1] + 1


def locate_most(quote: str, text: str, near: int = 0) -> tuple[int, int] | None:
    """Return the span of a quote, or else of one run of at least 90 % of it, in a text.

    Words that are scattered over the text never count. A run that long holds the middle of the
    quote, which is looked up and then extended to both sides.
    """
    whole = locate(quote, text, near)
    wanted = normalise(quote).text.strip()
    if whole or len(wanted) < SHORTEST:
        return whole
    source = normalise(text)
    least = math.ceil(LEAST_RUN * len(wanted))
    first, last = len(wanted) - least, least
    runs = [
        _extended(wanted, (first, last), source.text, start)
        for start in _all_starts(wanted[first:last], source.text)
    ]
    runs = [run for run in runs if run[1] - run[0] >= least]
    if not runs:
        return None
    start, end = min(runs, key=lambda run: abs(source.origins[run[0]] - near))
    return source.origins[start], source.origins[end - 1] + 1


def _extended(wanted: str, middle: tuple[int, int], text: str, start: int) -> tuple[int, int]:
    """Return the longest run of a text that agrees with ``wanted`` around its middle."""
    first, last = middle
    end = start + last - first
    while first > 0 and start > 0 and wanted[first - 1] == text[start - 1]:
        first, start = first - 1, start - 1
    while last < len(wanted) and end < len(text) and wanted[last] == text[end]:
        last, end = last + 1, end + 1
    return start, end


def _all_starts(wanted: str, text: str) -> list[int]:
    starts: list[int] = []
    found = text.find(wanted)
    while found >= 0:
        starts.append(found)
        found = text.find(wanted, found + 1)
    return starts
