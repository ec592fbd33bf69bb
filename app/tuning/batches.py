"""Examples in tokens, in batches of about one length.

Examples of nearly one length stand in a batch, so that hardly a token is padding. That is what
packing several examples into one row is for, and here none has to be kept from seeing another.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

SORTED_TOGETHER = 64
"""Batches' worth of examples that are sorted by length: more pads less and mixes less."""


@dataclass(frozen=True, slots=True)
class Row:
    """A prompt with an answer, in tokens.

    Attributes:
        prompt: Up to where the answer begins.
        answer: With the token that ends it.
    """

    prompt: tuple[int, ...]
    answer: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.answer)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows padded at their ends, which causal attention never looks at.

    Attributes:
        ids: Shape ``(rows, length)``.
        at: Positions that foretell the tokens of answers, in flattened ``ids``.
        wanted: The tokens foretold there.
        weights: Of these; those of a row add up to 1.
        owners: The row of each.
        tokens: Without padding.
    """

    ids: "Tensor"
    at: "Tensor"
    wanted: "Tensor"
    weights: "Tensor"
    owners: "Tensor"
    tokens: int


def plan(lengths: Sequence[int], most_tokens: int, seed: int) -> list[list[int]]:
    """Return the numbers of examples, batch by batch, in the order of one epoch.

    A batch holds at least one example, however long that is.
    """
    order = list(range(len(lengths)))
    chance = random.Random(seed)
    chance.shuffle(order)
    typical = max(1, sum(lengths) // max(1, len(lengths)))
    together = max(1, SORTED_TOGETHER * most_tokens // typical)
    found: list[list[int]] = []
    for start in range(0, len(order), together):
        found += _cut(
            sorted(order[start : start + together], key=lengths.__getitem__), lengths, most_tokens
        )
    chance.shuffle(found)
    return found


def _cut(order: Sequence[int], lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Cut an order of rising lengths where the next example would take a batch over its tokens."""
    batches: list[list[int]] = []
    for number in order:
        if not batches or (len(batches[-1]) + 1) * lengths[number] > most_tokens:
            batches.append([])
        batches[-1].append(number)
    return batches


def padding(lengths: Sequence[int], batches: Sequence[Sequence[int]]) -> float:
    """Return which share of the tokens of the batches is padding."""
    filled = sum(max(lengths[each] for each in batch) * len(batch) for batch in batches)
    real = sum(lengths[each] for batch in batches for each in batch)
    return 1 - real / filled if filled else 0.0


def batch_of(rows: Sequence[Row], device: str = "cpu") -> Batch:
    """Return rows as tensors."""
    import torch

    longest = max(map(len, rows))
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    at: list[int] = []
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row.prompt + row.answer)
        first = number * longest + len(row.prompt) - 1
        at += range(first, first + len(row.answer))
    counts = torch.tensor([len(row.answer) for row in rows])
    return Batch(
        ids.to(device),
        torch.tensor(at, device=device),
        torch.tensor([token for row in rows for token in row.answer], device=device),
        (1 / counts).repeat_interleave(counts).to(device),
        torch.arange(len(rows)).repeat_interleave(counts).to(device),
        sum(map(len, rows)),
    )
