"""A question is declined when the passages do not bear on it, and the reason is named."""

from collections.abc import Mapping

from citewell.app.evidence import Candidate, Scored
from citewell.app.features import Features, Question
from citewell.app.sufficiency import Signals, probability, reason_to_decline, signals
from citewell.retrieval.values import Chunk, Passage, Scores

TEXT = "Cats sleep fourteen hours."


def scored(similarity: float, passage: float, rank: int = 1, text: str = TEXT) -> Scored:
    chunk = Chunk(f"{rank}.md", 0, len(text), text)
    found = Passage(rank, chunk, "Pets", 1.0, Scores(dense=passage))
    features = Features(0.0, 0.0, similarity, 1 / rank, passage, 0.0, 0.0, 0.0)
    return Scored(Candidate(found, 0, len(text), text, ""), features)


def question(weights: Mapping[str, float]) -> Question:
    return Question("?", weights)


def test_the_signals_are_read_off_the_scored_sentences() -> None:
    asked = question({"sleep": 0.4, "cat": 0.8, "sun": 0.8, "moon": 1.0})
    best, other = scored(0.6, 0.2, rank=2), scored(0.3, 0.7, text="The moon.")

    assert signals(asked, [best, other]) == Signals(similarity=0.6, passage=0.7, known=0.75)


def test_a_question_without_content_words_has_signals() -> None:
    assert signals(question({}), [scored(0, 0)]) == Signals(0, 0, known=0.0)


def test_the_probability_rises_with_every_signal() -> None:
    low = probability(Signals(0.5, 0.5, 1.0))

    assert low < probability(Signals(0.6, 0.5, 1.0))
    assert low < probability(Signals(0.5, 0.6, 1.0))


def test_nothing_that_bears_on_a_question_is_improbable_and_everything_probable() -> None:
    assert probability(Signals(0, 0, 0)) < 0.01
    assert probability(Signals(1, 1, 1)) > 0.95


def test_without_evidence_nothing_matches() -> None:
    assert reason_to_decline(question({"cat": 0.5}), []) == "no_match"


def test_good_evidence_is_not_declined() -> None:
    assert reason_to_decline(question({"cat": 0.5}), [scored(0.8, 0.8)]) is None


def test_words_that_stand_nowhere_match_nothing() -> None:
    asked = question({"moon": 1.0, "mars": 1.0, "cat": 0.5})

    assert reason_to_decline(asked, [scored(0.1, 0.3)]) == "no_match"


def test_passages_far_from_the_question_are_off_topic() -> None:
    assert reason_to_decline(question({"cat": 0.5}), [scored(0.2, 0.29)]) == "off_topic"


def test_evidence_about_others_than_the_question_names_is_off_topic() -> None:
    assert reason_to_decline(Question("How long do Cats sleep?", {}), [scored(1, 1)]) is None
    assert reason_to_decline(Question("How long do Owls sleep?", {}), [scored(1, 1)]) == "off_topic"


def test_passages_near_the_question_without_its_answer_are_a_weak_match() -> None:
    assert reason_to_decline(question({"cat": 0.5}), [scored(0.2, 0.31)]) == "weak_match"


def test_the_threshold_decides() -> None:
    asked, evidence = question({"cat": 0.5}), [scored(0.5, 0.6)]
    value = probability(signals(asked, evidence))

    assert reason_to_decline(asked, evidence, threshold=value) is None
    assert reason_to_decline(asked, evidence, threshold=value + 0.001) == "weak_match"
    assert reason_to_decline(asked, evidence, threshold=0.0) is None
