"""What a model must not write: targets gone wrong in the ways in which models go wrong."""

import random
import re
from collections.abc import Iterator, Sequence

from citewell.app.answer_values import Evidence
from citewell.app.drafting import NOT_FOUND
from citewell.app.fencing import shown_text
from citewell.app.tuning.matching import holds
from citewell.app.tuning.targets import told
from citewell.retrieval.words import STOP_WORDS, words

MOST = 3
"""Wrong targets of an example."""

_MARKER = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w.,]*\d|s\b)")
_FIGURE = re.compile(r"[$€£]?\d[\d,.]*\d%?|\b\d%?(?!\w)")
_NAME = re.compile(r"[A-Z][\w'’-]+(?:\s(?:of\s|the\s|de\s)?[A-Z][\w'’-]+)*")
_WANTS_FIGURE = re.compile(
    r"\b(?:when|how (?:many|much|long|old|far|often|big|large|tall|high)|what (?:year|date|day|"
    r"percentage|number)|which year|in what (?:year|century|decade))\b",
    re.IGNORECASE,
)


def instead_of_answer(
    question: str, target: str, evidence: Sequence[Evidence], pick: random.Random
) -> tuple[str, ...]:
    """Return wrong targets of a question that the evidence answers."""
    said = _MARKER.sub("", target).strip()
    ways = [
        wrong_marker(target, evidence, pick),
        changed_number(target, pick),
        _invented(question, evidence, [said.rstrip(".")], pick),
    ]
    wrong = [each for each in ways if each is not None and each != target]
    return (*list(dict.fromkeys(wrong))[: MOST - 1], NOT_FOUND)


def instead_of_refusal(
    question: str, evidence: Sequence[Evidence], tempting: Sequence[str], pick: random.Random
) -> tuple[str, ...]:
    """Return answers that the evidence does not give, those that look right first."""
    found = [_told_of(answer, evidence) for answer in tempting]
    found.append(_invented(question, evidence, (), pick))
    return tuple(dict.fromkeys(each for each in found if each is not None))[: MOST - 1]


def wrong_marker(target: str, evidence: Sequence[Evidence], pick: random.Random) -> str | None:
    """Return a target whose first marker names evidence that does not say it, if there is any."""
    used = {int(number) for number in _MARKER.findall(target)}
    said = _MARKER.split(target, maxsplit=1)[0].strip(" .")
    others = [
        each.number
        for each in evidence
        if each.number not in used and not holds(shown_text(each), [said])
    ]
    if not others:
        return None
    return _MARKER.sub(f"[{pick.choice(others)}]", target, count=1)


def changed_number(target: str, pick: random.Random) -> str | None:
    """Return a target with a number of it changed by one, if there is a number in its words."""
    said = _MARKER.sub(lambda found: "\0" * len(found[0]), target)
    found = list(_NUMBER.finditer(said))
    if not found:
        return None
    number = pick.choice(found)
    changed = _by_one(number[0], pick.choice((-1, 1)))
    return target[: number.start()] + changed + target[number.end() :]


def _by_one(number: str, step: int) -> str:
    whole, dot, rest = number.partition(".")
    plain = whole.replace(",", "")
    other = max(int(plain) + step, 0) if plain != "0" else 1
    grouped = f"{other:,}" if "," in whole else str(other).zfill(len(plain))
    return f"{grouped}{dot}{rest}"


def _told_of(answer: str, evidence: Sequence[Evidence]) -> str | None:
    """Return an answer with the marker of the evidence that has its words."""
    held = [each.number for each in evidence if holds(shown_text(each), [answer])]
    return told(answer.strip(" .,;"), held[:1]) if held else None


def _invented(
    question: str, evidence: Sequence[Evidence], answers: Sequence[str], pick: random.Random
) -> str | None:
    """Return a name or a number of the evidence that is not the answer, of the kind asked for."""
    asked = set(words(question))
    found = [
        (words_, each.number)
        for each in evidence
        for words_ in _of_kind(question, shown_text(each))
        if not set(words(words_)) <= asked | STOP_WORDS
        and not any(words_ in answer or answer in words_ for answer in answers)
    ]
    if not found:
        return None
    said, number = pick.choice(found)
    return told(said, [number])


def _of_kind(question: str, text: str) -> Iterator[str]:
    figures = [each[0].rstrip(",.") for each in _FIGURE.finditer(text)]
    yield from (figures if _WANTS_FIGURE.search(question) else ()) or _names(text)


def _names(text: str) -> Iterator[str]:
    """Yield the names in a text; a single word at the beginning of a sentence is none."""
    for found in _NAME.finditer(text):
        before = text[: found.start()].rstrip()
        if " " in found[0] or before[-1:] not in ("", ".", "!", "?", '"'):
            yield found[0]
