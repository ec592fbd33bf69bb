"""How much of an accepted answer a text holds.

Words are compared as in the evaluation of SQuAD (Rajpurkar et al., 2016): lower case, without marks
and articles. Chinese and Japanese characters count as words of their own.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from citewell.retrieval.words import words

CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Characters of scripts without spaces, as a class of a regular expression."""

_UNSPACED = re.compile(rf"[{CJK}]")
_TOKEN = re.compile(rf"[{CJK}]|[^\s{CJK}]+")
_MARKS = re.compile(rf"[{re.escape(string.punctuation)}–—‘’“”。，、；：？！（）《》「」·…]")
_ARTICLES = {"a", "an", "the"}


def tokens(text: str) -> list[str]:
    """Return the words that are compared."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKC", text).lower())
    return [token for token in _TOKEN.findall(plain) if token not in _ARTICLES]


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Tell whether a text holds an accepted answer as whole words, case and marks aside.

    The articles are left out on both sides.
    """
    said = _plain(text)
    return any(wanted.strip() and wanted in said for wanted in map(_plain, answers))


def holds(text: str, answers: Sequence[str]) -> bool:
    """Tell whether a text holds one of these answers; without spaces, as characters in a row."""
    spaced = [answer for answer in answers if not _UNSPACED.search(answer)]
    others = [answer for answer in answers if _UNSPACED.search(answer)]
    said = "".join(tokens(text)) if others else ""
    return contains_answer(text, spaced) or any("".join(tokens(each)) in said for each in others)


def token_f1(text: str, references: Sequence[str]) -> float:
    """Return the harmonic mean of precision and recall of words, over the best reference."""
    said = tokens(text)
    return max((_f1(said, tokens(each)) for each in references), default=0.0)


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    common = (Counter(said) & Counter(wanted)).total()
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


@lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    kept = [word for word in words(text) if word not in _ARTICLES]
    return f" {' '.join(kept)} "
