"""Whether the words of a source say what a sentence says.

A sentence is supported when the source covers its content words and does not disagree with it
in a number, its unit or its limit, a date, a name, a negation, a comparison or a reserve, nor
puts words together that belong elsewhere in it. The rules are conservative: they compare words,
so what they pass is close to the source in wording.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from citewell.app.amounts import amounts_conflict, in_one_form, numbers
from citewell.app.closeness import LEAST_CLOSENESS, closeness, loops
from citewell.app.copying import copying_conflict
from citewell.app.dates import dates_conflict
from citewell.app.hedges import hedges_conflict, quotations
from citewell.app.polarity import denials_elsewhere, denies, polarity_conflict
from citewell.app.quotes import locate_most
from citewell.app.roles import roles_conflict
from citewell.app.rows import row_conflict
from citewell.app.tokens import Token, tokens
from citewell.retrieval.words import STOP_WORDS, stems, words

__all__ = [
    "LEAST_COVERAGE",
    "Source",
    "Support",
    "names",
    "numbers",
    "says_nothing_new",
    "support",
    "supports",
]

LEAST_COVERAGE = 0.75
"""Share of a sentence's content words that the source must hold."""

_FAR = 0.4
"""Share below which it is not looked at what the two disagree in."""

_TOKEN = re.compile(r"\w[\w’'-]*")
_CODE = re.compile(r"[A-Za-z]+\d")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_OPENERS = frozenset(
    {"according", "additionally", "also", "although", "among", "another", "approximately",
     "around", "based", "conversely", "currently", "despite", "even", "eventually", "every",
     "finally", "furthermore", "generally", "hence", "however", "instead", "later", "like", "many",
     "often", "one", "originally", "others", "overall", "roughly", "several", "since", "soon",
     "specifically", "still", "therefore", "three", "thus", "today", "two", "typically", "unlike",
     "upon", "usually", "within", "yes", "yet"}
)  # fmt: skip
"""Words that open a sentence and name nothing."""

_ANSWER_WORDS = frozenset(stems(["answer", "question", "evidence", "yes", "correct", "incorrect"]))
"""Words about answering: a sentence that adds only these to the question says nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a sentence may be cited to.

    Attributes:
        text: The words of the document that are quoted.
        context: Title and headings around them: names may stand there instead.
        header: Of the table whose row it is; else blank.
        is_row: Whether it is the row of a table.
        language: ISO 639-1 code; blank if it is not known.
    """

    text: str
    context: str = ""
    header: str = ""
    is_row: bool = False
    language: str = "en"

    @property
    def beside(self) -> str:
        """What may hold a name, a year or a unit beside the text."""
        return f"{self.header} {self.context}" if self.header else self.context


@dataclass(frozen=True, slots=True)
class Support:
    """How far a source supports a sentence.

    Attributes:
        coverage: Share of the sentence's content words that the source holds, 0 to 1.
        conflict: What they disagree in, such as ``number 42``; empty if in nothing.
    """

    coverage: float
    conflict: str = ""

    @property
    def contradicts(self) -> bool:
        """Whether the source is about the same and says something else."""
        lacks = self.conflict.startswith("the source does not")
        return bool(self.conflict) and not lacks and self.coverage >= LEAST_COVERAGE

    @property
    def holds(self) -> bool:
        """Whether the sentence may be shown as said by the source."""
        return not self.conflict and self.coverage >= LEAST_COVERAGE


def support(sentence: str, source: str, context: str = "", question: str = "") -> Support:
    """Compare a sentence with the source it is to be cited to, as `supports` does."""
    return supports(sentence, Source(source, context), question)


def supports(sentence: str, source: Source, question: str = "") -> Support:
    """Compare a sentence with the source it is to be cited to.

    Args:
        sentence: What the answer says.
        source: What it is compared with.
        question: What was asked: an answer may use its words where the source uses others.
    """
    sentence = _without_dots(sentence)
    source = replace(source, text=_without_dots(source.text), context=_without_dots(source.context))
    said = tokens(sentence, source.language)
    if not said:
        return Support(0.0, "it says nothing")
    if sentence.split() == source.text.split():
        return Support(1.0)
    held = {token.stem for token in _held(source)}
    asked = {token.stem for token in tokens(question, source.language)}
    coverage = _coverage(said, held, asked)
    if coverage < _FAR:
        return Support(coverage)
    conflict = _conflict(sentence, said, source, asked)
    return Support(coverage, conflict or _missing_name(said, held, sentence, source))


def _held(source: Source) -> tuple[Token, ...]:
    return tokens(source.text, source.language) + tokens(source.beside, source.language)


def _coverage(said: Sequence[Token], held: set[str], asked: set[str]) -> float:
    """Return the share of the sentence that the source holds; words of the question count half."""
    weights = {
        token.stem: 0.5 if token.stem in asked and token.stem not in held else 1.0 for token in said
    }
    return sum(w for stem, w in weights.items() if stem in held) / sum(weights.values())


def _without_dots(text: str) -> str:
    """Return a text with ``US`` for ``U.S.``."""
    return _DOTTED.sub(lambda found: found[0].replace(".", ""), text)


def says_nothing_new(sentence: str, question: str) -> bool:
    """Tell whether a sentence asks, or only repeats the question, rather than answering it.

    To deny what was asked, or to name one of two things that were offered, is an answer.
    """
    if sentence.rstrip().endswith(("?", "؟", "？")):
        return True
    said, asked = set(_content(sentence)), set(_content(question))
    if said - asked - _ANSWER_WORDS:
        return False
    return not _chooses(said, words(question)) and denies(sentence) == denies(question)


def _chooses(said: set[str], asked: list[str]) -> bool:
    """Tell whether one of the two words around the question's ``or`` is said, not the other."""
    if "or" not in asked:
        return False
    place = asked.index("or")
    offered = stems(asked[max(0, place - 1) : place] + asked[place + 1 : place + 2])
    return sum(stem in said for stem in offered) == 1


def _content(text: str) -> list[str]:
    return list(dict.fromkeys(_in_order(text)))


def _in_order(text: str) -> list[str]:
    return stems([word for word in words(in_one_form(text)) if word not in STOP_WORDS])


def _conflict(sentence: str, said: Sequence[Token], source: Source, asked: set[str]) -> str:
    """Return what the two disagree in, or nothing."""
    held = tokens(source.text, source.language)
    order = [token.stem for token in said]
    free = {token.stem for token in tokens(source.beside, source.language)}
    if loops(order):
        return "it says the same over and over"
    if closeness(order, [token.stem for token in held]) < LEAST_CLOSENESS and not source.is_row:
        return "the source does not put these words together"
    return (
        dates_conflict(sentence, source.text, source.beside)
        or amounts_conflict(sentence, source.text, source.beside)
        or _misquoted(sentence, source)
        or (row_conflict(sentence, source.text, source.header) if source.is_row else "")
        or (_english_conflict if source.language in ("", "en") else _strict_conflict)(
            sentence, said, source
        )
        or copying_conflict(sentence, source.text, free, asked)
        or ("" if source.is_row else roles_conflict(said, held, sentence, source.text))
    )


def _english_conflict(sentence: str, said: Sequence[Token], source: Source) -> str:
    plain = in_one_form(sentence).strip()
    return polarity_conflict(plain, in_one_form(source.text)) or hedges_conflict(
        sentence, source.text, source.beside
    )


def _strict_conflict(sentence: str, said: Sequence[Token], source: Source) -> str:
    """Return what a sentence in another language says that its source does not.

    Without contrasts and number words of that language, each of its words must be there.
    """
    language = source.language
    if denials_elsewhere(sentence, language) != denials_elsewhere(source.text, language):
        return "one denies what the other says"
    held = {token.stem for token in _held(source)}
    missing = next((token.shown for token in said if token.stem not in held), "")
    return f"the source does not say {missing}" if missing else ""


def _misquoted(sentence: str, source: Source) -> str:
    for quote in quotations(sentence):
        if locate_most(quote.strip(" .,;:!?"), source.text) is None:
            return f'the source does not say "{quote}" in these words'
    return ""


def _missing_name(said: Sequence[Token], held: set[str], sentence: str, source: Source) -> str:
    if source.language not in ("", "en"):
        missing = [t.shown for t in said if t.kind == "name" and t.stem not in held]
        return f"the source does not name {missing[0]}" if missing else ""
    plain = in_one_form(sentence).strip()
    known = held | set(stems(words(f"{source.text} {source.beside}")))
    unknown = (names(plain) | _opening(plain)) - known
    if not unknown:
        return ""
    shown = next((token.shown for token in said if token.stem in unknown), min(unknown))
    return f"the source does not name {shown}"


def names(text: str) -> set[str]:
    """Return the stems of what looks like names: capitals inside a sentence, acronyms, codes."""
    found = [
        word
        for token in _TOKEN.finditer(text)
        if _is_name(token[0], inside=token.start() > 0)
        for word in words(token[0])
        if not word.isdigit() and (word not in STOP_WORDS or _is_acronym(token[0]))
    ]
    return set(stems(found))


def _is_name(token: str, *, inside: bool) -> bool:
    if any(letter.isupper() for letter in (token if inside else token[1:])):
        return True
    return _CODE.match(token) is not None


def _is_acronym(token: str) -> bool:
    return len(token) > 1 and token.isupper()


def _opening(sentence: str) -> set[str]:
    """Return the stem of a sentence's first word if it may be a name.

    A capital says nothing there, but who a sentence begins with is who it is about.
    """
    token = _TOKEN.match(sentence)
    if token is None or not token[0][0].isupper():
        return set()
    first = words(token[0])[0]
    return set() if first in STOP_WORDS | _OPENERS else set(stems([first]))
