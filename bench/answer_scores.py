"""How much of a right answer a text holds.

Words are compared as in the evaluation of SQuAD (Rajpurkar et al., 2016): lower case, without marks
and articles. Chinese and Japanese characters count as words of their own.
"""

import re
from collections import Counter
from collections.abc import Sequence

from bench.questions import GoldQuestion
from citewell.app.tuning.matching import CJK, holds, tokens

MOST_WORDS = 40
"""Words of an answer in which what was asked has to be said."""

_COUNTED = re.compile(rf"[{CJK}]{{1,2}}|[^\s{CJK}]+")

_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(%|percent|thousand|million|billion|bn|m\b)?", re.I)
_TIMES = {"thousand": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}
_UNITS = (1.0, 1e3, 1e6, 1e9)


def first_words(text: str, count: int = MOST_WORDS) -> str:
    """Return the text up to so many words; two characters of a script without spaces are one."""
    for number, word in enumerate(_COUNTED.finditer(text), 1):
        if number == count:
            return text[: word.end()]
    return text


def count_words(text: str) -> int:
    """Return how many words a text has."""
    return len(_COUNTED.findall(text))


def is_right(question: GoldQuestion, text: str) -> bool:
    """Tell whether the first words of a text are right by the question's rule."""
    said = first_words(text)
    match question.rule:
        case "verdict":
            return tokens(said)[:1] in [tokens(answer) for answer in question.answers]
        case "groups":
            return all(holds(said, group) for group in question.groups)
        case "amount":
            return any(same_amount(said, answer) for answer in question.answers)
        case "contains":
            return holds(said, question.answers)
        case "long":
            return False


def same_amount(text: str, answer: str) -> bool:
    """Tell whether a text holds an amount, rounded as the answer is and in any unit of it."""
    wanted = _AMOUNT.search(answer)
    if wanted is None:
        return False
    value, places = _value(wanted)
    share = (wanted[2] or "").lower() in ("%", "percent")
    step = 0.5 * 10.0**-places * _factor(wanted[2])
    for found in _AMOUNT.finditer(text):
        said, _ = _value(found)
        units = (1.0, 0.01) if share else _UNITS
        if any(abs(said * unit - value) <= step * 1.001 for unit in units) and said:
            return True
        if any(abs(said / unit - value) <= step * 1.001 for unit in units):
            return True
    return False


def _value(found: re.Match[str]) -> tuple[float, int]:
    digits = found[1].replace(",", "")
    return float(digits) * _factor(found[2]), len(digits.partition(".")[2])


def _factor(unit: str | None) -> float:
    return _TIMES.get((unit or "").lower(), 1.0)


def token_recall(text: str, wanted: str) -> float:
    """Return the share of the wanted words that a text holds, counted as often as they come."""
    words = tokens(wanted)
    common = (Counter(tokens(text)) & Counter(words)).total()
    return common / len(words) if words else 0.0


def rouge_l(text: str, references: Sequence[str]) -> float:
    """Return ROUGE-L (Lin, 2004): F of the longest common subsequence, over the best reference."""
    said = tokens(text)
    return max((_rouge(said, tokens(each)) for each in references), default=0.0)


def _rouge(said: Sequence[str], wanted: Sequence[str]) -> float:
    common = _longest_common(said, wanted)
    return 2 * common / (len(said) + len(wanted)) if common else 0.0


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for place, each in enumerate(other, 1):
            kept = row[place]
            row[place] = before + 1 if word == each else max(kept, row[place - 1])
            before = kept
    return row[-1]
