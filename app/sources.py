"""Evidence as a source that sentences are compared with."""

import re
from dataclasses import replace
from functools import lru_cache

from citewell.app.evidence import Candidate, Scored
from citewell.app.support import Source, names
from citewell.app.tokens import tokens
from citewell.retrieval.languages import language_of
from citewell.retrieval.values import Passage
from citewell.retrieval.words import stems, words

LEADING = 3
"""Content words at the beginning of a sentence that tell what it is about."""

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


def source_for(item: Scored, sentence: str, question: str) -> Source:
    """Return a piece of evidence as a source for a sentence in answer to a question.

    What the question speaks of and the passage too need not be said again by each of its
    sentences, unless this one begins with another name.
    """
    source = source_of(item)
    said = {token.stem for token in tokens(sentence, source.language)}
    first = tokens(source.text, source.language)[:LEADING]
    if any(token.shown[0].isupper() and token.stem not in said for token in first):
        return source
    held = passage_stems(item.candidate.passage)
    asked = [t.shown for t in tokens(question, source.language) if t.stem in held]
    return replace(source, context=f"{source.context} {' '.join(asked)}")


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
