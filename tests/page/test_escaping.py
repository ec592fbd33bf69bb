"""Text of documents stands in the page as text."""

import pytest

from citewell.app.page.escaping import escaped, flowing, labelling


def test_markup_is_shown_instead_of_read() -> None:
    assert escaped("<img src='http://x/a.png'> & \"b\"") == (
        "&lt;img src=&#x27;http://x/a.png&#x27;&gt; &amp; &quot;b&quot;"
    )


def test_lines_of_a_paragraph_are_joined() -> None:
    assert flowing("three\nto seven") == "three to seven"


@pytest.mark.parametrize(
    "text", ["one\n\ntwo", "one\n- two", "one\n2. two", "one\n| two", "a\n## b"]
)
def test_lines_that_begin_something_stay(text: str) -> None:
    assert flowing(text) == text


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("How long?", r"How long\?"),
        ("one\ntwo", "one two"),
        ("![a](b)", r"\!\[a\]\(b\)"),
        ("a:b", "a\\:\u2060b"),
        ("www.example.org", "www\\.\u2060example\\.\u2060org"),
    ],
)
def test_a_label_means_nothing_but_its_text(text: str, label: str) -> None:
    assert labelling(text) == label
