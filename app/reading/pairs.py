"""Question and passage as one sequence of tokens, cut into windows where it is too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from citewell.app.reading.reader import ReadablePassage, Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TOKENS = 256
"""Tokens of a window. Attention costs their square; a passage of 900 characters has about 200."""

MOST_QUESTION, MOST_CONTEXT = 48, 24
"""Tokens of the question and of title and headings that count."""

OVERLAP = 64
"""Tokens that a window shares with the one before it: about two sentences."""

CLS, SEP = 101, 102
"""Numbers of the tokens at the beginning and between the parts (BERT: Devlin et al., 2018)."""

NO_UNIT = -1


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a passage: ``[CLS] question [SEP] context [SEP] text [SEP]``.

    Attributes:
        ids: Numbers of all tokens, shape ``(tokens,)``.
        second: Where the context begins: tokens from there on are of the second type.
        first: Where the text begins.
        offsets: Of each token of the text its place in the passage.
        units: Of each token of the text the number of its unit, or `NO_UNIT`.
    """

    ids: NDArray[np.int32]
    second: int
    first: int
    offsets: tuple[Span, ...]
    units: NDArray[np.int32]


def load_tokenizer(file: Path) -> "Tokenizer":
    """Return the tokenizer of a ``tokenizer.json``, without truncation and padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def windows(tokenizer: "Tokenizer", question: str, passage: ReadablePassage) -> list[Window]:
    """Return the windows that together hold all of a passage; at least one."""
    asked, context, text = tokenizer.encode_batch(
        [question, passage.context, passage.text], add_special_tokens=False
    )
    head = [CLS, *asked.ids[:MOST_QUESTION], SEP]
    second = len(head)
    head += [*context.ids[:MOST_CONTEXT], SEP]
    units = unit_of_each(text.offsets, passage.units)
    return [
        Window(
            ids=np.array([*head, *text.ids[start:end], SEP], np.int32),
            second=second,
            first=len(head),
            offsets=tuple(text.offsets[start:end]),
            units=units[start:end],
        )
        for start, end in _stretches(len(text.ids), MAX_TOKENS - len(head) - 1)
    ]


def unit_of_each(offsets: Sequence[Span], units: Sequence[Span]) -> NDArray[np.int32]:
    """Return of each token the number of the unit it begins in, or `NO_UNIT`."""
    found = np.full(len(offsets), NO_UNIT, np.int32)
    begins = np.array([start for start, _ in offsets], np.int64)
    for number, (start, end) in enumerate(units):
        found[(begins >= start) & (begins < end)] = number
    return found


def _stretches(count: int, room: int) -> Iterator[Span]:
    """Yield overlapping stretches of at most ``room`` tokens that together hold all."""
    start = 0
    while start + room < count:
        yield start, start + room
        start += room - OVERLAP
    yield start, count
