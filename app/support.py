"""Whether the words of a source say what a sentence says.

A sentence is supported when the source covers its content words and does not disagree with it
in a number, a name, a negation or the direction of a comparison. The rules are conservative:
they compare words, so what they pass is close to the source in wording.
"""

import re
from dataclasses import dataclass

from citewell.retrieval.words import STOP_WORDS, stems, words

LEAST_COVERAGE = 0.75
"""Share of a sentence's content words that the source must hold."""

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(
    r"(?<![.!?:]\s)(?<!^)(?<=[\s(\"'“‘-])[A-Z][\w’'-]*|\b(?:[A-Z]{2,}|[A-Za-z]+\d+)\b"
)
_NEGATIONS = frozenset(
    {"not", "no", "never", "none", "neither", "nor", "cannot", "without", "nobody"}
)
_COUNTING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(_COUNTING.split())}
_ANSWER_WORDS = frozenset(stems(["answer", "question", "evidence", "yes", "correct", "incorrect"]))
"""Words about answering: a sentence that adds only these to the question says nothing."""

_OPPOSITES = (
    ("more", "less"), ("more", "fewer"), ("higher", "lower"), ("larger", "smaller"),
    ("bigger", "smaller"), ("longer", "shorter"), ("faster", "slower"), ("before", "after"),
    ("above", "below"), ("increase", "decrease"), ("increased", "decreased"), ("rise", "fall"),
    ("rose", "fell"), ("maximum", "minimum"), ("most", "least"), ("best", "worst"),
    ("first", "last"), ("always", "never"), ("with", "without"), ("allowed", "forbidden"),
    ("permitted", "prohibited"), ("included", "excluded"), ("encoder", "decoder"),
    ("increases", "decreases"), ("raises", "lowers"), ("better", "worse"), ("early", "late"),
)  # fmt: skip


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
    said = _content(sentence)
    if not said:
        return Support(0.0, "no content")
    held = set(_content(source)) | set(_content(context))
    coverage = sum(stem in held for stem in said) / len(said)
    return Support(coverage, _conflict(sentence, source, context))


def says_nothing_new(sentence: str, question: str) -> bool:
    """Tell whether a sentence asks, or only repeats the question, rather than answering it."""
    if sentence.rstrip().endswith(("?", "؟", "？")):
        return True
    return not set(_content(sentence)) - set(_content(question)) - _ANSWER_WORDS


def _content(text: str) -> list[str]:
    found = [_NUMBER_WORDS.get(word, word) for word in words(text)]
    return list(dict.fromkeys(stems([word for word in found if word not in STOP_WORDS])))


def _conflict(sentence: str, source: str, context: str) -> str:
    """Return what the two disagree in, or nothing."""
    if missing := numbers(sentence) - numbers(source) - numbers(context):
        return f"number {min(missing)}"
    if missing := names(sentence) - set(stems(words(f"{source} {context}"))):
        return f"name {min(missing)}"
    if _negated(sentence) != _negated(source, _content(sentence)):
        return "negation"
    return _opposed(sentence, source)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text in one form: ``1,000`` and ``1000.0`` are the same."""
    found = {_plain_number(number) for number in _NUMBER.findall(text)}
    return found | {_NUMBER_WORDS[word] for word in words(text) if word in _NUMBER_WORDS}


def _plain_number(number: str) -> str:
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", number)
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def names(text: str) -> set[str]:
    """Return the stems of what looks like names: capitals inside a sentence, acronyms, codes."""
    found = [word for name in _NAME.findall(text) for word in words(name)]
    return set(stems([word for word in found if word not in STOP_WORDS and not word.isdigit()]))


def _negated(text: str, about: list[str] | None = None) -> bool:
    """Tell whether a text denies something; with ``about``, whether one of those stems."""
    found = words(text)
    places = [
        i for i, word in enumerate(found) if word in _NEGATIONS or word.endswith(("n't", "n’t"))
    ]
    if about is None:
        return bool(places)
    return any(set(stems(found[i + 1 : i + 4])) & set(about) for i in places)


def _opposed(sentence: str, source: str) -> str:
    said, held = set(words(sentence)), set(words(source))
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if one in said and one not in held and other in held and other not in said:
                return f"{one} against {other}"
    return ""
