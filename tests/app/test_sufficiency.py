"""A question is declined when the evidence does not answer it, and the reason is named."""

import math
from collections.abc import Mapping
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.app.evidence import Candidate, Scored
from citewell.app.features import Features, Question
from citewell.app.signals import Signals
from citewell.app.sufficiency import (
    BY_READING,
    BY_WORDS,
    NO_HINT,
    UNTESTED,
    Calibration,
    Fitness,
    Model,
    Outcome,
    Sufficiency,
    judge,
    judge_after,
    judge_log_odds,
    probability,
)
from citewell.retrieval.values import Chunk, Passage, Scores

TEXT = "Cats sleep fourteen hours."
NONE = Signals(**dict.fromkeys((field.name for field in fields(Signals)), 0.0))
JUDGED = Sufficiency(0.6, 0.25, None, NONE)


def scored(
    similarity: float, passage: float, rank: int = 1, text: str = TEXT, answers: float = 0.0
) -> Scored:
    chunk = Chunk(f"{rank}.md", 0, len(text), text)
    found = Passage(rank, chunk, "Pets", 1.0, Scores(dense=passage))
    features = Features(0.0, 0.0, similarity, 1 / rank, passage, 0.0, 0.0, 0.0, answers=answers)
    return Scored(Candidate(found, 0, len(text), text, ""), features)


def question(weights: Mapping[str, float]) -> Question:
    return Question("?", weights)


SHARES = st.floats(0, 1)
LOG_ODDS = st.floats(-50, 50)
READER = {"answers"}
ANY_SIGNALS = st.builds(
    Signals,
    **{field.name: LOG_ODDS if field.name in READER else SHARES for field in fields(Signals)},
)


@given(ANY_SIGNALS, st.sampled_from([BY_WORDS, BY_READING]))
def test_a_probability_lies_between_none_and_certainty(found: Signals, model: Model) -> None:
    assert 0 <= probability(model.log_odds(found)) <= 1


@given(
    ANY_SIGNALS,
    st.sampled_from([field.name for field in fields(Signals)]),
    st.floats(0, 1),
    st.sampled_from([BY_WORDS, BY_READING]),
)
def test_no_signal_that_grows_makes_an_answer_less_probable(
    found: Signals, name: str, more: float, model: Model
) -> None:
    grown = replace(found, **{name: getattr(found, name) + more})

    assert model.log_odds(grown) >= model.log_odds(found) - 1e-9


@pytest.mark.parametrize("value", [-1e9, -700.0, 0.0, 700.0, 1e9, math.inf, -math.inf])
def test_log_odds_of_any_size_have_a_probability(value: float) -> None:
    assert 0 <= probability(value) <= 1


def test_without_evidence_nothing_matches() -> None:
    judged = judge(question({"cat": 0.5}), [])

    assert (judged.reason, judged.probability, judged.signals) == ("no_match", 0.0, None)


def test_without_evidence_the_log_odds_are_far_below_nothing() -> None:
    assert judge_log_odds(question({"cat": 0.5}), []) == -12.0


def test_good_evidence_is_not_declined() -> None:
    assert judge(question({"cat": 0.5}), [scored(0.9, 0.9)]).suffices


def test_words_that_stand_nowhere_match_nothing() -> None:
    asked = question({"moon": 1.0, "mars": 1.0, "cat": 0.5})

    assert judge(asked, [scored(0.0, 0.3)]).reason == "no_match"


def test_passages_far_from_the_question_are_off_topic() -> None:
    assert judge(question({"dog": 0.5}), [scored(0.0, 0.1)]).reason == "off_topic"


def test_passages_near_the_question_without_its_answer_are_a_weak_match() -> None:
    asked = question({"dog": 0.5, "run": 0.5})

    assert judge(asked, [scored(0.05, 0.31)], Calibration(threshold=0.99)).reason == "weak_match"


def test_the_threshold_decides() -> None:
    asked, evidence = question({"cat": 0.5}), [scored(0.5, 0.6)]
    value = judge(asked, evidence).probability

    assert judge(asked, evidence, Calibration(threshold=value)).suffices
    assert not judge(asked, evidence, Calibration(threshold=value + 0.001)).suffices
    assert judge(asked, evidence, Calibration(threshold=0.0)).suffices


def test_a_calibration_moves_the_probability() -> None:
    asked, evidence = question({"cat": 0.5}), [scored(0.5, 0.6)]
    log_odds = judge_log_odds(asked, evidence)

    moved = judge(asked, evidence, Calibration(slope=0.5, offset=1.0)).probability

    assert moved == pytest.approx(1 / (1 + math.exp(-(0.5 * log_odds + 1))))


def test_evidence_that_was_read_is_judged_by_the_reading() -> None:
    asked = question({"cat": 0.5})

    judged = judge(asked, [scored(0.5, 0.6, answers=3.0)])

    assert judged.threshold == BY_READING.threshold
    assert judged.signals is not None
    assert judged.signals.answers == 3.0


def test_a_refusal_of_the_bundled_model_changes_nothing() -> None:
    assert judge_after(JUDGED, Outcome(refused=True), NO_HINT) == JUDGED


def test_a_refusal_is_a_hint_that_counts_where_the_evidence_is_doubtful() -> None:
    doubtful = replace(JUDGED, probability=0.3)

    assert judge_after(JUDGED, Outcome(refused=True), UNTESTED).reason is None
    assert judge_after(doubtful, Outcome(refused=True), UNTESTED).reason == "not_supported"


def test_a_refusal_of_a_model_that_seldom_errs_is_believed() -> None:
    fit = Fitness(refusal=3.0, unsupported=1.0, elsewhere=0.5)

    after = judge_after(JUDGED, Outcome(refused=True), fit)

    assert after.reason == "not_supported"
    assert after.probability == pytest.approx(1 / (1 + math.exp(3 - math.log(1.5))))


def test_a_draft_that_nothing_supports_speaks_against_an_answer() -> None:
    fit = Fitness(refusal=3.0, unsupported=1.0, elsewhere=0.5)

    after = judge_after(JUDGED, Outcome(drafted=2, supported=0), fit)

    assert after.probability == pytest.approx(1 / (1 + math.exp(1 - math.log(1.5))))


def test_a_draft_that_rests_on_other_evidence_speaks_against_an_answer() -> None:
    fit = Fitness(refusal=3.0, unsupported=1.0, elsewhere=0.5)

    after = judge_after(JUDGED, Outcome(drafted=2, supported=1), fit)

    assert after.probability == pytest.approx(1 / (1 + math.exp(0.5 - math.log(1.5))))


def test_a_draft_that_rests_on_the_best_evidence_changes_nothing() -> None:
    fit = Fitness(refusal=3.0, unsupported=1.0, elsewhere=0.5)

    assert judge_after(JUDGED, Outcome(drafted=1, supported=1, on_best=True), fit) == JUDGED


def test_what_was_declined_before_keeps_its_reason() -> None:
    declined = Sufficiency(0.1, 0.25, "weak_match", NONE)
    fit = Fitness(refusal=3.0, unsupported=1.0, elsewhere=0.5)

    assert judge_after(declined, Outcome(refused=True), fit).reason == "weak_match"
