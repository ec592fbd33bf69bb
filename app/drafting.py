"""The draft of a model, taken apart into sentences with their markers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from citewell.app.llms.thinking import without_thinking
from citewell.retrieval.sentences import split_sentences

_MARKERS = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LEADING_MARKERS = re.compile(rf"(?:{_MARKERS.pattern})+[.,;:]?\s*")
_PART_OF_MARKER = re.compile(r"\[[\d,\s]*")
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


def is_refusal(sentence: DraftSentence) -> bool:
    """Tell whether the model says, as it was asked to, that the evidence holds no answer."""
    return sentence.text.strip(" .!\"'*").lower() == NOT_FOUND


def draft_sentences(pieces: Iterable[str], *, thinks: bool = False) -> Iterator[DraftSentence]:
    """Yield the sentences of a draft as it is written, each as soon as the next has begun.

    How the draft is cut into pieces makes no difference. Thinking in tags is left out.

    Args:
        pieces: The draft as it is written.
        thinks: Whether the model was asked to think first: the draft then begins at the first
            ``</think>``.
    """
    rest = ""
    for character in chain.from_iterable(without_thinking(pieces, begun=thinks)):
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
