"""An amount is a number in one form with the unit and the limit that stand beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.app.amounts import amounts, in_one_form, numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("330 m and 5 km", [("330", "metre"), ("5", "kilometre")]),
        ("5 to 10 mg", [("5", "milligram"), ("10", "milligram")]),
        ("5% or 10 %, 3 per cent", [("5", "percent"), ("10", "percent"), ("3", "percent")]),
        ("$5m, €3 and 7 dollars", [("5000000", "dollar"), ("3", "euro"), ("7", "dollar")]),
        ("a 24-hour day in the 1990s", [("24", "hour"), ("1990", "")]),
        ("-5 °C, not 3-5", [("-5", "celsius"), ("3", ""), ("5", "")]),
        ("v3.10, B12 and 5x", [("10", "")]),
        ("five meters", [("5", "metre")]),
    ],
)
def test_a_number_has_the_unit_beside_it(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(amount.value, amount.unit) for amount in amounts(text)] == expected


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("5 cats", {"exactly"}),
        ("up to about 5 cats", {"at most"}),
        ("No more than five", {"at most"}),
        ("p<.05", {"at most"}),
        ("at least $5", {"at least"}),
        ("5 years or older", {"at least"}),
        ("5+ cats", {"at least"}),
        ("5 or fewer", {"at most"}),
        ("over 5 years", {"exactly", "at least"}),
        ("under 5 years", {"exactly", "at most"}),
        ("more cats than 5", {"exactly"}),
    ],
)
def test_a_number_has_the_limit_beside_it(text: str, limits: set[str]) -> None:
    (amount,) = amounts(text)

    assert amount.limits == limits


def test_a_text_in_one_form_names_units_and_leaves_out_limits() -> None:
    text = "It costs no more than $1.5m in five years."

    assert " ".join(in_one_form(text).split()) == "It costs 1500000 dollar in 5 year ."


@given(st.text(alphabet="0159.,- %$kmMB٥aonetw\n", max_size=30))
def test_any_text_has_amounts_in_rising_places_and_plain_digits(text: str) -> None:
    found = amounts(text)

    assert {amount.value for amount in found} == numbers(text)
    assert [amount.start for amount in found] == sorted(amount.start for amount in found)
    assert all(amount.value.strip("-.,0123456789") == "" for amount in found)
