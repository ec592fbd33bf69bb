"""What a reader cannot see is taken out of a text."""

import pytest

from citewell.retrieval.visible import visible


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",  # zero width space
        "\u202e",  # right-to-left override
        "\u2066",  # isolate
        "\ufeff",  # byte order mark
        "\u00ad",  # soft hyphen
        "\U000e0041",  # tag letter A
        "\ufe0f",  # variation selector
        "\U000e0100",  # variation selector supplement
        "\x00",
        "\x1b",
        "\ud800",
        "\u200d",  # joiner between Latin letters
    ],
)
def test_what_cannot_be_seen_is_taken_out(hidden: str) -> None:
    assert visible(f"pay{hidden}roll") == "payroll"


def test_a_joiner_that_spells_a_word_stays() -> None:
    assert visible("می\u200cخواهم") == "می\u200cخواهم"
