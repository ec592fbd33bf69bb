"""What the reader learns from: a question with one passage, and what in it answers."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bench.teach_questions import Asked, readable
from bench.teach_swaps import Pool, swapped
from citewell.app.reading.pairs import NO_UNIT, Window, windows
from citewell.app.reading.reader import ReadablePassage, Span
from citewell.app.tuning.matching import contains_answer

SWAPPED = 0.3
"""How often a question is taught together with one made from it."""

_WORD = re.compile(r"\w+")
_GAP = r"\W+"


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A window of a passage behind its question.

    Attributes:
        units: Numbers of the units in it.
        holds: Of each of these units, whether it holds the answer.
        spans: First and last token of each place where the answer stands.
    """

    window: Window
    units: NDArray[np.int64]
    holds: NDArray[np.bool_]
    spans: tuple[Span, ...]

    @property
    def answers(self) -> bool:
        """Whether it answers the question."""
        return bool(self.holds.any())


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A question with the passage it belongs to.

    Attributes:
        own: The passage that answers it or that it was written against.
        others: Passages that a search returned and that do not hold an accepted answer.
        swaps: The own passage with questions made by rule that it does not answer.
    """

    own: Example
    others: tuple[Example, ...]
    swaps: tuple[Example, ...]

    def draw(self, rng: random.Random) -> list[Example]:
        """Return the own passage, one of the others and, now and then, one of the swaps."""
        drawn = [self.own, *rng.sample(self.others, min(1, len(self.others)))]
        if self.swaps and rng.random() < SWAPPED:
            drawn.append(rng.choice(self.swaps))
        return drawn


def lessons(asked: Sequence[Asked], tokenizer: Tokenizer, seed: int) -> Iterator[Lesson]:
    """Yield what can be learned from questions; none where the search missed the passage."""
    rng = random.Random(seed)
    pool = Pool(sorted({passage.text for each in asked for passage in each.passages}))
    for each in asked:
        passage = _own(each)
        if passage is None:
            continue
        example = _example(tokenizer, each.text, passage, each.answers)
        if each.answerable and not example.answers:
            continue
        yield Lesson(
            own=example,
            others=tuple(_nothing(tokenizer, each.text, other) for other in _others(each)),
            swaps=tuple(
                _nothing(tokenizer, question, passage)
                for question in _swaps(each, passage.text, pool, rng)
            ),
        )


def _own(asked: Asked) -> ReadablePassage | None:
    """Return the passage a question belongs to; None when the search missed it."""
    own = [each for each in asked.passages if each.document in asked.documents]
    if asked.answerable:
        own = [each for each in own if contains_answer(each.text, asked.answers)]
    return readable(own[0]) if own else None


def _others(asked: Asked) -> Iterator[ReadablePassage]:
    for each in asked.passages:
        if each.document not in asked.documents and not contains_answer(each.text, asked.answers):
            yield readable(each)


def _swaps(asked: Asked, text: str, pool: Pool, rng: random.Random) -> list[str]:
    if not asked.answerable:
        return []
    found = swapped(asked.text, text, asked.answers, pool, rng)
    return rng.sample(found, min(2, len(found)))


def _nothing(tokenizer: Tokenizer, question: str, passage: ReadablePassage) -> Example:
    return _example(tokenizer, question, passage, ())


def _example(
    tokenizer: Tokenizer, question: str, passage: ReadablePassage, answers: Sequence[str]
) -> Example:
    """Return the first window that holds the answer, or the first of all."""
    spans = answer_spans(passage.text, answers)
    texts = [passage.text[start:end] for start, end in passage.units]
    holds = [contains_answer(text, answers) for text in texts]
    found = []
    for window in windows(tokenizer, question, passage):
        units = np.unique(window.units[window.units != NO_UNIT]).astype(np.int64)
        held = np.array([holds[unit] for unit in units], bool)
        found.append(Example(window, units, held, tuple(_token_spans(window, spans))))
    return max(found, key=lambda each: (each.answers, bool(each.spans)))


def answer_spans(text: str, answers: Sequence[str]) -> list[Span]:
    """Return where accepted answers stand in a text as whole words, case and marks aside."""
    found: set[Span] = set()
    for answer in answers:
        words = [re.escape(word) for word in _WORD.findall(answer)]
        if words:
            pattern = rf"(?<!\w){_GAP.join(words)}(?!\w)"
            found.update(match.span() for match in re.finditer(pattern, text, re.IGNORECASE))
    return sorted(found)


def _token_spans(window: Window, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the first and last token of each span that stands wholly in a window."""
    for start, end in spans:
        held = [i for i, (a, b) in enumerate(window.offsets) if a < end and start < b]
        if held and window.offsets[held[0]][0] <= start and end <= window.offsets[held[-1]][1]:
            yield window.first + held[0], window.first + held[-1]
