"""Each marker has a card, with its quote as the document stands now and how it was found."""

from dataclasses import replace
from typing import Any

from citewell.app.page.excerpts import Excerpt
from citewell.app.page.source_cards import Lookup, SourceCard, passage_cards, source_cards
from citewell.retrieval.values import Document, Scores


def card_of(make: Any, engine: Any) -> SourceCard:
    [card] = source_cards([make.sentence("It [1].", make.citation())], Lookup(engine, "animals"))
    return card


def test_each_marker_has_one_card_in_order(make: Any) -> None:
    second = make.citation(marker=2, quote="They stand up while they do.")
    sentences = [
        make.sentence("Both [2] [1].", second, make.citation()),
        make.sentence("Again [1].", make.citation()),
    ]

    cards = source_cards(sentences, Lookup(make.engine(), "animals"))

    assert [(card.citation.marker, card.excerpt.quote) for card in cards] == [
        (1, make.quote),
        (2, "They stand up while they do."),
    ]


def test_a_card_names_the_section_but_not_the_title_again(make: Any) -> None:
    assert card_of(make, make.engine()).headings == ("Sleep",)


def test_a_card_of_a_changed_document_shows_the_quote_alone(make: Any) -> None:
    changed = Document("animals/elephants.md", "Elephants", "All of it is new.")

    card = card_of(make, make.engine(documents_held=[changed]))

    assert not card.current
    assert card.excerpt == Excerpt("", make.quote, "")


def test_a_card_of_a_deleted_document_shows_the_quote_alone(make: Any) -> None:
    card = card_of(make, make.engine(documents_held=[]))

    assert not card.current
    assert card.excerpt == Excerpt("", make.quote, "")


def test_a_card_has_the_scores_of_the_passage_around_its_quote(make: Any) -> None:
    elsewhere = replace(make.passage(), chunk=replace(make.passage().chunk, end=5))
    around = replace(make.passage(rank=2), scores=Scores(lexical=7.5, lexical_rank=2))
    said = make.sentence("It [1].", make.citation())

    [card] = source_cards([said], Lookup(make.engine(), "animals"), [elsewhere, around])

    assert card.scores == Scores(lexical=7.5, lexical_rank=2)


def test_a_passage_that_was_found_has_a_card_of_all_its_words(make: Any) -> None:
    passage = make.passage()

    [card] = passage_cards([passage], Lookup(make.engine(), "animals"))

    assert card.excerpt == Excerpt("", passage.text, "")
    assert (card.current, card.headings, card.citation.page) == (True, ("Sleep",), 1)


def test_a_passage_of_a_deleted_document_is_not_current(make: Any) -> None:
    [card] = passage_cards([make.passage()], Lookup(make.engine(documents_held=[]), "animals"))

    assert not card.current
