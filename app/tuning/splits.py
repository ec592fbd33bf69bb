"""Which documents are learned from, and which are kept to look and to judge by."""

from hashlib import sha256

from citewell.app.tuning.examples import Split
from citewell.app.tuning.mixture import TEST, VALIDATION

SALT = "0\0"
"""What is hashed before a name; another one keeps other documents apart."""


def split_of(document: str) -> Split:
    """Return the split of a document.

    It hangs on its name alone: of sets that were made with several seeds and learned from one
    after the other, no document is both learned from and judged by.
    """
    digest = sha256(f"{SALT}{document}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < TEST:
        return "test"
    return "validation" if share < TEST + VALIDATION else "train"
