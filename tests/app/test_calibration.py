"""A calibration fits probability and threshold to questions of known kind, and is kept."""

import json
import math
import random
from dataclasses import dataclass, replace
from xml.etree.ElementTree import fromstring

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.app.calibration import (
    KeptCalibration,
    calibration_in_force,
    share_changed,
    threshold_in_force,
    why_out_of_date,
)
from citewell.app.calibration_chart import page, plain, svg
from citewell.app.calibration_fit import (
    Measured,
    Point,
    area,
    area_under,
    calibration_error,
    crossed,
    curve,
    figures,
    fit,
    probabilities,
    threshold_at,
)
from citewell.app.calibration_questions import MadeQuestion, make_questions, names_in, swapped
from citewell.app.sufficiency import Calibration
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import StoredChunk
from citewell.retrieval.values import Chunk, ChunkingSettings, Collection, Fingerprint
from citewell.retrieval.words import words

KEPT = KeptCalibration(
    slope=0.8,
    offset=-0.5,
    threshold=0.4,
    share=0.05,
    source="made",
    answerable=50,
    unanswerable=40,
    reader=True,
    generation=100,
    documents=20,
    chunks=80,
)
NOW = Collection(
    "papers", Fingerprint("m", "0", "fp32", "mean", 4), ChunkingSettings(), 100, 20, 80
)


@dataclass(frozen=True, slots=True)
class Held:
    """A retriever as far as a calibration asks it."""

    calibration: str | None
    collection: Collection = NOW


def measured(answerable: list[float], unanswerable: list[float]) -> Measured:
    flags = [True] * len(answerable) + [False] * len(unanswerable)
    return Measured(np.array(answerable + unanswerable), np.array(flags))


# fitting


def test_the_threshold_declines_no_more_than_the_share() -> None:
    values = np.linspace(0.01, 1.0, 100)

    assert (values < threshold_at(values, 0.05)).sum() == 5


def test_a_share_of_nothing_declines_nothing() -> None:
    assert threshold_at(np.array([0.4, 0.2, 0.9]), 0.0) == 0.2


def test_a_share_of_all_declines_all_but_the_surest() -> None:
    assert threshold_at(np.array([0.4, 0.2, 0.9]), 1.0) == 0.9


def test_log_odds_that_are_right_are_left_nearly_as_they_are() -> None:
    chance = np.random.default_rng(0)
    log_odds = chance.normal(0, 2, 4000)
    found = fit(Measured(log_odds, chance.random(4000) < 1 / (1 + np.exp(-log_odds))), 0.05)

    assert found.slope == pytest.approx(1.0, abs=0.1)
    assert found.offset == pytest.approx(0.0, abs=0.15)


def test_log_odds_that_are_too_high_are_lowered() -> None:
    chance = np.random.default_rng(0)
    log_odds = chance.normal(0, 2, 4000)
    answerable = chance.random(4000) < 1 / (1 + np.exp(-log_odds))

    found = fit(Measured(log_odds + 3, answerable), 0.05)

    assert found.offset == pytest.approx(-3 * found.slope, abs=0.3)


def test_few_questions_move_little() -> None:
    found = fit(measured([1.0], [1.0]), 0.05)

    assert found.slope == pytest.approx(1.0, abs=0.25)


def test_questions_told_apart_the_wrong_way_keep_their_order() -> None:
    found = fit(measured([-4.0] * 200, [4.0] * 200), 0.05)

    assert found.slope == 0.1


@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=20),
    st.lists(st.floats(-30, 30), min_size=1, max_size=20),
    st.floats(0, 0.5),
)
def test_a_calibrated_probability_is_one_and_rises_with_the_log_odds(
    answerable: list[float], unanswerable: list[float], share: float
) -> None:
    asked = measured(answerable, unanswerable)

    values = probabilities(np.sort(asked.log_odds), fit(asked, share))

    assert values.min() >= 0
    assert values.max() <= 1
    assert (np.diff(values) >= 0).all()


def test_figures_are_shares_of_each_kind() -> None:
    asked = measured([2.0, 2.0, -2.0, 2.0], [-2.0, 2.0])
    values = probabilities(asked.log_odds, Calibration())

    found = figures(asked, values, values < 0.5)

    assert (found.falsely, found.declined, found.area) == (0.25, 0.5, 0.625)


def test_the_area_counts_a_tie_as_half() -> None:
    assert area(np.array([1.0, 0.5, 0.5]), np.array([True, True, False])) == 0.75


def test_the_error_of_probabilities_that_come_true_is_none() -> None:
    values = np.array([0.25, 0.25, 0.25, 0.25])
    came = np.array([True, False, False, False])

    assert calibration_error(values, came, np.ones(4)) == 0.0


def test_the_error_is_how_far_the_probabilities_are_off() -> None:
    values, came = np.array([0.9, 0.9]), np.array([False, False])

    assert calibration_error(values, came, np.ones(2)) == pytest.approx(0.9)


def test_the_curve_gives_the_risk_from_the_surest_question_on() -> None:
    points = curve(np.array([0.2, 0.9, 0.5, 0.7]), np.array([False, True, True, False]))

    assert points == [Point(0.25, 0.0), Point(0.5, 0.5), Point(0.75, 1 / 3), Point(1.0, 0.5)]


def test_the_area_under_the_curve_is_the_mean_risk() -> None:
    assert area_under([Point(0.5, 0.0), Point(1.0, 0.5)]) == 0.25


def test_each_question_is_judged_by_what_was_fitted_to_others() -> None:
    asked = measured([3.0] * 20, [-3.0] * 19 + [3.0])

    values, declined = crossed(asked, 0.05, folds=5, seed=0)

    assert declined.tolist() == [False] * 20 + [True] * 19 + [False]
    assert len(values) == 40


# what is kept


def test_what_is_kept_is_read_as_it_was_written() -> None:
    assert KeptCalibration.read(KEPT.written()) == KEPT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"format": 2}',
        KEPT.written().replace("slope", "slop"),
        replace(KEPT, slope=0.0).written(),
        replace(KEPT, threshold=1.5).written(),
        KEPT.written().replace("0.4", '"high"'),
    ],
)
def test_what_cannot_be_read_is_no_calibration(text: str) -> None:
    assert KeptCalibration.read(text) is None


def test_a_collection_without_a_calibration_is_judged_as_fitted() -> None:
    assert calibration_in_force(Held(None), Settings()) == Calibration()


def test_the_calibration_of_the_collection_is_in_force() -> None:
    found = calibration_in_force(Held(KEPT.written()), Settings(reader="bundled"))

    assert found == Calibration(0.8, -0.5, 0.4)


def test_a_threshold_in_the_settings_takes_the_place_of_the_calibrated_one() -> None:
    found = calibration_in_force(Held(KEPT.written()), Settings(threshold=0.7))

    assert found == Calibration(0.8, -0.5, 0.7)


def test_a_calibration_made_with_a_reader_is_not_in_force_without_one() -> None:
    assert calibration_in_force(Held(KEPT.written()), Settings(reader="none")) == Calibration()


def test_without_calibration_the_threshold_is_that_of_the_model_that_judges() -> None:
    assert threshold_in_force(Held(None), Settings(reader="bundled")) == 0.277
    assert threshold_in_force(Held(None), Settings(reader="none")) == 0.29


def test_the_threshold_in_force_is_the_calibrated_one() -> None:
    assert threshold_in_force(Held(KEPT.written()), Settings()) == 0.4


def test_a_calibration_of_another_model_is_not_in_force() -> None:
    other = replace(KEPT, model=KEPT.model + 1).written()

    assert calibration_in_force(Held(other), Settings()) == Calibration()
    assert "another Citewell" in why_out_of_date(Held(other), Settings())


def test_a_calibration_that_cannot_be_read_is_to_be_made_again() -> None:
    told = why_out_of_date(Held("{"), Settings(collection="papers"))

    assert told.endswith("Run: citewell calibrate --collection papers")


def test_a_calibration_that_fits_is_not_to_be_made_again() -> None:
    assert why_out_of_date(Held(KEPT.written()), Settings()) == ""
    assert why_out_of_date(Held(None), Settings()) == ""


def test_a_calibration_made_with_a_reader_is_to_be_made_again_without_one() -> None:
    assert "with a reader" in why_out_of_date(Held(KEPT.written()), Settings(reader="none"))


def test_a_few_changes_leave_a_calibration_as_it_is() -> None:
    changed = replace(NOW, generation=105, documents=22)

    assert why_out_of_date(Held(KEPT.written(), changed), Settings()) == ""


def test_many_changes_are_told() -> None:
    changed = replace(NOW, generation=110)

    assert why_out_of_date(Held(KEPT.written(), changed), Settings()).startswith(
        "50% of the documents changed since the calibration."
    )


def test_a_file_of_many_documents_counts_by_what_came_and_went() -> None:
    assert share_changed(KEPT, replace(NOW, generation=101, documents=35)) == 0.75
    assert share_changed(KEPT, replace(NOW, generation=101, chunks=40)) == 0.5
    assert share_changed(KEPT, replace(NOW, generation=900)) == 1.0


# questions made from documents


def ask(text: str, seed: int = 0) -> list[str]:
    stored = [StoredChunk(1, Chunk("a.txt", 100, 100 + len(text), text), "A")]
    return [made.text for made in make_questions(stored, random.Random(seed))]


def test_a_question_knows_the_sentence_it_was_made_from() -> None:
    text = "The first bridge over the river was finished by Dutch engineers in 1894."
    stored = [StoredChunk(1, Chunk("a.txt", 100, 100 + len(text), text), "A")]

    (made,) = make_questions(stored, random.Random(0))

    assert (made.document, made.start, made.end) == ("a.txt", 100, 100 + len(text))


def test_a_year_is_asked_for_and_not_told() -> None:
    text = "The first bridge over the river was finished by Dutch engineers in 1894."

    asked = [question for seed in range(20) for question in ask(text, seed)]

    assert any(question.startswith("In which year") for question in asked)
    assert not any("1894" in question for question in asked if question.startswith("In which"))


def test_a_number_is_asked_for_and_not_told() -> None:
    text = "The harbour of the old town held 340 ships when the war ended that summer."

    (asked,) = {question for question in ask(text) if "How many" in question}

    assert asked.startswith("How many ships ")
    assert "340" not in asked


def test_a_name_is_asked_for_and_not_told() -> None:
    text = "Marie Curie discovered polonium together with her husband in the old shed."

    (asked,) = ask(text)

    assert asked.startswith(("Who discovered", "Who found", "What discovered", "What found"))
    assert "Curie" not in asked


def test_a_question_leaves_words_of_its_sentence_out() -> None:
    text = (
        "the committee approved seven large buildings beside the northern railway "
        "after many engineers had examined every single proposal with great care."
    )

    (asked,) = ask(text)

    assert len(words(asked)) <= 6


def test_another_language_is_asked_for_in_its_own_words() -> None:
    text = "Der alte Hafen wurde im Winter von holländischen Ingenieuren vollständig erneuert."

    (asked,) = ask(text)

    assert 4 <= len(words(asked)) <= 6
    assert set(words(asked)) <= set(words(text))


def test_a_script_without_spaces_gives_a_clause() -> None:
    assert ask("这座古老的桥梁由荷兰工程师建造，后来被拆除。") == ["这座古老的桥梁由荷兰工程师建造"]


@pytest.mark.parametrize(
    "text", ["Too short.", "| a | b | c | d | e | f | g | h |", "", "... and so on it went."]
)
def test_what_says_too_little_gives_no_question(text: str) -> None:
    assert ask(text) == []


def test_the_same_seed_gives_the_same_questions() -> None:
    text = "Marie Curie discovered polonium together with her husband in the old shed in 1898."

    assert ask(text, 3) == ask(text, 3)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("who met Marie Curie there", "who met Niels Bohr there"),
        ("what was built before the war", "what was built after the war"),
    ],
)
def test_a_swapped_question_asks_for_something_else(asked: str, expected: str) -> None:
    made = MadeQuestion(asked, "a.txt", 0, 10)

    other = swapped(made, ["Niels Bohr"], random.Random(0))

    assert other == MadeQuestion(expected, "a.txt", 0, 10, answered=False)


def test_a_number_is_swapped_for_another() -> None:
    other = swapped(MadeQuestion("what sank in 1894", "a.txt", 0, 10), [], random.Random(0))

    assert other is not None
    assert "1894" not in other.text
    assert other.text.startswith("what sank in 1")


def test_a_question_with_nothing_to_swap_stays() -> None:
    assert swapped(MadeQuestion("what sank there", "a.txt", 0, 1), [], random.Random(0)) is None


def test_names_stand_inside_sentences() -> None:
    assert names_in("There we met Niels Bohr, and later Curie.") == ["Niels Bohr", "Curie"]


# the plot

POINTS = [Point(0.5, 0.0), Point(1.0, 0.5)]


def test_the_picture_is_sound_and_tells_what_it_shows() -> None:
    drawn = fromstring(svg(POINTS, Point(0.5, 0.0), "Risk of <papers>"))

    assert drawn.attrib["aria-label"] == (
        "Risk of <papers>. 50% answered, 0% of them without an answer"
    )


def test_the_page_holds_the_picture_and_the_lines() -> None:
    made = page("<svg/>", "A & B", ["1 < 2"])

    assert "<title>A &amp; B</title>" in made
    assert "<body><svg/><p>1 &lt; 2</p>" in made


def test_the_chart_marks_the_point_that_was_chosen() -> None:
    rows = plain(POINTS, Point(1.0, 0.5))

    assert rows[0] == " 50% |" + " " * 30 + "." * 9 + "o"
    assert rows[-2] == "     +" + "-" * 40
    assert all(len(row) <= 50 for row in rows)


def test_a_chart_without_risk_can_be_drawn() -> None:
    assert plain([Point(1.0, 0.0)], Point(1.0, 0.0))[0] == " 10% |" + " " * 40


def test_what_is_kept_holds_no_text() -> None:
    assert all(
        not isinstance(value, str) or name == "source"
        for name, value in json.loads(KEPT.written()).items()
    )
    assert math.isfinite(KEPT.slope)
