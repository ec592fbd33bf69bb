"""Finding a quote in a document's text, and the characters it stands for there.

Both sides are normalised alike, and every normalised character remembers the original span it
came from, so that what is shown is the document's own text.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_PLAIN = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‐": "-",
        "‑": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "\u00ad": "",
    }
)


@dataclass(frozen=True, slots=True)
class NormalText:
    """A normalised text; ``origins[i]`` is the offset in the original of ``text[i]``."""

    text: str
    origins: tuple[int, ...]


@lru_cache(maxsize=64)
def normalise(text: str) -> NormalText:
    """Return the text in NFKC and lower case, with plain quotes, dashes and single spaces."""
    characters: list[str] = []
    origins: list[int] = []
    for offset, original in enumerate(text):
        for character in unicodedata.normalize("NFKC", original).translate(_PLAIN).lower():
            if character.isspace():
                if not characters or characters[-1] == " ":
                    continue
                character = " "
            characters.append(character)
            origins.append(offset)
    return NormalText("".join(characters), tuple(origins))


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
    source = normalise(text)
    starts = _all_starts(wanted, source.text)
    if not starts:
        return None
    best = min(starts, key=lambda start: abs(source.origins[start] - near))
    return source.origins[best], source.origins[best + len(wanted) - 1] + 1


def _all_starts(wanted: str, text: str) -> list[int]:
    starts: list[int] = []
    found = text.find(wanted)
    while found >= 0:
        starts.append(found)
        found = text.find(wanted, found + 1)
    return starts
