"""Evidence in two pieces: a sentence with the one it leans on, and the halves of a sentence."""

import re
from collections.abc import Iterator
from dataclasses import replace

from citewell.app.evidence import Scored

_SEAM = re.compile(
    r"(?:[,;]\s+|\s+)(?:and|but|while|whereas|which|who|where|because|so)\s+|[;:]\s+",
    re.IGNORECASE,
)
_LEAST = 3


def joined(item: Scored) -> Scored | None:
    """Return evidence together with the sentence before, if it leans on that; else None."""
    candidate = item.candidate
    if candidate.before is None:
        return None
    start = candidate.before[0]
    chunk = candidate.passage.chunk
    text = chunk.text[start - chunk.start : candidate.end - chunk.start]
    whole = replace(candidate, start=start, text=text, before=None)
    return replace(item, candidate=whole)


def halves(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a sentence in two where one of its clauses ends."""
    for seam in _SEAM.finditer(sentence):
        left, right = sentence[: seam.start()], sentence[seam.end() :]
        if len(left.split()) >= _LEAST and len(right.split()) >= _LEAST:
            yield left, right
