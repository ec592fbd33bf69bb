"""Read plain text."""

from pathlib import Path

from citewell.ingest.readers.cleaning import clean_text
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.titles import readable_name
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

NO_TEXT = "holds no text"


def read_text(path: Path, name: str) -> list[Document]:
    """Return the file as one document named after the file, its text as it stands."""
    return [Document(name=name, title=readable_name(name), text=load_text(path))]


def load_text(path: Path) -> str:
    """Return the decoded and cleaned text of a file.

    Raises:
        ReadError: If it is not text, or blank.
    """
    text = clean_text(decode(path.read_bytes()))
    if not text.strip():
        raise ReadError(NO_TEXT)
    return text
