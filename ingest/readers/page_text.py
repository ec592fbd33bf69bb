"""The text of one page, and where each of its characters stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from citewell.retrieval.layout import Boxes
from citewell.retrieval.values import Heading, Table

FEWEST_GOOD = 0.5
"""Share of a page's characters that must be real ones for its text to be of use."""

_NUMBER_ALONE = re.compile(
    r"(?:page|seite|p\.?)?\W*(?:\d{1,5}|[ivxlc]{1,7}|[a-z]-?\d{1,4})\W*(?:(?:of|von|/)\W*\d{1,5})?\W*",
    re.IGNORECASE,
)
_GARBAGE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
"""Characters that stand for a glyph whose meaning the file does not tell."""


@dataclass(frozen=True, slots=True, eq=False)
class PageText:
    """The text of a page in reading order. Offsets count from 0 in ``text``.

    Attributes:
        text: Its lines, ended by ``\\n``; the cells of a table's row are parted by a tab.
        boxes: One row for each character of ``text``, see `Boxes`.
        width: Of the page as it is shown, in points.
        height: Likewise.
        tables: In order of ``start``.
        headings: In order of ``start``.
    """

    text: str
    boxes: Boxes
    width: float
    height: float
    tables: Sequence[Table] = ()
    headings: Sequence[Heading] = ()

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
        if not characters or _NUMBER_ALONE.fullmatch(characters):
            return False
        return len(_GARBAGE.sub("", characters)) >= FEWEST_GOOD * len(characters)
