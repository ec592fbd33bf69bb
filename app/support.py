"""Whether the words of a source say what a sentence says.

A sentence is supported when the source covers its content words and does not disagree with it
in a number, its unit or its limit, a name, a negation or a comparison, nor puts words together
that stand far apart in it. The rules are conservative: they compare words, so what they pass is
close to the source in wording.
"""

import re
from dataclasses import dataclass

from citewell.app.amounts import amounts_conflict, in_one_form, numbers
from citewell.app.closeness import LEAST_CLOSENESS, closeness, loops
from citewell.app.polarity import denies, polarity_conflict
from citewell.retrieval.words import STOP_WORDS, stems, words

__all__ = ["LEAST_COVERAGE", "Support", "names", "numbers", "says_nothing_new", "support"]

LEAST_COVERAGE = 0.75
"""Share of a sentence's content words that the source must hold."""

_TOKEN = re.compile(r"\w[\w’'-]*")
_CODE = re.compile(r"[A-Za-z]+\d")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_OPENERS = frozenset(
    {"according", "additionally", "also", "approximately", "around", "based", "currently",
     "finally", "furthermore", "generally", "hence", "instead", "overall", "roughly",
     "specifically", "therefore", "thus", "today", "typically", "usually", "yes"}
)  # fmt: skip
"""Words that open a sentence and name nothing."""

_ANSWER_WORDS = frozenset(stems(["answer", "question", "evidence", "yes", "correct", "incorrect"]))
"""Words about answering: a sentence that adds only these to the question says nothing."""


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
    def holds(self) -> bool:
        """Whether the sentence may be shown as said by the source."""
        return not self.conflict and self.coverage >= LEAST_COVERAGE


def support(sentence: str, source: str, context: str = "") -> Support:
    """Compare a sentence with the source it is to be cited to.

    Args:
        sentence: What the answer says.
        source: The words of the document that are quoted.
        context: Title and headings around the source: names may stand there instead.
    """
    sentence, source, context = map(_without_dots, (sentence, source, context))
    said = _content(sentence)
    if not said:
        return Support(0.0, "no content")
    if sentence.split() == source.split():
        return Support(1.0)
    held = set(_content(source)) | set(_content(context))
    coverage = sum(stem in held for stem in said) / len(said)
    return Support(coverage, _conflict(sentence, source, context))


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


def _conflict(sentence: str, source: str, context: str) -> str:
    """Return what the two disagree in, or nothing."""
    if loops(_in_order(sentence)):
        return "repetition"
    if closeness(_in_order(sentence), _in_order(source)) < LEAST_CLOSENESS:
        return "words far apart"
    if conflict := amounts_conflict(sentence, source, context):
        return conflict
    said = in_one_form(sentence).strip()
    if missing := (names(said) | _opening(said)) - set(stems(words(f"{source} {context}"))):
        return f"name {min(missing)}"
    return polarity_conflict(said, in_one_form(source))


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
