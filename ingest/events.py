"""What a run tells of its progress."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class IngestEvent:
    """How far a run has come.

    Attributes:
        kind: ``waiting``: another process, of this id and name, writes to the store.
            ``found``: one more file was looked at. ``planned``: so many files are to be read.
            ``file``: one of them is done, with so many chunks (0 when it gave none).
            ``embedded``: so many chunks more have a vector.
        count: The number that the kind speaks of.
        name: Of the file that is done, or of the program that is waited for; else blank.
        pages: Of the file that is done; 0 for a format without pages.
        size: In bytes, of the file that is done, or of all that are planned.
    """

    kind: Literal["waiting", "found", "planned", "file", "embedded"]
    count: int = 0
    name: str = ""
    pages: int = 0
    size: int = 0
