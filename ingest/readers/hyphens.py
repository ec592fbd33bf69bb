"""Join words that a line break cut in two."""

import re
from collections.abc import Sequence

PDFIUM_HYPHEN = "\ufffe"
"""What pdfium gives for a hyphen at the end of a line; it leaves out the line break."""

_LETTERS = r"[^\W\d_]+"
_START = r"(?<![^\W\d_])"
_CUT = re.compile(rf"{_START}({_LETTERS})({PDFIUM_HYPHEN}\n?|\u00ad\n|[-\u2010]\n)({_LETTERS})")
_COMPOUND = re.compile(rf"{_START}{_LETTERS}-{_LETTERS}")
_SUSPENDED = {"and", "or", "to", "und", "oder", "bis", "et", "ou"}
"""Words before which a hyphen stands for a part left out, as in "short- and long-term"."""


def join_broken_words(pages: Sequence[str]) -> list[str]:
    """Return the pages with words whole that were cut at the end of a line.

    ``exam-`` / ``ple`` becomes ``example``; ``long-`` / ``term`` becomes ``long-term`` if the
    pages spell it so elsewhere. A hyphen beside a capital letter or a digit stays.
    """
    pages = [page.replace("\r\n", "\n") for page in pages]
    compounds = {word.lower() for page in pages for word in _COMPOUND.findall(page)}

    def joined(match: re.Match[str]) -> str:
        left, cut, right = match.groups()
        if right in _SUSPENDED:
            return f"{left}- {right}"
        if f"{left}-{right}".lower() in compounds:
            return f"{left}-{right}"
        if left[-1].islower() and right[0].islower():
            return left + right
        return match[0] if cut.startswith(("-", "\u2010")) else f"{left}-{right}"

    return [_CUT.sub(joined, page).replace(PDFIUM_HYPHEN, "-") for page in pages]
