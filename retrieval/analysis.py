"""The words of texts as the word index holds them, and those that a question looks up.

A text is cut into words where Unicode has letters, marks and digits; each is brought to the form
that the Snowball stemmer (snowballstem.org) of its language gives. Scripts that set no spaces
between words, and Korean, whose particles are written onto them, are cut into single characters
and overlapping pairs instead (McNamee and Mayfield, 2004).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from threading import local

import snowballstemmer

from citewell.retrieval.words import MARKS, WORD

ANALYSIS_VERSION = 1
"""Raised when the same text would give other words: stores then learn theirs anew."""

LONGEST_WORD = 64
"""Characters of a word that count; what is longer is no word of a language."""

_SNOWBALL = {
    **{"ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german"},
    **{"el": "greek", "en": "english", "eo": "esperanto", "es": "spanish", "et": "estonian"},
    **{"eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi"},
    **{"hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian"},
    **{"lt": "lithuanian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish"},
    **{"pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish"},
    **{"ta": "tamil", "tr": "turkish", "yi": "yiddish"},
}
"""Snowball's name of each language that it stems, by ISO 639-1 code."""

_SCRIPTS = (
    ("latin", "en", "\u0000", "\u02ff"),
    ("greek", "el", "\u0370", "\u03ff"),
    ("cyrillic", "ru", "\u0400", "\u052f"),
    ("armenian", "hy", "\u0530", "\u058f"),
    ("hebrew", "", "\u0590", "\u05ff"),
    ("arabic", "ar", "\u0600", "\u08ff"),
    ("devanagari", "hi", "\u0900", "\u097f"),
    ("tamil", "ta", "\u0b80", "\u0bff"),
    ("latin", "en", "\u1e00", "\u1eff"),
    ("greek", "el", "\u1f00", "\u1fff"),
)
"""Each script, the language taken for granted in it, and its first and last letter."""

_WRITTEN_IN = {
    **dict.fromkeys(("bg", "mk", "ru", "sr", "uk"), "cyrillic"),
    **dict.fromkeys(("ar", "fa", "ur"), "arabic"),
    **dict.fromkeys(("hi", "mr", "ne"), "devanagari"),
    **dict.fromkeys(("bn", "ja", "ka", "ko", "th", "zh"), ""),
    **{"el": "greek", "he": "hebrew", "yi": "hebrew", "hy": "armenian", "ta": "tamil"},
}
"""The script of each language that is not written in Latin letters."""

_UNSPACED = (
    "\u0e00-\u0e3e\u0e40-\u0e4e\u0e50-\u0e59\u0e80-\u0eff"  # Thai, Lao
    "\u1000-\u1049\u1050-\u109f\uaa60-\uaa7f\u1780-\u17d3\u17d7\u17db-\u17ff"  # Myanmar, Khmer
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\uac00-\ud7a3"  # Hangul
)
_RUN = re.compile(f"([{_UNSPACED}]+)")
_UNIT = re.compile(f".[{MARKS}]*", re.DOTALL)
_ALONE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\uac00-\ud7a3]")
"""Characters that are words of their own."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200d\u2060\ufeff"))
_IDENTIFIER = re.compile(r"[^\W_]_+[^\W_]|[a-z][A-Z]|[A-Z]{2}[a-z]{2}")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\dA-Za-z_]+")

_FOLDED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_stemmers = local()


def index_terms(text: str, language: str) -> list[str]:
    """Return the words of a text in order, as the index holds them.

    An identifier of source code, such as ``getUserName`` or ``get_user_name``, gives itself
    without its underscores and then its parts.

    Args:
        language: ISO 639-1 code; blank if it is not known: then that of the script is taken.
    """
    terms: list[str] = []
    for unspaced, word in _runs(text):
        if word:
            terms += _forms(word, language)
        else:
            units = _units(unspaced)
            alone = units if len(units) == 1 else filter(_ALONE.match, units)
            terms += [*alone, *map(str.__add__, units, units[1:])]
    return terms


def question_words(text: str, languages: Collection[str]) -> list[tuple[str, ...]]:
    """Return what to look up for each word of a question: its form in each of the languages."""
    found: dict[tuple[str, ...], None] = {}
    for unspaced, word in _runs(text):
        if word:
            forms = zip(*(_forms(word, language) for language in languages), strict=True)
            found |= dict.fromkeys(tuple(dict.fromkeys(each)) for each in forms)
        else:
            units = _units(unspaced)
            pairs = units if len(units) == 1 else map(str.__add__, units, units[1:])
            found |= dict.fromkeys((pair,) for pair in pairs)
    return list(found)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into pairs of which one is blank: a run without spaces, or a word."""
    if text.isascii():
        yield from (("", word) for word in WORD.findall(text))
        return
    for word in WORD.findall(unicodedata.normalize("NFKC", text).translate(_INVISIBLE)):
        if word.isascii():
            yield "", word
        else:
            for place, part in enumerate(_RUN.split(word)):  # words and runs by turns
                if part:
                    yield (part, "") if place % 2 else ("", part)


def _units(run: str) -> list[str]:
    """Return the characters of a run, each with the marks that are set on it."""
    return _UNIT.findall(run)


@lru_cache(maxsize=50_000)
def _forms(word: str, language: str) -> tuple[str, ...]:
    """Return what a word gives: mostly one term."""
    pieces = [piece for part in re.split("['’]", word) if (piece := part.strip("_"))]
    if len(pieces) > 1 and pieces[-1] in {"s", "S"}:
        del pieces[-1]
    terms: list[str] = []
    for piece in pieces:
        terms.append(_term(piece.replace("_", ""), language))
        if _IDENTIFIER.search(piece):
            parts = [part for part in _PART.findall(piece) if len(part) > 1]
            terms += [_term(part, language) for part in parts]
    return tuple(terms)


def _term(word: str, language: str) -> str:
    lower = word.lower()[:LONGEST_WORD]
    script, usual = _script(lower[0])
    own = _WRITTEN_IN.get(language, "latin") == script if language else False
    stem = _stemmed(lower, language if own else usual)
    return _without_accents(stem) if script in {"latin", "greek"} else stem


def _script(letter: str) -> tuple[str, str]:
    """Return the script of a letter and the language that is taken for granted in it."""
    for script, language, first, last in _SCRIPTS:
        if first <= letter <= last:
            return script, language
    return "", ""


def _stemmed(word: str, language: str) -> str:
    if language == "ru":
        word = word.replace("ё", "е")
    name = _SNOWBALL.get(language)
    if name is None or word.isdecimal():
        return word
    if not hasattr(_stemmers, name):
        setattr(_stemmers, name, snowballstemmer.stemmer(name))
    stem: str = getattr(_stemmers, name).stemWord(word)
    return stem or word


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    split = unicodedata.normalize("NFD", word.translate(_FOLDED))
    return "".join(char for char in split if not unicodedata.combining(char))
