"""How examples are put into batches, and what a model makes of them."""

import random
from itertools import pairwise

import pytest
import torch

from citewell.app.tuning.base_model import BaseModel
from citewell.app.tuning.batches import Row, batch_of, padding, plan
from citewell.app.tuning.learner import Learner
from citewell.app.tuning.preference import preference_loss
from citewell.app.tuning.schedule import rate_at
from citewell.app.tuning.training import answer_loss
from citewell.app.tuning.validating import check

WORDS = 100


@pytest.fixture(params=["eager", "sdpa"])
def learner(request: pytest.FixtureRequest) -> Learner:
    """Put an adapter with random weights on a tiny Llama in fp32."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        vocab_size=WORDS,
    )
    model = LlamaForCausalLM(config)
    model.set_attn_implementation(request.param)
    base = BaseModel("tiny", "", model, None, ())
    found = Learner(base, 4, 8, 0)
    state = {name: torch.randn_like(value) * 0.05 for name, value in found.state().items()}
    found.restore(state)
    return found


def row(prompt: int, *answers: int, begin: tuple[int, ...] = (), seed: int = 0) -> Row:
    chance = random.Random(f"{prompt} {answers} {seed}")

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(chance.randrange(WORDS) for _ in range(count))

    return Row(begin + tokens(prompt), tuple(tokens(count) for count in answers))


def learned(learner: Learner, batches: list[list[Row]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the log-probabilities of answers in batches, and the gradient of their sum."""
    parts = [learner.answers(batch_of(rows)).logprobs for rows in batches]
    values = torch.cat(parts)
    weights = [each for each in learner.tuned.parameters() if each.requires_grad]
    gradients = torch.autograd.grad(values.sum(), weights)
    return values.detach(), torch.cat([each.flatten() for each in gradients])


def test_an_epoch_holds_each_example_once() -> None:
    lengths = [random.Random(7).randrange(5, 60) for _ in range(100)]

    batches = plan(lengths, 200, seed=1)

    assert sorted(number for batch in batches for number in batch) == list(range(100))


def test_no_batch_is_larger_than_wanted_with_its_padding() -> None:
    lengths = list(range(5, 60)) * 3

    batches = plan(lengths, 200, seed=1)

    assert max(max(lengths[each] for each in batch) * len(batch) for batch in batches) <= 200


def test_an_example_that_is_too_long_for_a_batch_has_one_for_itself() -> None:
    assert sorted(plan([10, 500, 10], 100, seed=0)) == [[0, 2], [1]]


def test_the_seed_fixes_the_order() -> None:
    lengths = list(range(5, 60)) * 3

    first, again, other = (plan(lengths, 200, seed) for seed in (1, 1, 2))

    assert (first == again, first == other) == (True, False)


def test_hardly_a_token_is_padding() -> None:
    chance = random.Random(0)
    lengths = [chance.randrange(120, 320) for _ in range(3_000)]

    assert padding(lengths, plan(lengths, 2_048, seed=0)) < 0.02


def test_a_batch_reads_its_common_beginning_once() -> None:
    rows = [row(3, 2, begin=(1, 2, 3)), row(5, 1, begin=(1, 2, 3))]

    batch = batch_of(rows)

    assert (batch.shared.tolist(), tuple(batch.ids.shape), batch.tokens) == ([1, 2, 3], (2, 6), 17)


def test_the_last_token_of_a_prompt_is_never_shared() -> None:
    rows = [Row((1, 2, 3), ((4, 5),)), Row((1, 2, 3), ((6, 7),))]

    assert batch_of(rows).shared.tolist() == [1, 2]


def test_rows_in_a_batch_are_read_as_each_by_itself(learner: Learner) -> None:
    rows = [row(5 + number, 2 + number, begin=(1, 2, 3)) for number in range(4)]

    alone, gradient_alone = learned(learner, [[each] for each in rows])
    together, gradient_together = learned(learner, [rows])

    torch.testing.assert_close(together, alone)
    torch.testing.assert_close(gradient_together, gradient_alone)


def test_answers_behind_one_prompt_do_not_see_each_other(learner: Learner) -> None:
    rows = [row(5 + number, 3, 2 + number, 4, begin=(1, 2, 3)) for number in range(3)]
    single = [[Row(each.prompt, (answer,))] for each in rows for answer in each.answers]

    alone, gradient_alone = learned(learner, single)
    together, gradient_together = learned(learner, [rows])

    torch.testing.assert_close(together, alone)
    torch.testing.assert_close(gradient_together, gradient_alone)


def test_every_token_of_an_answer_counts_alike() -> None:
    assert answer_loss(torch.tensor([-1.0, -3.0, -3.0, -3.0])).item() == pytest.approx(2.5)


def test_a_row_whose_every_token_is_the_likeliest_is_answered_word_for_word(
    learner: Learner,
) -> None:
    prompt = tuple(range(10))
    written = greedy(learner, prompt, 3)
    missed = ((written[0] + 1) % WORDS, 5)
    rows = [Row(prompt, (written,)), Row(prompt, (missed,))]

    checked = check(learner, rows, refusal=missed, most_tokens=1_000)

    assert (checked.exact, checked.declined, checked.falsely) == (0.5, 0.0, 0.0)


def greedy(learner: Learner, prompt: tuple[int, ...], count: int) -> tuple[int, ...]:
    ids = list(prompt)
    for _ in range(count):
        logits = learner.tuned(input_ids=torch.tensor([ids])).logits
        ids.append(int(logits[0, -1].argmax()))
    return tuple(ids[len(prompt) :])


def test_a_preference_that_gained_nothing_is_a_guess() -> None:
    sums = torch.tensor([[-3.0, -5.0, -9.0]])

    assert preference_loss(sums, sums.clone()).item() == pytest.approx(1.0986, abs=1e-4)


def test_a_preference_counts_what_was_gained_on_the_reference() -> None:
    gained = torch.tensor([[-1.0, -20.0]])
    reference = torch.tensor([[-11.0, -10.0]])

    assert preference_loss(gained, reference).item() == pytest.approx(0.1269, abs=1e-4)


def test_a_row_with_fewer_wrong_answers_is_judged_by_those_it_has() -> None:
    none = float("-inf")
    sums = torch.tensor([[-1.0, -20.0, none]])
    reference = torch.tensor([[-11.0, -10.0, 0.0]])

    assert preference_loss(sums, reference).item() == pytest.approx(0.1269, abs=1e-4)


def test_the_rate_rises_then_falls_to_a_twentieth() -> None:
    rates = [rate_at(step, 100, 1.0) for step in range(100)]

    assert (rates[0], rates[4], round(rates[99], 3)) == (0.2, 1.0, 0.05)
    assert all(later <= earlier for earlier, later in pairwise(rates[4:]))
