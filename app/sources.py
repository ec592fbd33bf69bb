"""Evidence as a source that sentences are compared with."""

import re
from functools import lru_cache

from citewell.app.evidence import Candidate, Scored
from citewell.app.support import Source, names
from citewell.retrieval.languages import language_of
from citewell.retrieval.values import Passage
from citewell.retrieval.words import stems, words

_SEPARATORS = re.compile(r"[\W_]+")


def source_of(item: Scored) -> Source:
    """Return a piece of evidence as a source."""
    return _source(item.candidate)


@lru_cache(maxsize=1_000)
def _source(candidate: Candidate) -> Source:
    chunk = candidate.passage.chunk
    return Source(
        text=candidate.text,
        context=" ".join((candidate.passage.title, *chunk.headings)),
        header=candidate.header,
        is_row=candidate.kind == "row",
        language=language_of([chunk.text]) or "en",
    )


@lru_cache(maxsize=200)
def passage_stems(passage: Passage) -> frozenset[str]:
    """Return the stems of a passage, its title and its document's name."""
    name = _SEPARATORS.sub(" ", passage.document)
    parts = (passage.text, passage.title, *passage.chunk.headings, name)
    return frozenset(stems(words(" ".join(parts))))


def asked_names(question: str) -> set[str]:
    """Return the stems of the names in a question; a capital at its beginning makes none."""
    asked = question.strip()
    return names(asked[:1].lower() + asked[1:])
