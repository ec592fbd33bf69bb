"""A quote is shown in its surroundings, and these are cut between words."""

from typing import Any

import pytest

from citewell.app.page.excerpts import Excerpt, excerpt, heading_path, source_cards
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.values import Document, Heading

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


def test_each_marker_has_one_card_in_order(make: Any) -> None:
    second = make.citation(marker=2, quote="They stand up while they do.")
    sentences = [
        make.sentence("Both [2] [1].", second, make.citation()),
        make.sentence("Again [1].", make.citation()),
    ]

    cards = source_cards(sentences, lambda name: make.document)

    assert [(card.citation.marker, card.excerpt.quote) for card in cards] == [
        (1, make.quote),
        (2, "They stand up while they do."),
    ]


def test_a_card_names_the_section_but_not_the_title_again(make: Any) -> None:
    [card] = source_cards([make.sentence("It [1].", make.citation())], lambda name: make.document)

    assert card.headings == ("Sleep",)


def test_a_card_of_a_changed_document_shows_the_quote_alone(make: Any) -> None:
    changed = Document("animals/elephants.md", "Elephants", "All of it is new.")

    [card] = source_cards([make.sentence("It [1].", make.citation())], lambda name: changed)

    assert not card.current
    assert card.excerpt == Excerpt("", make.quote, "")


def test_a_card_of_a_deleted_document_shows_the_quote_alone(make: Any) -> None:
    def gone(name: str) -> Document:
        raise NotConfigured(f"no {name}")

    [card] = source_cards([make.sentence("It [1].", make.citation())], gone)

    assert not card.current
    assert card.excerpt == Excerpt("", make.quote, "")
