"""Which documents are learned from, and which are kept to look and to judge by."""

from hashlib import sha256

from citewell.app.tuning.examples import Split
from citewell.app.tuning.mixture import TEST, VALIDATION


def split_of(document: str, seed: int) -> Split:
    """Return the split of a document; it hangs on its name and the seed alone."""
    digest = sha256(f"{seed}\0{document}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    if share < TEST:
        return "test"
    return "validation" if share < TEST + VALIDATION else "train"
