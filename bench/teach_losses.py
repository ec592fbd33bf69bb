"""What the reader is taught to get right."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from bench.teach_examples import Example
from bench.teach_model import Read

NO_ANSWER = 0.5
"""Weight of finding no span where there is none, against that of finding one."""

UNITS = 1 / 3
"""Weight of a unit's loss against that of a passage, which has about seven units."""

SPANS = 0.5


class Losses(NamedTuple):
    """Their sum is what is made small.

    Attributes:
        answers: Cross entropy of whether passages answer.
        units: Of whether units hold the answer.
        ranking: Of the units that hold it against all units read for the question: the listwise
            loss of Cao et al. (2007), with the sum over those that hold it (Guu et al., 2018).
        spans: Of where the answer begins and ends; that it does so nowhere is a place too.
    """

    answers: Tensor
    units: Tensor
    ranking: Tensor
    spans: Tensor

    def total(self) -> Tensor:
        """Return the weighted sum."""
        return self.answers + UNITS * self.units + self.ranking + SPANS * self.spans


def losses(read: Read, drawn: Sequence[Sequence[Example]]) -> Losses:
    """Return the losses of a batch: of each question the passage it belongs to and others."""
    examples = [example for each in drawn for example in each]
    truth = torch.tensor([float(example.answers) for example in examples])
    scores = [
        row[torch.from_numpy(example.units)]
        for row, example in zip(read.units, examples, strict=True)
    ]
    units = [_units(*pair) for pair in zip(scores, examples, strict=True)]
    return Losses(
        functional.binary_cross_entropy_with_logits(read.answers, truth),
        torch.stack(units).mean(),
        _ranking(scores, drawn),
        _spans(read, examples),
    )


def _units(scores: Tensor, example: Example) -> Tensor:
    """Return the loss of one passage; where words stand twice, one place may be the answer."""
    holds = torch.from_numpy(example.holds)
    wrong = functional.softplus(scores[~holds]).sum()
    right = functional.softplus(-scores[holds])
    if not len(right):
        return wrong
    return wrong + right.min()


def _ranking(scores: Sequence[Tensor], drawn: Sequence[Sequence[Example]]) -> Tensor:
    found = []
    first = 0
    for each in drawn:
        own = torch.cat(list(scores[first : first + len(each)]))
        holds = torch.cat([torch.from_numpy(example.holds) for example in each])
        first += len(each)
        if holds.any() and not holds.all():
            found.append(torch.logsumexp(own, 0) - torch.logsumexp(own[holds], 0))
    return torch.stack(found).mean() if found else torch.zeros(())


def _spans(read: Read, examples: Sequence[Example]) -> Tensor:
    start, end = torch.log_softmax(read.start, -1), torch.log_softmax(read.end, -1)
    total, weight = torch.zeros(()), 0.0
    for row, example in enumerate(examples):
        if example.spans:
            places = [start[row, first] + end[row, last] for first, last in example.spans]
            total, weight = total - torch.logsumexp(torch.stack(places), 0), weight + 1
        elif not example.answers:
            total = total - NO_ANSWER * (start[row, 0] + end[row, 0])
            weight += NO_ANSWER
    return total / max(weight, 1.0)
