"""What is to be counted: whether a text gives the number of that, or of something beside it."""

import re
from collections.abc import Iterator

from citewell.app.amounts import amounts, numbers
from citewell.retrieval.words import stems

_ASKED = re.compile(r"\bhow many\s+(\w[\w-]*)", re.IGNORECASE)
_NEXT = re.compile(r"[\s-]+(\w[\w-]*)")


def counts_another(question: str, text: str, evidence: str) -> bool:
    """Tell whether a text gives another number than evidence gives of what is asked for.

    Where a question asks how many there are of something, and the evidence has numbers of just
    that, one of them is wanted: of "24 layers and 340 million parameters" asked for parameters,
    24 is not. English only; where the evidence has no such number, nothing is told.
    """
    asked = _ASKED.search(question)
    if asked is None:
        return False
    of = stems([asked[1].casefold()])
    wanted = {number for number, word in _counted(evidence) if stems([word]) == of}
    said = numbers(text)
    return bool(wanted and said) and wanted.isdisjoint(said)


def _counted(text: str) -> Iterator[tuple[str, str]]:
    """Yield each number with the word that says of what it is: its unit, or the word behind it."""
    for amount in amounts(text):
        if amount.unit:
            yield amount.value, amount.unit
        elif word := _NEXT.match(text, amount.end):
            yield amount.value, word[1].casefold()
