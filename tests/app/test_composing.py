"""An answer's spans, markers, quotes and pages agree with its text and with the documents."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import pytest

from citewell.app.answer_values import CitationState
from citewell.app.checking import Tie
from citewell.app.composing import Composer, page_at, plain
from citewell.app.evidence import Candidate, Scored
from citewell.app.extracts import Extract
from citewell.app.features import Features
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import Chunk, Document, Page, Passage, Scores


class Library(Protocol):
    def put(
        self, name: str, *texts: str, title: str = ..., pages: Sequence[Page] = ...
    ) -> Document: ...
    def remove(self, name: str) -> None: ...


def scored(document: str, text: str, start: int) -> Scored:
    """Evidence as a search would have found it."""
    passage = Passage(1, Chunk(document, start, start + len(text), text), "Title", 1.0, Scores())
    candidate = Candidate(passage, start, start + len(text), text, "")
    return Scored(candidate, Features(0, 0, 0, 0, 0, 0, 0, 0))


def tied(item: Scored, state: CitationState = "verified") -> Tie:
    return Tie((item,), state)


CATS = scored("cats.md", "Cats sleep fourteen hours a day.", 0)
MICE = scored("cats.md", "Cats eat mice, birds and fish.", 33)
DOGS = scored("dogs.md", "Dogs sleep ten hours a day.", 0)


def test_every_sentence_stands_where_its_span_says(retriever: Retriever) -> None:
    composer = Composer(retriever)
    composer.add("Cats sleep fourteen hours.", tied(CATS))
    composer.add("Dogs sleep ten.", tied(DOGS, "corrected"))
    composer.quote(MICE)

    assert composer.text == (
        "Cats sleep fourteen hours. [1] Dogs sleep ten. [2] Cats eat mice, birds and fish. [3]"
    )
    assert [composer.text[each.start : each.end] for each in composer.sentences] == [
        "Cats sleep fourteen hours.",
        "Dogs sleep ten.",
        "Cats eat mice, birds and fish.",
    ]
    assert [each.text for each in composer.sentences] == [
        composer.text[each.start : each.end] for each in composer.sentences
    ]


def test_a_place_has_one_marker_however_often_it_is_cited(retriever: Retriever) -> None:
    composer = Composer(retriever)
    for text, item in [("One.", DOGS), ("Two.", CATS), ("Three.", DOGS)]:
        composer.add(text, tied(item))

    assert composer.text == "One. [1] Two. [2] Three. [1]"
    assert [each.citations[0].marker for each in composer.sentences] == [1, 2, 1]


def test_a_quote_is_the_text_of_the_document(retriever: Retriever) -> None:
    sentence = Composer(retriever).add("They eat mice.", tied(MICE, "corrected"))

    assert sentence is not None
    (citation,) = sentence.citations
    assert citation.quote == "Cats eat mice, birds and fish."
    assert retriever.document("cats.md").text[citation.start : citation.end] == citation.quote
    assert (citation.document, citation.title, citation.page) == ("cats.md", "Cats", None)
    assert citation.state == "corrected"


def test_a_citation_names_the_page_its_quote_starts_on(
    library: Library, retriever: Retriever
) -> None:
    text = "Cats purr. Cats climb trees."
    library.put("p.pdf", text, pages=(Page(1, 0, 11), Page(2, 11, 28)))

    sentence = Composer(retriever).quote(scored("p.pdf", "Cats climb trees.", 11))

    assert sentence is not None
    assert sentence.citations[0].page == 2


@pytest.mark.parametrize(
    ("offset", "page"), [(0, 1), (9, 1), (10, 3), (19, 3), (20, 4), (99, 4), (-1, 1)]
)
def test_an_offset_stands_on_a_page(offset: int, page: int) -> None:
    pages = (Page(1, 0, 10), Page(2, 10, 10), Page(3, 10, 20), Page(4, 20, 30))

    assert page_at(Document("a", "A", "x" * 30, pages), offset) == page


def test_a_document_that_was_removed_is_not_quoted(library: Library, retriever: Retriever) -> None:
    composer = Composer(retriever)
    library.remove("cats.md")

    assert composer.quote(CATS) is None
    assert (composer.text, composer.sentences) == ("", [])


def test_a_sentence_that_has_moved_is_quoted_where_it_stands_now(
    library: Library, retriever: Retriever
) -> None:
    composer = Composer(retriever)
    library.put("cats.md", "New words first. Cats sleep\nfourteen hours a day.", title="Felines")

    sentence = composer.quote(CATS)

    assert sentence is not None
    (citation,) = sentence.citations
    assert (citation.start, citation.end, citation.title) == (17, 49, "Felines")
    assert citation.quote == "Cats sleep\nfourteen hours a day."


@pytest.mark.parametrize(
    "now",
    [
        "Cats sleep four hours a day.",
        "It is a myth: cats sleep fourteen hours a day.",
        "It is false that cats sleep fourteen hours a day. Nobody knows.",
        'He wrote "Cats sleep fourteen hours a day." in jest.',
    ],
)
def test_words_that_say_something_else_by_now_are_not_quoted(
    library: Library, retriever: Retriever, now: str
) -> None:
    composer = Composer(retriever)
    library.put("cats.md", now)

    assert composer.quote(CATS) is None


def test_a_number_that_has_grown_is_not_quoted_in_part(
    library: Library, retriever: Retriever
) -> None:
    library.put("prices.md", "- The price is 5")
    composer = Composer(retriever)
    library.put("prices.md", "- The price is 50")

    assert composer.quote(scored("prices.md", "- The price is 5", 0)) is None


def test_it_knows_what_it_cites(retriever: Retriever) -> None:
    composer = Composer(retriever)
    composer.add("They sleep.", tied(CATS))

    assert composer.cites(CATS)
    assert not composer.cites(DOGS)


def test_numbers_in_brackets_in_a_document_are_no_markers_of_the_answer(
    library: Library, retriever: Retriever
) -> None:
    text = "The tower is 330 m tall.[3][4, 5]"
    library.put("tower.md", text)
    composer = Composer(retriever)

    sentence = composer.quote(scored("tower.md", text, 0))

    assert composer.text == "The tower is 330 m tall.(3)(4, 5) [1]"
    assert sentence is not None
    assert sentence.citations[0].quote == text


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("- an item\n  of a list", "an item of a list"),
        ("2. second", "second"),
        ("## Heading", "Heading"),
        ("> - quoted item", "quoted item"),
        ("a **bold** and `code` word", "a bold and code word"),
        ("| a | b  c |", "a | b c"),
        ("2 * 3 ** 4 in __init__", "2 * 3 ** 4 in __init__"),
        ("-", "-"),
        ("Photography</b> is <em class='x'>forbidden</em>.", "Photography is forbidden."),
        ("<p>One line<br/>and another.</p>", "One line and another."),
        (
            "The <b> tag makes `<i>x</i>` bold if a<b and c>d.",
            "The <b> tag makes <i>x</i> bold if a<b and c>d.",
        ),
        ("House rules\n\nThe rent is\n900 EUR.", "The rent is 900 EUR."),
        ("House\n \nPart 2\n\nThe rent is due.", "The rent is due."),
        ("The rent is due:\n\nMonthly and in advance.", "The rent is due: Monthly and in advance."),
        ("Rent\n\n900 EUR", "Rent 900 EUR"),
    ],
)
def test_a_quote_reads_as_a_sentence(quote: str, expected: str) -> None:
    assert plain(quote) == expected


@pytest.mark.parametrize(
    ("header", "row", "shown"),
    [
        (
            "Product\t2022\t2023",
            "Oak boards\t410\t435",
            "Product: Oak boards; 2022: 410; 2023: 435",
        ),
        (
            "| Product | Sold |\n| --- | --- |",
            "| **Oak** | 410 |",
            "Product: Oak; Sold: 410",
        ),
        ("Pine boards\t300", "Oak boards\t410", "Oak boards 410"),
        ("Product", "Oak boards\t410", "Oak boards 410"),
        ("", "Oak boards\t410", "Oak boards 410"),
    ],
)
def test_a_row_is_shown_with_the_names_of_its_columns(
    library: Library, retriever: Retriever, header: str, row: str, shown: str
) -> None:
    library.put("boards.md", row)
    item = scored("boards.md", row, 0)
    row_of = replace(item, candidate=replace(item.candidate, header=header, kind="row"))

    sentence = Composer(retriever).quote(row_of)

    assert sentence is not None
    assert (sentence.text, sentence.citations[0].quote) == (shown, row)


def test_some_words_of_the_evidence_are_quoted_where_they_stand(retriever: Retriever) -> None:
    sentence = Composer(retriever).quote(Extract(MICE, 42, 46))

    assert sentence is not None
    (citation,) = sentence.citations
    assert (sentence.text, citation.start, citation.end) == ("… mice …", 42, 46)


def test_a_sentence_that_nothing_supports_can_be_shown_as_such(retriever: Retriever) -> None:
    composer = Composer(retriever)
    composer.add("Cats sleep fourteen hours.", tied(CATS))
    flagged = composer.flag("Cats fly.", "no evidence says this")

    assert composer.text == "Cats sleep fourteen hours. [1] Cats fly. [unverified]"
    assert composer.text[flagged.start : flagged.end] == "Cats fly."
    assert (flagged.supported, flagged.reason) == (False, "no evidence says this")
    assert flagged.citations == ()


def test_a_sentence_tied_to_two_pieces_has_two_markers(retriever: Retriever) -> None:
    composer = Composer(retriever)
    composer.add("Cats sleep long and dogs less.", Tie((CATS, DOGS), "verified"))

    assert composer.text == "Cats sleep long and dogs less. [1][2]"


def test_a_sentence_is_not_shown_with_half_of_its_evidence(
    library: Library, retriever: Retriever
) -> None:
    composer = Composer(retriever)
    library.remove("dogs.md")

    assert composer.add("Both sleep.", Tie((CATS, DOGS), "verified")) is None
    assert composer.text == ""
