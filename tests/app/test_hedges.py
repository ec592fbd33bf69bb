"""A sentence may not drop what its source says with reserve."""

import pytest

from citewell.app.hedges import hedges_conflict, quotations


@pytest.mark.parametrize(
    ("sentence", "source", "conflict"),
    [
        ("The fee is waived.", "If you pay early, the fee is waived.", "condition (if ...)"),
        ("The fee is waived.", "The fee is waived only if you ask.", "condition (only if ...)"),
        ("It is the largest port.", "It is the second largest port.", "says second the largest"),
        ("It is the largest port.", "It is one of the largest ports.", "says one of the largest"),
        ("Rome is the capital.", "Rome is the former capital.", "so once (former)"),
        ("The rule is in force.", "The rule is no longer in force.", "so once (no longer)"),
        ("The drug cures colds.", "The maker claims that the drug cures colds.", "(claims)"),
        ("Staff must wear hats.", "Staff should wear hats.", "says should, not must"),
        ("Staff may wear hats.", "Staff must wear hats.", "says must, not may"),
        ("He came third.", "He came first.", "says first, not third"),
        ("He came 4th.", "He came last.", "does not say 4th"),
    ],
)
def test_a_reserve_that_is_dropped_is_a_conflict(sentence: str, source: str, conflict: str) -> None:
    assert conflict.replace("the largest", "") in hedges_conflict(sentence, source).replace(
        "the largest", ""
    )


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("If you pay early, the fee is waived.", "If you pay early, the fee is waived."),
        ("It is one of the largest ports.", "It is one of the largest ports."),
        ("Rome was the capital.", "Rome is the former capital."),
        ("The maker says that it cures colds.", "The maker claims that it cures colds."),
        ("Staff can wear hats.", "Staff must wear hats."),
        ("He came 3rd.", "He came third."),
        ("Hats are worn by staff.", "Hats are used to show who is staff."),
        ("The request was modest.", "A second modest request came."),
    ],
)
def test_what_keeps_the_reserve_is_no_conflict(sentence: str, source: str) -> None:
    assert hedges_conflict(sentence, source) == ""


def test_what_stands_in_quotation_marks_is_a_quotation() -> None:
    assert quotations('He called it "a great day for all" and “odd”.') == ["a great day for all"]
