"""Learning which of several answers is right (Rafailov et al. 2023, "Direct Preference
Optimization", arXiv:2305.18290; with more than one wrong answer its appendix A.3).

The adapter as it was after the examples is the reference. What it makes of all answers is worked
out once, so that it need not be kept. The answers to a question stand behind one prompt, which is
read once for all of them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from citewell.app.tuning.batches import Batch, Row, batch_of, plan
from citewell.app.tuning.learner import Learner
from citewell.app.tuning.training import Stage

if TYPE_CHECKING:
    from torch import Tensor

BETA = 0.1
"""How far the model may go from the reference: less lets it go farther."""

KEPT = 1.0
"""Weight of learning the right answer by itself, which would else lose likelihood as well (Pang
et al. 2024, "Iterative Reasoning Preference Optimization", arXiv:2404.19733)."""

RATE = 0.03
"""Of the rate at which examples are learned. At 0.1, with `KEPT` at 0.2, the loss of right answers
that were not learned rose from 0.29 to 0.72 (the bundled model, 700 rows)."""


def reference_of(learner: Learner, rows: Sequence[Row], most_tokens: int) -> "Tensor":
    """Return log-probabilities of whole answers, shape ``(rows, most answers)``; else 0."""
    import torch

    found = torch.zeros((len(rows), _most(rows)))
    for numbers in plan([len(row) for row in rows], most_tokens, 0):
        chosen = [rows[number] for number in numbers]
        batch = batch_of(chosen, learner.device)
        with torch.inference_mode():
            sums = _by_row(_sums(learner.answers(batch).logprobs, batch), chosen, 0.0).cpu()
        found[torch.tensor(numbers), : sums.shape[1]] = sums
    return found


def preference_stage(
    learner: Learner,
    rows: Sequence[Row],
    reference: "Tensor",
    batches: Sequence[Sequence[int]],
    rate: float,
) -> Stage:
    """Return the stage in which the right answers, the first of each row, are told from others.

    Args:
        learner: With the adapter to start from.
        rows: Each with two answers or more.
        reference: As `reference_of` returns it.
        batches: Numbers of rows.
        rate: Highest learning rate.
    """

    def loss(numbers: Sequence[int]) -> tuple["Tensor", int]:
        chosen = [rows[number] for number in numbers]
        batch = batch_of(chosen, learner.device)
        sums = _by_row(_sums(learner.answers(batch).logprobs, batch), chosen, float("-inf"))
        before = reference[list(numbers), : sums.shape[1]].to(sums.device)
        kept = -sums[:, 0].sum() / sum(len(row.answers[0]) for row in chosen)
        return preference_loss(sums, before) + KEPT * kept, batch.tokens

    return Stage("preference", batches, 1, rate, loss)


def preference_loss(sums: "Tensor", reference: "Tensor") -> "Tensor":
    """Return how unlikely the right answers are to be taken for the best, by what each gained.

    Args:
        sums: Log-probabilities, shape ``(rows, answers)``, the right answers first; where a row
            has fewer, minus infinity.
        reference: The same of the reference.
    """
    return -(BETA * (sums - reference)).log_softmax(-1)[:, 0].mean()


def _sums(values: "Tensor", batch: Batch) -> "Tensor":
    """Return the sums over the tokens of each answer."""
    return values.new_zeros(int(batch.owners[-1]) + 1).index_add(0, batch.owners, values)


def _by_row(values: "Tensor", rows: Sequence[Row], filler: float) -> "Tensor":
    """Return values of answers in shape ``(rows, most answers)``."""
    import torch
    from torch.nn.utils.rnn import pad_sequence

    parts = torch.split(values, [len(row.answers) for row in rows])
    return pad_sequence(list(parts), batch_first=True, padding_value=filler)


def _most(rows: Sequence[Row]) -> int:
    return max(len(row.answers) for row in rows)
