"""Numbers and names belong to what they stand with in the source."""

import pytest

from citewell.app.roles import roles_conflict
from citewell.app.tokens import tokens


def conflict(sentence: str, source: str) -> str:
    return roles_conflict(tokens(sentence), tokens(source), sentence, source)


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Acme bought Bolt in 2001.", "In 2001 Bolt was bought by Acme."),
        ("Acme bought Bolt.", "Acme bought Bolt in 2001 for its people."),
        (
            "Sales were 7 million in 2020.",
            "Sales were 5 million in 2019; sales were 7 million in 2020.",
        ),
        ("Paris is the capital of France.", "France's capital is Paris."),
    ],
)
def test_what_stands_with_the_same_words_is_no_conflict(sentence: str, source: str) -> None:
    assert conflict(sentence, source) == ""


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("Bolt bought Acme in a long war.", "Acme bought Bolt in a long war."),
        ("Bolt bought Acme.", "Acme, a maker of bikes, bought Bolt."),
        ("Acme bought Bolt in 2001.", "In 2001 Acme was bought by Bolt."),
    ],
)
def test_names_the_other_way_round_are_a_conflict(sentence: str, source: str) -> None:
    assert conflict(sentence, source).endswith("stand the other way round")


def test_the_number_of_something_else_is_a_conflict() -> None:
    source = "The bridge opened in 1932, and the tunnel under the harbour opened in 1992."

    assert conflict("The tunnel under the harbour opened in 1932.", source) == (
        "the source says 1992, not 1932"
    )
