"""Find what to call a document."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from citewell.ingest.readers.cleaning import clean_line
from citewell.retrieval.values import Heading

LONGEST_TITLE = 200
"""Characters. Titles are embedded with every chunk, so what is longer is no title to us."""

_FILE_NAME = re.compile(
    r"^(?:[a-z]:|[/\\]|file:)|\\"
    r"|\.(?:csv|docx?|dotx?|dvi|epub|fm|html?|indd|md|od[pst]|p65|pdf|pp[ts]x?|ps|qxd|rtf|te?xt?|tmp"
    r"|tsv|wpd|xls[bmx]?)$",
    re.IGNORECASE,
)
_NO_TITLE = re.compile(
    r"^(?:untitled.*|\(?(?:anonymous|unspecified|unnamed)\)?|no title|title|document|new document"
    r"|unknown|none|null|cover|cover page"
    r"|(?:table of )?contents|home|index|powerpoint presentation|presentation|slide|word document"
    r"|microsoft (?:word|powerpoint|excel) - .*)(?: ?(?:document)? ?\d*)$",
    re.IGNORECASE,
)


def choose_title(name: str, *candidates: str | None) -> str:
    """Return the first candidate that is a title, otherwise the file's name made readable."""
    for candidate in candidates:
        title = clean_line(candidate or "")
        if _is_title(title):
            return title
    return readable_name(name)


def main_heading(headings: Sequence[Heading]) -> str | None:
    """Return the heading of level 1, if there is only one or the text begins with it."""
    highest = [heading for heading in headings if heading.level == 1]
    if highest and (len(highest) == 1 or highest[0].start == 0):
        return highest[0].title
    return None


def readable_name(name: str) -> str:
    """Return the last part of a document's name as words."""
    stem = clean_line(PurePosixPath(name).stem)
    words = " ".join(re.sub(r"_+|(?<=[^\W\d])-+(?=[^\W\d])", " ", stem).split())
    if not words:
        return name
    return words[0].upper() + words[1:] if words.islower() else words


def _is_title(title: str) -> bool:
    return (
        0 < len(title) <= LONGEST_TITLE
        and any(character.isalpha() for character in title)
        and not _FILE_NAME.search(title)
        and not _NO_TITLE.match(title)
    )
