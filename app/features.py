"""What tells whether a sentence of the documents answers a question, as numbers.

The same numbers rank the evidence and judge whether it suffices. All lie between -1 and 1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

from citewell.app.support import names, numbers
from citewell.retrieval.words import content_words, stems, words

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|big|large|high|tall|often|fast|deep|wide|heavy|few)\b|"
    r"\b(?:number|percentage|percent|share|size|amount|cost|price|rate|age|population|length) of\b"
)
_ASKS_DATE = re.compile(r"\b(?:when|(?:what|which) (?:year|date|day|month|decade|century))\b")
_ASKS_NAME = re.compile(
    r"\b(?:who|whom|whose|where|(?:what|which) (?:city|country|company|person))\b"
)
_ASKS_REASON = re.compile(r"\b(?:why|what causes?|what caused|reason)\b")
_DATE = re.compile(
    r"\b(?:1\d{3}|20\d{2})s?\b|century|january|february|march|april|june|july|august|"
    r"september|october|november|december|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_REASON = re.compile(r"\b(?:because|due to|since|so that|therefore|as a result|reason|caus\w+)\b")
_EARLY = 8


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is looked up once for it.

    Attributes:
        text: As asked.
        weights: How much each content word's stem tells apart, 0 to 1.
    """

    text: str
    weights: Mapping[str, float]

    @property
    def total(self) -> float:
        """Sum of the weights, never 0."""
        return sum(self.weights.values()) or 1.0

    @property
    def names(self) -> set[str]:
        """Stems of the names in it; a capital at its beginning makes none."""
        asked = self.text.strip()
        return names(asked[:1].lower() + asked[1:])


@dataclass(frozen=True, slots=True)
class Features:
    """How a sentence bears on a question.

    Attributes:
        coverage: Share of the question's content, by weight, that the sentence holds.
        around: Share that the sentence, its headings and its neighbours hold.
        similarity: Cosine of sentence and question.
        rank: 1 for the first passage, falling with the rank.
        passage: Cosine of passage and question; 0 when it was found by words alone.
        kind: 1 when it holds the kind of thing that is asked for (a number, a date, a name, a
            reason), -1 when not, 0 when the question does not say.
        early: Share of the question's content in the sentence's first words.
        brief: 1 for a sentence too short to say anything, else 0.
    """

    coverage: float
    around: float
    similarity: float
    rank: float
    passage: float
    kind: float
    early: float
    brief: float

    def row(self) -> tuple[float, ...]:
        """Return the values in the order of the attributes."""
        return tuple(astuple(self))


def weigh(text: str, rarity: Mapping[str, float]) -> Question:
    """Return the question with the weight of each of its content words."""
    weights: dict[str, float] = {}
    for word in content_words(text):
        (stem,) = stems([word])
        weights[stem] = max(weights.get(stem, 0.0), rarity.get(word, 1.0))
    return Question(text, weights)


def covered(question: Question, found: Sequence[str]) -> float:
    """Return the share of the question's content, by weight, that is among these stems."""
    held = set(found)
    return sum(w for stem, w in question.weights.items() if stem in held) / question.total


def kind_matches(question: str, sentence: str) -> float:
    """Return 1 when a sentence holds the kind of thing asked for, -1 when not, 0 for no kind."""
    asked, said = question.lower(), sentence.lower()
    if _ASKS_DATE.search(asked):
        return 1.0 if _DATE.search(said) else -1.0
    if _ASKS_NUMBER.search(asked):
        return 1.0 if numbers(sentence) - numbers(question) else -1.0
    if _ASKS_NAME.search(asked):
        return 1.0 if names(f"- {sentence}") - set(stems(words(question))) else -1.0
    if _ASKS_REASON.search(asked):
        return 1.0 if _REASON.search(said) else -1.0
    return 0.0


def features(
    question: Question,
    sentence: str,
    around: str,
    *,
    similarity: float,
    rank: int,
    passage: float | None,
) -> Features:
    """Describe a sentence; ``around`` holds its headings and its neighbours."""
    found = stems(words(sentence))
    return Features(
        coverage=covered(question, found),
        around=covered(question, found + stems(words(around))),
        similarity=similarity,
        rank=1 / rank,
        passage=passage or 0.0,
        kind=kind_matches(question.text, sentence),
        early=covered(question, found[:_EARLY]),
        brief=float(len(found) < 5),
    )
