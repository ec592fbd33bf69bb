"""What the model is shown, and its draft taken apart into sentences with their markers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import cast, get_args

from citewell.app.answer_values import Evidence
from citewell.app.llms.protocol import Message, Role
from citewell.retrieval.sentences import split_sentences

_TURN = re.compile(r"^== (\w+)\n", re.MULTILINE)
_MARKERS = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LEADING_MARKERS = re.compile(rf"(?:{_MARKERS.pattern})+[.,;:]?\s*")
_PART_OF_MARKER = re.compile(r"\[[\d,\s]*")
_BRACKETED_NUMBERS = re.compile(r"\[(\s*\d+(?:\s*[,;–-]\s*\d+)*\s*)\]")
_TERMINAL = (".", "!", "?", "…", "。", "！", "？", '"', "”", ")", ":")


NOT_FOUND = "not found"
"""What the prompt tells a model to say when the evidence holds no answer."""


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence the model wrote, without its markers.

    Attributes:
        text: Never blank.
        markers: Numbers of evidence it named; they may name nothing.
        finished: False when the model stopped in the middle of it.
    """

    text: str
    markers: tuple[int, ...]
    finished: bool = True


def prompt(question: str, evidence: Sequence[Evidence]) -> list[Message]:
    """Return the messages that ask for an answer from the evidence."""
    shown = "\n".join(
        f"[{item.number}] ({_harmless(item.title)}) {_harmless(item.text)}" for item in evidence
    )
    fields = {
        "{evidence}": shown,
        "{question}": _harmless(question),
        "{not_found}": NOT_FOUND,
    }
    pattern = re.compile("|".join(map(re.escape, fields)))
    return [
        Message(role, pattern.sub(lambda found: fields[found[0]], text))
        for role, text in _template("answer")
    ]


@cache
def _template(name: str) -> tuple[tuple[Role, str], ...]:
    text = files("citewell.app").joinpath("prompts", f"{name}.txt").read_text("utf-8")
    parts = _TURN.split(text)[1:]
    turns = zip(parts[::2], parts[1::2], strict=True)
    return tuple((cast(Role, role), turn.strip()) for role, turn in turns if role in _ROLES)


_ROLES = get_args(Role)


def _harmless(text: str) -> str:
    """Return text on one line in which no numbered marker can be mistaken for one of ours."""
    return without_markers(" ".join(text.split()))


def without_markers(text: str) -> str:
    """Return text with numbers in parentheses where it has them in brackets."""
    return _BRACKETED_NUMBERS.sub(r"(\1)", text)


def is_refusal(sentence: DraftSentence) -> bool:
    """Tell whether the model says, as it was asked to, that the evidence holds no answer."""
    return sentence.text.strip(" .!\"'*").lower() == NOT_FOUND


def draft_sentences(pieces: Iterable[str]) -> Iterator[DraftSentence]:
    """Yield the sentences of a draft as it is written, each as soon as the next has begun.

    How the draft is cut into pieces makes no difference.
    """
    rest = ""
    for character in chain.from_iterable(pieces):
        begins_word = not character.isspace() and not rest[-1:].isalnum()
        rest += character
        if not begins_word:
            continue
        sentences = _take_apart(rest)
        if len(sentences) < 2 or _PART_OF_MARKER.fullmatch(sentences[-1][0].text):
            continue
        for sentence, _ in sentences[:-1]:
            yield sentence
        rest = rest[sentences[-1][1] :]
    for sentence, _ in _take_apart(rest):
        finished = sentence.text.endswith(_TERMINAL) or bool(sentence.markers)
        yield DraftSentence(sentence.text, sentence.markers, finished)


def _take_apart(text: str) -> list[tuple[DraftSentence, int]]:
    """Return the sentences of a text, each with the offset where it begins.

    Markers between two sentences belong to the first.
    """
    found: list[tuple[DraftSentence, int]] = []
    for start, end in split_sentences(text):
        leading = _LEADING_MARKERS.match(text, start, end) if found else None
        if leading:
            before, begun = found[-1]
            found[-1] = (replace(before, markers=before.markers + _numbers(leading[0])), begun)
            start += len(leading[0])
        span = text[start:end]
        words = _MARKERS.sub("", span).strip()
        if words:
            found.append((DraftSentence(words, _numbers(span)), start))
    return found


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(n) for group in _MARKERS.findall(text) for n in group.split(","))
