"""Words as search and checking compare them."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"\w+(?:['’]\w+)*")

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
    return [word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(normal)]


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
