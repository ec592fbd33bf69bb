"""What a good model writes: the few words that answer, as the evidence has them, and where.

Whatever is made here reads back, by the rules of `drafting`, as the sentences and markers meant.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from citewell.app.drafting import draft_sentences
from citewell.app.tuning.matching import token_f1
from citewell.app.tuning.others import sort_of
from citewell.app.units import Span
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.words import words

LEAST_EXPLAINED = 4
"""Words of an accepted answer from which a question for an explanation is given a sentence."""

MOST_SENTENCE = 35
"""Words of a sentence that is a whole answer, at the most."""

_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"))
_BETWEEN = re.compile(
    r"[\s,;]*(?:\([^()]{0,40}\))?[\s,;]*(?:and|or|&|as well as)?\s*(?:the|an?)?\s*", re.IGNORECASE
)
_LEANS = re.compile(
    r"(?:he|she|it|they|this|these|those|that|his|her|its|their|such|here|there|and|but|or|so|also|"
    r"however|thus|then|both|which|who)\b",
    re.IGNORECASE,
)


def in_its_words(text: str, answers: Sequence[str]) -> str | None:
    """Return an accepted answer as it stands in a text; None where none does.

    Answers that stand side by side are parts of one. Of several, the one that agrees most with
    the others is taken, then the shortest; but ``December 1985`` gives way to
    ``8 December 1985``, and ``7`` to ``7 million``.
    """
    spans = {span for answer in answers if (span := _standing(text, answer))}
    if not spans:
        return None
    together = _together(text, _outermost(spans))
    if together is not None:
        return together
    found = sorted({text[slice(*span)] for span in spans})
    best = min(found, key=lambda each: (-_agreement(each, found), len(each)))
    longer = [each for each in found if _is_fuller(each, best)]
    return min(longer, key=len, default=best)


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


def _standing(text: str, answer: str) -> Span | None:
    """Return where an answer stands in a text as whole words."""
    plain = _trimmed(answer)
    if not words(plain):
        return None
    spaced = r"\s+".join(map(re.escape, plain.split()))
    before = "" if plain[0] in "$€£" else r"(?<![\w$€£])(?<!\d[.,:–-])"
    pattern = rf"{before}{spaced}(?!\w)(?![.,:]\d)"  # not the 7 of 1.7, 7,000 or 7.5
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    return found.span() if found else None


def _outermost(spans: Iterable[Span]) -> list[Span]:
    """Return the spans that lie in no other, in their order."""
    found: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not found or end > found[-1][1]:
            found.append((start, end))
    return found


def _together(text: str, spans: Sequence[Span]) -> str | None:
    """Return a list of answers that stand side by side, as one; None if they do not."""
    gaps = [text[one[1] : other[0]] for one, other in pairwise(spans) if one[1] <= other[0]]
    if not gaps or len(gaps) < len(spans) - 1 or not all(map(_BETWEEN.fullmatch, gaps)):
        return None
    whole = text[spans[0][0] : spans[-1][1]]
    alike = len({sort_of(text[slice(*span)]) for span in spans}) == 1
    return whole if alike and len(whole.split()) <= MOST_SENTENCE else None


def _agreement(said: str, others: Sequence[str]) -> float:
    return round(sum(token_f1(said, [other]) for other in others), 6)


def _trimmed(answer: str) -> str:
    """Return an answer without the marks around it and without half of a pair."""
    plain = answer.strip(" \t\n.,;:'")
    if plain.startswith('"') == plain.endswith('"') or plain.count('"') % 2:
        plain = plain.strip('"')
    for opening, closing in _PAIRS:
        if plain.count(opening) != plain.count(closing):
            plain = plain.strip(opening + closing + " ")
    return plain


def _is_fuller(longer: str, shorter: str) -> bool:
    """Tell whether an answer says a number or a date in full of which another says a part."""
    before, held, after = longer.partition(shorter)
    more = before + after
    numbered = not any(letter.isalpha() for letter in shorter) or any(map(str.isdigit, more))
    return bool(held and more) and numbered and len(longer.split()) <= LEAST_EXPLAINED
