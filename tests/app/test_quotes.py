"""A quote is found where it stands, however it was typed, and comes back as the document has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.app.quotes import locate, locate_most, normalise

ODD = st.text(alphabet="ab Z\n\t.,-–—‘’“”\"'\u00ad\u00a0ﬁ²½é…İß¨", max_size=40)


def found(quote: str, text: str, near: int = 0) -> str | None:
    span = locate(quote, text, near)
    return text[slice(*span)] if span else None


@given(ODD, st.data())
def test_any_substring_of_a_text_is_located(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end]

    if normalise(quote).text.strip():
        assert normalise(found(quote, text) or "").text.strip() == normalise(quote).text.strip()
        assert locate(quote, text, start) == (start, end)


@given(ODD)
def test_origins_rise_and_lie_in_the_text(text: str) -> None:
    normal = normalise(text)

    assert len(normal.origins) == len(normal.text)
    assert list(normal.origins) == sorted(normal.origins)
    assert set(normal.origins) <= set(range(len(text)))


@pytest.mark.parametrize(
    ("quote", "text", "expected"),
    [
        ('He said "no".', "Then: He said “no”. End", "He said “no”."),
        ("the dog's bone", "It is the dog’s bone.", "the dog’s bone"),
        ("pages 3-5", "See pages 3–5 there", "pages 3–5"),
        ("a - b", "so a — b.", "a — b"),
        ("cooperation", "the co\u00adoperation of", "co\u00adoperation"),
        ("efficient flow", "an eﬃcient ﬂow", "eﬃcient ﬂow"),
        ("two words here", "are two\n   words\u00a0here.", "two\n   words\u00a0here"),
        ("x2 is 1/2", "and x² is 1/2.", "x² is 1/2"),
        ("THE TOWER", "in the tower", "the tower"),
        ("  the tower\n", "in the tower", "the tower"),
        ("“no”", 'He said "no".', '"no"'),
    ],
)
def test_a_quote_comes_back_in_the_original_characters(
    quote: str, text: str, expected: str
) -> None:
    assert found(quote, text) == expected


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("tower tall", "The tower is tall."),
        ("tall tower", "The tower, tall tow er"),
        ("one three", "one two three"),
        ("The tower is 330 m", "The tower is 33 0 m"),
        ("", "text"),
        (" \n", "a \n b"),
        ("\u00ad", "co\u00adop"),
        ("text", ""),
    ],
)
def test_scattered_words_and_blanks_are_never_located(quote: str, text: str) -> None:
    assert locate(quote, text) is None


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma"]), min_size=2, max_size=5))
def test_words_in_another_order_are_never_located(words: list[str]) -> None:
    assert locate(" ".join(words), " and ".join(words)) is None


@pytest.mark.parametrize(("near", "start"), [(0, 0), (4, 0), (5, 8), (8, 8), (99, 16), (15, 16)])
def test_of_several_places_the_closest_is_meant(near: int, start: int) -> None:
    assert locate("The cat", "the cat the cat the cat", near) == (start, start + 7)


def test_a_span_given_exactly_is_kept_with_its_white_space() -> None:
    assert locate(" a b ", "x a b y", 1) == (1, 6)


@pytest.mark.parametrize(
    ("quote", "text", "expected"),
    [
        ("the example is", "of the exam-\nple is", "the exam-\nple is"),
        ("well-known people", "all well-\n  known people", "well-\n  known people"),
        ("wellknown", "a well-known one", "well-known"),
        ("zero width", "ze\u200bro width", "ze\u200bro width"),
    ],
)
def test_a_word_split_at_the_end_of_a_line_is_found(quote: str, text: str, expected: str) -> None:
    assert found(quote, text) == expected


def test_a_hyphen_between_a_letter_and_a_figure_is_kept() -> None:
    assert locate("B12", "vitamin B-12") is None


def test_most_of_a_quote_in_one_run_is_located() -> None:
    text = "So the price of the whole THING is 50 dollars, they say."

    span = locate_most("the price of the whole thing is 50 dollarets", text)

    assert span is not None
    assert text[slice(*span)] == "the price of the whole THING is 50 dollar"


@pytest.mark.parametrize(
    "text",
    [
        "the price of that whole thing is 50 dollars",
        "the price of the whole thing is, they say, 50 dollars",
        "the whole thing is 50 dollars, the price of",
    ],
)
def test_words_in_several_runs_are_not_located(text: str) -> None:
    assert locate_most("the price of the whole thing is 50 dollars", text) is None


def test_a_short_quote_must_stand_there_whole() -> None:
    assert locate_most("tall towers", "the tall tower") is None


@given(ODD, st.data())
def test_what_is_located_whole_is_located_mostly(text: str, data: st.DataObject) -> None:
    quote = text[data.draw(st.integers(0, len(text))) :]

    if locate(quote, text):
        assert locate_most(quote, text) == locate(quote, text)
