"""Words as search and checking compare them."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

_WITH_MARKS = (*range(0x300, 0x1D00), *range(0x302A, 0x309B), *range(0xA66F, 0xABFF))
"""Where Unicode has marks that are set on letters, such as the vowels of Hindi and Thai."""


def _spans(codes: Sequence[int]) -> str:
    """Write rising characters as a regular expression does between brackets."""
    firsts = [code for code, before in zip(codes, (-1, *codes), strict=False) if code != before + 1]
    lasts = [code for code, after in zip(codes, (*codes[1:], -1), strict=True) if code != after - 1]
    return "".join(f"{chr(one)}-{chr(other)}" for one, other in zip(firsts, lasts, strict=True))


MARKS = _spans([code for code in _WITH_MARKS if unicodedata.category(chr(code)) in {"Mn", "Mc"}])
"""Marks that belong to the word in which they stand; Python's ``\\w`` knows letters alone."""

WORD = re.compile(rf"\w[\w{MARKS}]*(?:['’]\w[\w{MARKS}]*)*")
"""A run of letters, marks, digits and underscores, with apostrophes inside."""

_STOP_WORDS = """
a about above after again against all am an and any are as at be because been before being below
between both but by can could did do does doing down during each few for from further had has have
having he her here hers herself him himself his how i if in into is it its itself just me might
more most must my myself no nor not of off on once only or other our ours ourselves out over own
same shall she should so some such than that the their theirs them themselves then there these
they this those through to too under until up upon us very was we were what when where which while
who whom whose why will with would you your yours yourself yourselves
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""English words that say nothing about a topic: pronouns, auxiliaries, prepositions and such."""


def words(text: str) -> list[str]:
    """Return the words of a text in order: lower case, NFKC, without possessive endings."""
    normal = unicodedata.normalize("NFKC", text).lower()
    return [word.removesuffix("'s").removesuffix("’s") for word in WORD.findall(normal)]


def content_words(text: str) -> list[str]:
    """Return the words that say what a text is about; all of them if there are no others."""
    found = words(text)
    return [word for word in found if word not in STOP_WORDS] or found


def stems(found: Sequence[str]) -> list[str]:
    """Return the English stem of each word (Porter2, snowballstem.org)."""
    return [_stem(word) for word in found]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem: str = snowballstemmer.stemmer("english").stemWord(word)
    return stem
