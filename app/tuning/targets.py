"""What a good model writes: the shortest words that answer, as the evidence has them, and where.

Whatever is made here reads back, by the rules of `drafting`, as the sentences and markers meant.
"""

import re
from collections.abc import Sequence

from citewell.app.drafting import draft_sentences
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.words import words

LEAST_EXPLAINED = 5
"""Words of an accepted answer from which a question for an explanation is given a sentence."""

MOST_SENTENCE = 30
"""Words of a sentence that is a whole answer, at the most."""

_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"))
_EXPLAINS = re.compile(
    r"^\s*(?:why\b|describe\b|explain\b|for what (?:reason|purpose)\b|what (?:is|was) the "
    r"(?:purpose|reason|difference|role|function|meaning)\b|"
    r"how (?:do|does|did|is|are|was|were|can|could|would|has|have|had)\b)|"
    r"\bwhat (?:do|does|did|is|was|are|were) .*\b(?:mean|do|happen)\b|\bwhy (?:do|did|does|was|is)\b",
    re.IGNORECASE,
)
_LEANS = re.compile(
    r"(?:he|she|it|they|this|these|those|that|his|her|its|their|such|here|there|and|but|or|so|also|"
    r"however|thus|then|both|which|who)\b",
    re.IGNORECASE,
)


def in_its_words(text: str, answers: Sequence[str]) -> str | None:
    """Return the shortest accepted answer as it stands in a text; None where none does.

    A bare number gives way to a longer answer that holds it: ``3 May 1791`` says more than
    ``1791``, and ``7 million`` than ``7``.
    """
    found = [each for each in (_standing(text, answer) for answer in answers) if each]
    if not found:
        return None
    shortest = min(found, key=lambda each: (len(each), each))
    if not any(letter.isalpha() for letter in shortest):
        longer = [each for each in found if _is_more(each, shortest)]
        return min(longer, key=lambda each: (len(each), each), default=shortest)
    return shortest


def explains(question: str) -> bool:
    """Tell whether a question wants a sentence: why, how something is done, what it means."""
    return _EXPLAINS.search(question) is not None


def sentence_with(text: str, answer: str) -> str | None:
    """Return the sentence of a text that holds an answer, if it can stand alone and is short."""
    for start, end in split_sentences(text):
        said = text[start:end]
        if answer in said:
            count = len(said.split())
            ends = said.endswith((".", "!", "?"))
            fits = LEAST_EXPLAINED < count <= MOST_SENTENCE and ends and said[0].isupper()
            return said if fits and not _LEANS.match(said) else None
    return None


def told(said: str, numbers: Sequence[int]) -> str:
    """Return words as a sentence with the markers of the evidence that says them."""
    stop = "" if said.endswith((".", "!", "?", "…")) else "."
    return f"{said}{stop} {''.join(f'[{number}]' for number in numbers)}"


def reads_back(target: str, count: int) -> bool:
    """Tell whether a target is taken apart into so many sentences, each with a marker."""
    found = list(draft_sentences([target]))
    return len(found) == count and all(each.markers for each in found)


def _standing(text: str, answer: str) -> str | None:
    plain = _trimmed(answer)
    if not words(plain):
        return None
    spaced = r"\s+".join(map(re.escape, plain.split()))
    # not the 7 of 1.7, 7,000 or 7.5
    pattern = rf"(?<![\w$€£])(?<!\d[.,:–-]){spaced}(?!\w)(?![.,:]\d)"
    if plain[0] in "$€£":
        pattern = rf"{spaced}(?!\w)(?![.,]\d)"
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    return found[0] if found else None


def _trimmed(answer: str) -> str:
    """Return an answer without the marks around it and without half of a pair."""
    plain = answer.strip(" \t\n.,;:\"'")
    for opening, closing in _PAIRS:
        if plain.count(opening) != plain.count(closing):
            plain = plain.strip(opening + closing + " ")
    return plain


def _is_more(longer: str, number: str) -> bool:
    return number in longer and longer != number and len(longer.split()) <= LEAST_EXPLAINED
