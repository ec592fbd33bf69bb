"""Halves of question sets: constants are chosen on the one called learn, reported is the other."""

import hashlib
from typing import Literal

Half = Literal["learn", "report", "all"]


def half_of(question_id: str) -> Half:
    """Return the half that a question is in, learn or report, by a hash of its id."""
    digest = hashlib.sha256(question_id.encode()).digest()
    return "learn" if digest[0] % 2 == 0 else "report"


def in_half(question_id: str, half: Half) -> bool:
    """Tell whether a question is asked when this half is."""
    return half in ("all", half_of(question_id))
