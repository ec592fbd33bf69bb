"""The text of one page, and where each of its characters stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from citewell.retrieval.layout import Boxes
from citewell.retrieval.values import PageSource, Table

MOST_GARBAGE = 0.5
"""Share of a page's characters that may stand for unknown glyphs before its text is of no use."""

_NUMBER_ALONE = re.compile(
    r"\W*(?:page|seite|p)?\W*"
    r"(?:\d{1,5}|[a-z]\W?\d{1,4}|(?=[ivxlc]{2,7}\b)[xlc]*(?:ix|iv|v?i{0,3}))"
    r"\W*(?:(?:of|von|sur|de)?\W*\d{1,5}\W*)?",
    re.IGNORECASE,
)
_GARBAGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
"""Characters that stand for a glyph whose meaning the file does not tell."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page's text as it is set: ``[start, end)``, its height in points, its weight."""

    start: int
    end: int
    height: float
    bold: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """The text of a page in reading order. Offsets count from 0 in ``text``.

    Attributes:
        text: Its lines, ended by ``\\n``; the cells of a table's row are parted by a tab.
        boxes: One row for each character of ``text``, see `Boxes`.
        width: Of the page as it is shown, in points.
        height: Likewise.
        tables: In order of ``start``.
        lines: How lines outside of tables are set, in order of ``start``; empty if not known.
        hidden: Characters left out because no reader of the page can see them.
        source: Where the text came from.
        confidence: Of recognised text, 0 to 1; None for other text.
    """

    text: str
    boxes: Boxes
    width: float
    height: float
    tables: Sequence[Table] = ()
    lines: Sequence[Line] = ()
    hidden: int = 0
    source: PageSource = "text"
    confidence: float | None = None

    def __post_init__(self) -> None:
        if self.boxes.shape != (len(self.text), 4):
            raise ValueError(
                f"boxes have the shape {self.boxes.shape}; "
                f"{len(self.text)} characters need ({len(self.text)}, 4)."
            )

    @property
    def usable(self) -> bool:
        """False if the text is blank, a page number alone, or mostly unmapped glyphs."""
        characters = "".join(self.text.split())
        if not characters or _NUMBER_ALONE.fullmatch(" ".join(self.text.split())):
            return False
        return len(_GARBAGE.findall(characters)) <= MOST_GARBAGE * len(characters)
