"""Whether two sentences with the same words say the opposite: denials, doubts and contrasts."""

import re
from collections import Counter

from citewell.retrieval.words import STOP_WORDS, stems, words

SCOPE = 4
"""Content words that a negation, or a word of doubt, bears on, within its clause."""

_NEGATIONS = frozenset(
    {"not", "no", "never", "none", "neither", "nor", "cannot", "without", "nobody", "hardly"}
)
_DOUBTS = frozenset(
    {"may", "might", "perhaps", "possibly", "maybe", "probably", "allegedly", "reportedly",
     "supposedly", "seemingly"}
)  # fmt: skip
_POSSIBLE = _DOUBTS | {"can", "could", "likely"}

_NO_NEGATION = re.compile(r"\bno\.\s?(?=\d)|\bnot (?:only|just|merely)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[;:()—]|\s[–-]\s|\b(?:but|although|though|whereas|while|however|because|unless|except)\b",
    re.IGNORECASE,
)
_COMMA = re.compile(r",")
_NEW_SUBJECT = re.compile(r",\s*(?=(?:it|he|she|they|we|you|i|there|this|these|those)\b)", re.I)
_ALTERNATIVES = re.compile(r"\bn?or\b", re.IGNORECASE)

_CONTRASTS_IN_WORDS = """
more | less fewer
most | least
high | low
higher | lower
highest | lowest
larger bigger greater | smaller
largest biggest greatest | smallest
longer taller | shorter
longest tallest | shortest
faster quicker | slower
fastest quickest | slowest
older | younger newer
oldest | youngest newest
earlier early | later late
earliest | latest
better | worse
best | worst
stronger | weaker
before | after
above | below
increase rise rose risen grow grew grown climb gain raise | \
decrease fall fell fallen decline drop shrink shrank reduce lose lost lower
maximum | minimum
first | last
all every each everyone always | some few several sometimes occasionally rarely seldom none
all every everyone always | most many mostly often usually
always | never
with | without
allow permit legal | forbid forbidden prohibit ban illegal
include | exclude
required mandatory compulsory | optional voluntary
possible | impossible
likely | unlikely
able | unable
safe | unsafe dangerous
true correct | false incorrect
positive | negative
win won | lose lost
accept | reject
pass | fail
support | oppose
buy bought | sell sold
import | export
input | output
encoder | decoder
start begin began begun | end stop
born | died dead
north northern | south southern
east eastern | west western
upper | lower
up | down
hot warm | cold cool
male man men | female woman women
mother | father
son | daughter
husband | wife
same | different
over | under
many | few
front | back
left | right
inside | outside
ancestor | descendant
teacher | student
majority | minority
major | minor
strength | weakness
success | failure
am | pm
open | close closed shut
daily | weekly monthly quarterly yearly annual annually
weekly | monthly quarterly yearly annual annually
monthly | quarterly yearly annual annually
quarterly | yearly annual annually
tenant lessee renter | landlord lessor
buyer purchaser | seller vendor
supplier vendor provider | customer buyer client
licensor | licensee
employer | employee
borrower debtor | lender creditor
plaintiff claimant | defendant respondent
gross | net
"""


def _sides(line: str) -> tuple[frozenset[str], frozenset[str]]:
    one, other = line.split("|")
    return frozenset(stems(one.split())), frozenset(stems(other.split()))


_CONTRASTS = [_sides(line) for line in _CONTRASTS_IN_WORDS.strip().splitlines()]


def polarity_conflict(sentence: str, source: str) -> str:
    """Return in what a sentence contradicts a source with the same words, or nothing.

    Both come without the limits of numbers: ``no more than 5`` denies nothing.
    """
    if _denials_differ(sentence, source):
        return "one denies what the other says"
    if _doubted(source) & _content(sentence) and not set(words(sentence)) & _POSSIBLE:
        return "the source only says that it may be so"
    if _swapped(sentence, source):
        return "the comparison is the other way round"
    return _contrast(sentence, source)


def denies(text: str) -> bool:
    """Tell whether a text holds a negation."""
    return any(is_negation(word) for clause in _clauses(text) for word in words(clause))


def _denials_differ(sentence: str, source: str) -> bool:
    """Compare what is denied.

    What the sentence asserts must not be denied by the source; what it denies must be.
    """
    scope = _in_scope(source, _NEGATIONS)
    said = Counter(_stems(source))
    denied = {stem for stem, count in scope.items() if said[stem] <= count}
    clauses = _clauses(sentence)
    negative = [clause for clause in clauses if denies(clause)]
    asserted = _content(*(clause for clause in clauses if clause not in negative))
    return bool(asserted & denied) or bool(negative and not _content(*negative) & set(scope))


def _doubted(source: str) -> set[str]:
    """Return the stems of what a source says may be so."""
    return set(_in_scope(re.sub(r"\bMay\b", "", source), _DOUBTS))


def _in_scope(text: str, markers: frozenset[str]) -> Counter[str]:
    """Count the stems of the content words that follow a marker in its clause.

    A comma ends the scope, except in an enumeration: ``no nuts, milk or eggs``.
    """
    found: Counter[str] = Counter()
    for clause in _clauses(text):
        commas = _NEW_SUBJECT if _ALTERNATIVES.search(clause) else _COMMA
        parts = commas.split(clause)
        for part in parts:
            said = words(part)
            for place, word in enumerate(said):
                if word in markers or (markers is _NEGATIONS and is_negation(word)):
                    content = [each for each in said[place + 1 :] if each not in STOP_WORDS]
                    found.update(stems(content[:SCOPE]))
    return found


def _clauses(text: str) -> list[str]:
    return _CLAUSE_END.split(_NO_NEGATION.sub(" ", text))


def is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith(("n't", "n’t"))


_ELSEWHERE = {
    "de": r"\b(?:nicht|kein|ohne|nie|niemals|nur|weder|außer)",
    "fr": r"\b(?:ne|pas|jamais|sans|aucun|aucune|ni|sauf|seulement)\b|\bn[’']",
    "es": r"\b(?:no|nunca|jamás|sin|ni|ningún|ninguna|ninguno|tampoco|salvo|solo|sólo)\b",
    "it": r"\b(?:non|mai|senza|né|nessun|nessuna|nessuno|salvo|solo)\b",
    "pt": r"\b(?:não|nunca|jamais|sem|nem|nenhum|nenhuma|salvo|só)\b",
    "nl": r"\b(?:niet|geen|nooit|zonder|noch|alleen|behalve)\b",
    "ru": r"\b(?:не|нет|ни|без|никогда|кроме|только|нельзя)\b",
    "zh": r"[不没沒無无非未勿]|[只仅僅]",
    "ja": r"ない|なく|なかった|ません|ずに|ぬ|だけ|のみ",
    "ar": r"\b(?:لا|لم|لن|ليس|ليست|بدون|دون|غير|إلا|فقط)\b",
}
"""By language (ISO 639-1), words that deny or limit."""


def denials_elsewhere(text: str, language: str) -> list[str]:
    """Return the words of another language than English that deny or limit, sorted."""
    form = _ELSEWHERE.get(language)
    return sorted(re.findall(form, text.lower())) if form else []


def _content(*texts: str) -> set[str]:
    return {stem for text in texts for stem in _stems(text)}


def _stems(text: str) -> list[str]:
    return stems([word for word in words(text) if word not in STOP_WORDS])


def _contrast(sentence: str, source: str) -> str:
    said, held = set(stems(words(sentence))), set(stems(words(source)))
    for sides in _CONTRASTS:
        for one, other in (sides, sides[::-1]):
            if said & one and held & other and not held & one and not said & other:
                there, here = _first_of(source, held & other), _first_of(sentence, said & one)
                return f"the source says {there}, not {here}"
    return ""


def opposites(one: str, other: str) -> bool:
    """Tell whether two words are opposites."""
    stem, against = stems([one.lower()])[0], stems([other.lower()])[0]
    return against in _OPPOSITES.get(stem, ())


def _opposites() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sides in _CONTRASTS:
        for one, other in (sides, sides[::-1]):
            for stem in one:
                found.setdefault(stem, set()).update(other)
    return found


_OPPOSITES = _opposites()


def _first_of(text: str, found: set[str]) -> str:
    """Return the first word of a text that has one of the stems."""
    return next((word for word in words(text) if stems([word])[0] in found), min(found))


def _swapped(sentence: str, source: str) -> bool:
    """Tell whether two comparisons have the same things on opposite sides of ``than``."""
    said, held = _compared(sentence), _compared(source)
    if said is None or held is None:
        return False
    return bool(said[0] & held[1]) and bool(said[1] & held[0])


def _compared(text: str) -> tuple[set[str], set[str]] | None:
    """Return the stems before and after a text's only ``than``, without those on both sides."""
    before, than, after = text.partition(" than ")
    if not than or " than " in after:
        return None
    one, other = _content(before), _content(after)
    return one - other, other - one
