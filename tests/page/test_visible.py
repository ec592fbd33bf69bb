"""Text of documents stands in the page as text, and all of it can be seen."""

import pytest

from citewell.app.page.visible import escaped, flowing, visible


def test_markup_is_shown_instead_of_read() -> None:
    assert escaped("<img src='http://x/a.png'> & \"b\"") == (
        "&lt;img src=&#x27;http://x/a.png&#x27;&gt; &amp; &quot;b&quot;"
    )


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


def test_lines_of_a_paragraph_are_joined() -> None:
    assert flowing("three\nto seven") == "three to seven"


@pytest.mark.parametrize(
    "text", ["one\n\ntwo", "one\n- two", "one\n2. two", "one\n| two", "a\n## b"]
)
def test_lines_that_begin_something_stay(text: str) -> None:
    assert flowing(text) == text
