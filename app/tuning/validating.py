"""How well examples that are not learned are answered, while others are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from citewell.app.tuning.batches import Row, batch_of, plan
from citewell.app.tuning.learner import Learner


@dataclass(frozen=True, slots=True)
class Checked:
    """Figures over some examples.

    Attributes:
        loss: Mean over all tokens of answers, as what is learned is counted.
        exact: Share for which the likeliest tokens are the target, token by token.
        declined: Share of those to be declined for which they are.
        falsely: Share of the others for which they begin as the refusal does.
    """

    loss: float
    exact: float
    declined: float
    falsely: float


@dataclass(frozen=True, slots=True)
class _Answered:
    losses: tuple[float, ...]
    exact: bool
    refusal: bool
    first: int


def check(
    learner: Learner, rows: Sequence[Row], refusal: tuple[int, ...], most_tokens: int
) -> Checked:
    """Return how well rows are answered by the likeliest tokens.

    Nothing has to be written for that: a target is exactly what would be written if each of its
    tokens is the likeliest after those before it.

    Args:
        learner: The model.
        rows: At least one, each with one answer.
        refusal: The answer that declines.
        most_tokens: Of a batch.
    """
    found = list(_answered(learner, rows, refusal, most_tokens))
    return Checked(
        loss=_mean([loss for each in found for loss in each.losses]),
        exact=_mean([each.exact for each in found]),
        declined=_mean([each.exact for each in found if each.refusal]),
        falsely=_mean([each.first == refusal[0] for each in found if not each.refusal]),
    )


def _answered(
    learner: Learner, rows: Sequence[Row], refusal: tuple[int, ...], most_tokens: int
) -> Iterator[_Answered]:
    import torch

    for numbers in plan([len(row) for row in rows], most_tokens, 0):
        batch = batch_of([rows[number] for number in numbers], learner.device)
        with torch.inference_mode():
            found = learner.answers(batch)
        start = 0
        for number in numbers:
            (answer,) = rows[number].answers
            there = slice(start, start + len(answer))
            start += len(answer)
            likeliest = tuple(found.likeliest[there].tolist())
            losses = tuple((-found.logprobs[there]).tolist())
            yield _Answered(losses, likeliest == answer, answer == refusal, likeliest[0])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
