"""Join words that a line break cut in two."""

import re
from collections.abc import Sequence

from citewell.ingest.readers.page_edits import substitute
from citewell.ingest.readers.page_text import PageText

PDFIUM_HYPHEN = "\ufffe"
"""What pdfium gives for a hyphen at the end of a line; it leaves out the line break."""

_LETTERS = r"[^\W\d_]+"
_START = r"(?<![^\W\d_])"
_CUT = re.compile(rf"{_START}({_LETTERS})({PDFIUM_HYPHEN}\n?|\u00ad\n|[-\u2010]\n)({_LETTERS})")
_COMPOUND = re.compile(rf"{_START}{_LETTERS}-{_LETTERS}")
_LEFT_OVER = re.compile(PDFIUM_HYPHEN)
_SUSPENDED = {"and", "or", "to", "und", "oder", "bis", "et", "ou"}
"""Words before which a hyphen stands for a part left out, as in "short- and long-term"."""


def join_broken_words(pages: Sequence[PageText]) -> list[PageText]:
    """Return the pages with words whole that were cut at the end of a line.

    ``exam-`` / ``ple`` becomes ``example``; ``long-`` / ``term`` becomes ``long-term`` if the
    pages spell it so elsewhere. A hyphen beside a capital letter or a digit stays. Lines are
    ended by ``\\n``.
    """
    compounds = {word.lower() for page in pages for word in _COMPOUND.findall(page.text)}

    def joined(match: re.Match[str]) -> str:
        left, cut, right = match.groups()
        if right in _SUSPENDED:
            return f"{left}- {right}"
        if f"{left}-{right}".lower() in compounds:
            return f"{left}-{right}"
        if left[-1].islower() and right[0].islower():
            return left + right
        return match[0] if cut.startswith(("-", "\u2010")) else f"{left}-{right}"

    whole = [substitute(page, _CUT, joined) for page in pages]
    return [substitute(page, _LEFT_OVER, lambda _: "-") for page in whole]
