"""First questions to ask a collection: made from what its documents define, and tried."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from citewell.app.answering import Answerer
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.values import Document

MOST_DOCUMENTS = 24
"""Documents that are looked at, spread evenly over the collection."""

MOST_TRIED = 12
"""Questions that are tried; each takes about as long as an answer without a language model."""

_READ = 50_000
"""Characters of a document that are looked at."""

_WORD = r"[A-Za-z][\w-]*"
_DEFINED = re.compile(
    r"(?:^|(?<=[.!?]\s)|(?<=\n))"
    rf"(?:(An?|The)\s+)?({_WORD}(?: {_WORD}){{0,3}}) (is|are) (?:an?|the) "
)
"""A sentence that begins by saying what something is."""

_NO_SUBJECT = frozenset(
    re.findall(
        r"\w+",
        "it this that these those there he she they we you i here what which who such each one "
        "none both all most many some another other result answer question reason example "
        "following not and or of in on at to for with by from as below above next best first last",
    )
)
"""Words that make no subject that a question could name."""


def suggest(answerer: Answerer, documents: Sequence[str], count: int = 3) -> tuple[str, ...]:
    """Return at most ``count`` questions that the documents answer, of different documents.

    Args:
        answerer: Tries them; one without a language model is quick.
        documents: Names of those that may be asked about.
        count: Most questions.
    """
    candidates = (
        question for name in _spread(documents) if (question := _first(answerer, name)) is not None
    )
    tried = islice(candidates, MOST_TRIED)
    answered = (each for each in tried if not answerer.answer(each).abstained)
    return tuple(islice(answered, count))


def _spread(names: Sequence[str]) -> Sequence[str]:
    return names[:: max(1, -(-len(names) // MOST_DOCUMENTS))]


def _first(answerer: Answerer, name: str) -> str | None:
    """Return the first question that a document gives rise to."""
    try:
        document = answerer.retriever.document(name)
    except NotConfigured:  # removed since it was listed
        return None
    return next(questions_of(document), None)


def questions_of(document: Document) -> Iterator[str]:
    """Yield questions about what a document defines, and those that its headings ask."""
    text = document.text[:_READ]
    for found in _DEFINED.finditer(text):
        article, subject, verb = found.groups()
        words = subject.split()
        if not {word.lower() for word in words} & _NO_SUBJECT:
            shown = subject if article else _inside(subject, text)
            yield f"What {verb} {article.lower() + ' ' if article else ''}{shown}?"
    for heading in document.headings:
        title = " ".join(heading.title.split())
        if title.endswith("?") and 3 <= len(title.split()) <= 14:
            yield title


def _inside(subject: str, text: str) -> str:
    """Return what a sentence begins with as it would stand inside one: names keep their capital."""
    first, *rest = subject.split()
    is_name = (
        first[1:] != first[1:].lower()
        or any(word[0].isupper() for word in rest)
        or re.search(rf"[a-z,] {re.escape(first)}\b", text)
    )
    return subject if is_name else subject[0].lower() + subject[1:]
