"""What a training set is made from, as the options of the command say."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataOptions:
    """What the options of ``citewell tune data`` say.

    Attributes:
        out: Folder that is made or, if it holds a made set, made anew.
        questions: Files of JSON lines, with passages in the rows or beside a folder of documents.
        collection: Whose feedback is taken too; None for no feedback.
        limit: Most questions of each source, evenly spread.
        seed: Of all that is chosen at random.
        licences: Of the questions and documents, for the card.
    """

    out: Path
    questions: tuple[Path, ...] = ()
    collection: str | None = None
    limit: int | None = None
    seed: int = 0
    licences: tuple[str, ...] = ()
