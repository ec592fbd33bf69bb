"""A quote is shown in its surroundings, and these are cut between words."""

import pytest

from citewell.app.page.excerpts import Excerpt, excerpt, heading_path
from citewell.retrieval.values import Heading

WORDS = "word " * 100  # 500 characters


def test_a_short_text_is_shown_whole() -> None:
    assert excerpt("Before. Quote. After.", 8, 14) == Excerpt("Before. ", "Quote.", " After.")


def test_a_quote_that_is_all_of_the_text_has_nothing_around_it() -> None:
    assert excerpt("Quote.", 0, 6) == Excerpt("", "Quote.", "")


def test_a_quote_at_an_edge_has_no_ellipsis_there() -> None:
    cut = excerpt(f"Quote. {WORDS}", 0, 6)

    assert cut.before == ""
    assert cut.after == f" {'word ' * 59}word …"


def test_long_surroundings_are_cut_between_words() -> None:
    text = f"{WORDS}Quote. {WORDS}"

    cut = excerpt(text, 500, 506)

    assert cut.before == f"… {'word ' * 60}"
    assert cut.quote == "Quote."
    assert cut.after == f" {'word ' * 59}word …"


def test_a_word_that_would_be_cut_is_left_out() -> None:
    text = f"unbroken {'a' * 296} Quote. {'b' * 296} unbroken tail"

    cut = excerpt(text, 306, 312)

    assert cut.before == f"… {'a' * 296} "
    assert cut.after == f" {'b' * 296} …"


def test_text_without_spaces_is_cut_where_it_must_be() -> None:
    cut = excerpt("字" * 400 + "Quote" + "字" * 400, 400, 405)

    assert cut.before == f"… {'字' * 300}"
    assert cut.after == f"{'字' * 300} …"


def test_blank_space_beyond_the_cut_is_no_text_left_out() -> None:
    cut = excerpt(f"{' ' * 400}Quote.{' ' * 400}", 400, 406)

    assert cut == Excerpt("", "Quote.", "")


@pytest.mark.parametrize(
    ("offset", "path"),
    [
        (0, ()),
        (5, ("One",)),
        (15, ("One", "One a")),
        (25, ("One", "One b")),
        (35, ("Two",)),
    ],
)
def test_the_heading_path_names_the_open_sections(offset: int, path: tuple[str, ...]) -> None:
    headings = [
        Heading(1, "One", 5),
        Heading(2, "One a", 10),
        Heading(2, "One b", 20),
        Heading(1, "Two", 30),
    ]

    assert heading_path(headings, offset) == path
