"""Examples in tokens, in batches of about one length.

Examples of nearly one length stand in a batch, so that hardly a token is padding. That is what
packing several examples into one row is for, and here none has to be kept from seeing another.
The tokens that all rows of a batch begin with, such as those of the instructions, are read once.
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
    """A prompt with answers, in tokens. The answers do not see each other.

    Attributes:
        prompt: Up to where an answer begins.
        answers: Each with the token that ends it.
    """

    prompt: tuple[int, ...]
    answers: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.prompt) + sum(map(len, self.answers))


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows padded at their ends, which causal attention never looks at.

    Attributes:
        shared: Tokens that all rows begin with; shape ``(shared,)``, as likely as not empty.
        ids: The others; shape ``(rows, length)``.
        positions: Of these; None where each comes after the one before.
        visible: Which tokens each of ``ids`` may look at, shape ``(rows, 1, length, shared +
            length)``; None for all before it.
        at: Where in flattened ``ids`` a token of an answer is foretold.
        wanted: The tokens foretold there.
        owners: The answers they belong to, counted through the batch.
        tokens: Of the rows, without padding.
    """

    shared: "Tensor"
    ids: "Tensor"
    positions: "Tensor | None"
    visible: "Tensor | None"
    at: "Tensor"
    wanted: "Tensor"
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
        rising = sorted(order[start : start + together], key=lengths.__getitem__)
        found += _cut(rising, lengths, most_tokens)
    chance.shuffle(found)
    return found


def _cut(rising: Sequence[int], lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Cut an order of rising lengths where the next example would take a batch over its tokens."""
    batches: list[list[int]] = []
    for number in rising:
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

    shared = _shared(rows)
    longest = max(map(len, rows)) - len(shared)
    ids = torch.zeros((len(rows), longest), dtype=torch.long)
    at: list[int] = []
    for number, row in enumerate(rows):
        rest = row.prompt[len(shared) :] + sum(row.answers, ())
        ids[number, : len(rest)] = torch.tensor(rest)
        at += (number * longest + place for place in _foretelling(row, len(shared)))
    answers = [answer for row in rows for answer in row.answers]
    counts = torch.tensor([len(answer) for answer in answers])
    branched = any(len(row.answers) > 1 for row in rows)
    positions, visible = _branches(rows, len(shared), longest) if branched else (None, None)
    return Batch(
        torch.tensor(shared, dtype=torch.long, device=device),
        ids.to(device),
        positions.to(device) if positions is not None else None,
        visible.to(device) if visible is not None else None,
        torch.tensor(at, device=device),
        torch.tensor(sum(answers, ()), device=device),
        torch.arange(len(answers)).repeat_interleave(counts).to(device),
        sum(map(len, rows)),
    )


def _shared(rows: Sequence[Row]) -> tuple[int, ...]:
    """Return the tokens that several rows begin with, short of the last of a prompt."""
    if len(rows) < 2:
        return ()
    prompts = [row.prompt for row in rows]
    first, last = min(prompts), max(prompts)  # of sorted prompts these differ the earliest
    most = min(map(len, prompts)) - 1
    alike = (place for place in range(most) if first[place] != last[place])
    return first[: next(alike, most)]


def _foretelling(row: Row, shared: int) -> list[int]:
    """Return for each token of the answers where it is foretold, from the shared tokens on."""
    places: list[int] = []
    last = start = len(row.prompt) - shared
    for answer in row.answers:
        places += [last - 1, *range(start, start + len(answer) - 1)]
        start += len(answer)
    return places


def _branches(rows: Sequence[Row], shared: int, longest: int) -> tuple["Tensor", "Tensor"]:
    """Return positions and what is visible where prompts go on in more than one way."""
    import torch

    positions = torch.arange(shared, shared + longest).repeat(len(rows), 1)
    branch = torch.zeros((len(rows), shared + longest), dtype=torch.long)
    for number, row in enumerate(rows):
        start = len(row.prompt)
        for which, answer in enumerate(row.answers, 1):
            stop = start + len(answer)
            branch[number, start:stop] = which
            after = torch.arange(len(row.prompt), len(row.prompt) + len(answer))
            positions[number, start - shared : stop - shared] = after
            start = stop
    causal = torch.ones((longest, shared + longest), dtype=torch.bool).tril(shared)
    own = branch[:, shared:, None] == branch[:, None, :]
    return positions, (causal & (own | (branch == 0)[:, None, :]))[:, None]
