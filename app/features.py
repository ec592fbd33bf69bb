"""What tells whether a unit of the documents answers a question, as numbers.

The same numbers rank the evidence and judge whether it suffices. All lie between -1 and 1, but for
those of the reader, which are log-odds.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import pairwise

from citewell.app.support import names, numbers
from citewell.app.units import Candidate, leans
from citewell.retrieval.analysis import index_terms, question_words
from citewell.retrieval.words import content_words, stems, words

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|old|far|big|large|high|tall|often|fast|deep|wide|heavy|few)\b|"
    r"\b(?:number|percentage|percent|share|size|amount|cost|price|rate|age|population|length) of\b|"
    r"\bwie ?viel|\bwie (?:hoch|alt|lange?|oft|weit|groß)\b|\bcombien\b|\bcu[aá]nt|\bquant[ioe]\b|"
    r"\bhoeveel\b|\bсколько\b|\bكم\b|多少|几"
)
_ASKS_DATE = re.compile(
    r"\b(?:when|(?:what|which) (?:year|date|day|month|decade|century))\b|\bwann\b|"
    r"\bwelche[msnr]? jahr|\bquand\b|\bquelle année\b|\bcu[aá]ndo\b|\bqué año\b|\bquando\b|"
    r"\bwanneer\b|\bкогда\b|\bкаком (?:году|веке)\b|\bمتى\b|\bأي عام\b|\bأي سنة\b|"
    r"何时|哪一年|哪年|什么时候|哪一天|いつ"
)
_ASKS_NAME = re.compile(
    r"\b(?:who|whom|whose|where|(?:what|which) (?:city|country|company|person))\b|"
    r"\bwer\b|\bwem\b|\bqui\b|\bquién|\bкто\b|\bкому\b|\bкого\b"
)
_ASKS_REASON = re.compile(r"\b(?:why|what causes?|what caused|reason)\b|\bwarum\b|\bpourquoi\b")
_DATE = re.compile(
    r"\b(?:1\d{3}|20\d{2})s?\b|century|january|february|march|april|june|july|august|"
    r"september|october|november|december|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"(?:1\d{3}|20\d{2}) ?年|\d ?月|世纪|\bjahrhundert|\bвек[аеу]?\b|\bقرن|القرن"
)
_REASON = re.compile(
    r"\b(?:because|due to|since|so that|therefore|as a result|reason|caus\w+|weil|wegen|"
    r"parce que|à cause)\b"
)
_EARLY = 8
_WINDOW = 12
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what is looked up once for it.

    Attributes:
        text: As asked.
        weights: How much the form of each content word tells apart, 0 to 1, in the order asked.
        language: Whose forms of words they are; blank for the usual one of their script.
        rarities: How much each content word, as it is written, tells apart.
    """

    text: str
    weights: Mapping[str, float]
    language: str = ""
    rarities: Mapping[str, float] = field(default_factory=dict)

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
    """How a unit bears on a question.

    Attributes:
        coverage: Share of the question's content, by weight, that the unit holds.
        around: Share that the unit, its headings and its neighbours hold.
        similarity: Cosine of unit and question; 0 when it was not worked out.
        rank: 1 for the first passage, falling with the rank.
        passage: Cosine of passage and question; 0 when it was found by words alone.
        kind: 1 when it holds the kind of thing that is asked for (a number, a date, a name, a
            reason), -1 when not, 0 when the question does not say.
        early: Share of the question's content in the unit's first words.
        brief: 1 for a unit too short to say anything, else 0.
        tight: Greatest share of the question's content that a dozen words in a row hold.
        order: Share of the question's neighbouring words that are neighbours here too.
        long: Length, up to 40 words.
        new: Share of its words that the question does not hold.
        first: 1 for the first unit of a passage, falling.
        titled: Share of the question's content that title and headings hold.
        row: 1 for a row of a table, else 0.
        leaning: 1 when it begins with a word that points to the sentence before, else 0.
        reads: Log-odds of the reader that it holds the answer; 0 where none read it.
        answers: Log-odds of the reader that its passage answers the question.
        spans: Log-odds of the reader that its likeliest words are the answer.
        unread: 1 where a reader read other passages alone, else 0.
    """

    coverage: float
    around: float
    similarity: float
    rank: float
    passage: float
    kind: float
    early: float
    brief: float
    tight: float = 0.0
    order: float = 0.0
    long: float = 0.0
    new: float = 0.0
    first: float = 0.0
    titled: float = 0.0
    row: float = 0.0
    leaning: float = 0.0
    reads: float = 0.0
    answers: float = 0.0
    spans: float = 0.0
    unread: float = 0.0

    def values(self) -> tuple[float, ...]:
        """Return the values in the order of the attributes."""
        return tuple(astuple(self))


def asked_words(text: str) -> list[str]:
    """Return the words of a question to weigh: in scripts without spaces, pairs of characters."""
    return [piece for word in content_words(text) for piece in _pieces(word)]


def _pieces(word: str) -> list[str]:
    found = question_words(word, [""])
    unspaced = not word.isascii() and len(found) > 1
    return [forms[0] for forms in found] if unspaced else [word]


def weigh(text: str, rarity: Mapping[str, float], language: str = "") -> Question:
    """Return the question with the weight of each of its content words."""
    weights: dict[str, float] = {}
    rarities = {word: rarity.get(word, 1.0) for word in asked_words(text)}
    for word, weight in rarities.items():
        for forms in question_words(word, [language]):
            weights[forms[0]] = max(weights.get(forms[0], 0.0), weight)
    return Question(text, weights, language, rarities)


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


def describe(
    question: Question, unit: Candidate, *, similarity: float, passage: float | None
) -> Features:
    """Describe a unit by its words and by what search says of it; no reader has read it yet."""
    language = question.language
    found = index_terms(unit.text, language)
    around = index_terms(unit.around, language)
    titles = " ".join((unit.passage.title, *unit.passage.chunk.headings))
    return Features(
        coverage=covered(question, found),
        around=covered(question, found + around),
        similarity=similarity,
        rank=1 / unit.passage.rank,
        passage=passage or 0.0,
        kind=kind_matches(question.text, f"{unit.header} {unit.text}"),
        early=covered(question, found[:_EARLY]),
        brief=float(len(found) < 5),
        tight=_tightness(question, found),
        order=_order(question, found),
        long=min(len(found), 40) / 40,
        new=_newness(question, found),
        first=1 / (1 + unit.place),
        titled=covered(question, index_terms(titles, language)),
        row=float(unit.kind == "row"),
        leaning=float(unit.kind == "sentence" and leans(unit.text)),
    )


def _newness(question: Question, found: Sequence[str]) -> float:
    return sum(stem not in question.weights for stem in found) / max(1, len(found))


def _tightness(question: Question, found: Sequence[str]) -> float:
    """Return the greatest share of the question's content in a window of the words."""
    starts = [i for i, stem in enumerate(found) if stem in question.weights]
    return max((covered(question, found[i : i + _WINDOW]) for i in starts), default=0.0)


def _order(question: Question, found: Sequence[str]) -> float:
    """Return the share of the question's pairs of words that stand close and in order."""
    asked = list(question.weights)
    pairs = set(pairwise(asked))
    if not pairs:
        return 0.0
    places = [(i, stem) for i, stem in enumerate(found) if stem in question.weights]
    kept = {
        (one, other)
        for i, one in places
        for j, other in places
        if 0 < j - i <= _NEAR and (one, other) in pairs
    }
    return len(kept) / len(pairs)
