"""What stands beside an answer, and that nothing in it becomes markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from citewell.app.page.excerpts import Excerpt
from citewell.app.page.page_figures import PageBox, PageFigure
from citewell.app.page.source_cards import Lookup, SourceCard, passage_cards, source_cards
from citewell.app.page.source_html import card_html, passage_html
from citewell.app.page.table_excerpts import Row, TableExcerpt
from citewell.retrieval.values import Document, Scores

PLANTED = (
    "![x](http://127.0.0.1:9/a.png) <img src=http://127.0.0.1:9/b.png> ![y][ref] "
    "<http://127.0.0.1:9/> [l](javascript:1) :red[r] $x$ </mark><script>1</script> \"'"
)


class Seen(HTMLParser):
    """Collects the tags, what they fetch, the marked and all visible text of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.marked = ""
        self.text = ""
        self._in_mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        self._in_mark |= tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark &= tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marked += data


def card_of(make: Any, **citation: Any) -> SourceCard:
    engine = make.engine(documents_held=[citation.get("document", make.document)])
    said = make.sentence("It [1].", make.citation(**citation))
    [card] = source_cards([said], Lookup(engine, "animals"))
    return card


def test_a_card_marks_exactly_the_quote_in_its_surroundings(make: Any) -> None:
    seen = Seen(card_html(card_of(make), 1))

    assert seen.marked == "Elephants sleep about two hours a night."
    assert (
        "Two animals wore collars for a month. Elephants sleep about two hours a night. "
        "They stand up while they do." in seen.text
    )


def test_a_card_says_where_the_quote_stands(make: Any) -> None:
    seen = Seen(card_html(card_of(make), 1))

    assert "[1] Elephants Verified" in seen.text
    assert "animals/elephants.md · page 2 · Sleep" in seen.text


@pytest.mark.parametrize(
    ("state", "word", "explained"),
    [
        ("corrected", "Corrected", "The model had pointed elsewhere"),
        ("unverified", "Unverified", "was not found to support the sentence"),
    ],
)
def test_a_doubtful_state_is_explained(make: Any, state: str, word: str, explained: str) -> None:
    seen = Seen(card_html(card_of(make, state=state), 1))

    assert word in seen.text
    assert explained in seen.text


def test_a_card_says_that_its_document_changed_since(make: Any) -> None:
    said = make.sentence("It [1].", make.citation())
    engine = make.engine(documents_held=())
    [card] = source_cards([said], Lookup(engine, "animals"))

    seen = Seen(card_html(card, 1))

    assert "The document has changed since this answer was given." in seen.text
    assert seen.marked == make.quote


def test_nothing_that_is_planted_in_a_card_becomes_markup(make: Any) -> None:
    planted = Document(PLANTED, PLANTED, f"{PLANTED} The quote. {PLANTED}")
    card = card_of(make, quote=f"{PLANTED} The quote.", document=planted, page=None)

    seen = Seen(card_html(card, 1))

    assert set(seen.tags) == {
        "a", "blockquote", "button", "details", "div", "mark", "p", "span", "summary",
    }  # fmt: skip
    [link] = seen.links
    assert link.startswith("/citewell/file?collection=animals&document=%21%5Bx%5D%28http%3A%2F%2F")
    assert seen.marked == f"{PLANTED} The quote."


def test_nothing_that_is_planted_in_a_passage_becomes_markup(make: Any) -> None:
    passage = make.passage(Document(PLANTED, PLANTED, PLANTED))
    engine = make.engine(documents_held=[Document(PLANTED, PLANTED, PLANTED)])
    [card] = passage_cards([passage], Lookup(engine, "animals"))

    seen = Seen(passage_html(passage, card, 1))

    assert set(seen.tags) == {"a", "blockquote", "button", "details", "div", "p", "span", "summary"}
    assert [link.partition("&")[0] for link in seen.links] == ["/citewell/file?collection=animals"]
    assert PLANTED in seen.text


LABELS = ("i", "ii", "iii", "iv", "v", "vi")
FIGURE = PageFigure(6, 6, LABELS, 612, 792, (PageBox(6, 10, 20, 30, 4),))


def test_a_page_is_shown_with_the_quoted_words_boxed(make: Any) -> None:
    html = card_html(replace(card_of(make), figure=FIGURE), 1)

    assert Seen(html).links[0] == (
        "/citewell/page?collection=animals&document=animals%2Felephants.md&page=6&width=900"
    )
    assert 'style="left:10.000%;top:20.000%;width:30.000%;height:4.000%"' in html


def test_boxes_of_other_pages_are_hidden_until_these_are_turned_to(make: Any) -> None:
    boxes = (PageBox(6, 10, 90, 30, 4), PageBox(7, 10, 5, 30, 4))

    html = card_html(replace(card_of(make), figure=replace(FIGURE, pages=7, boxes=boxes)), 1)

    assert re.findall(r'cw-box" data-page="(\d)"( hidden)?', html) == [("6", ""), ("7", " hidden")]


def test_a_page_is_called_what_the_document_calls_it(make: Any) -> None:
    seen = Seen(card_html(replace(card_of(make), figure=FIGURE), 1))

    assert "animals/elephants.md · page vi (6) · Sleep" in seen.text
    assert "Page vi (6) of 6" in seen.text


@pytest.mark.parametrize(("marker", "opened"), [(1, True), (2, False)])
def test_the_page_of_the_first_source_is_open(make: Any, marker: int, opened: bool) -> None:
    html = card_html(replace(card_of(make, marker=marker), figure=FIGURE), 1)

    assert (f'id="answer-1-source-{marker}-figure" open>' in html) is opened


def test_the_file_is_opened_at_the_page(make: Any) -> None:
    html = card_html(replace(card_of(make), figure=FIGURE), 1)

    assert Seen(html).links[-1] == (
        "/citewell/file?collection=animals&document=animals%2Felephants.md#page=6"
    )
    assert "Open the file at this page" in html


def test_names_with_signs_stay_names_in_addresses(make: Any) -> None:
    held = Document("a&b #1?.md", "T", make.document.text)

    html = card_html(card_of(make, document=held, page=None), 1)

    assert Seen(html).links == ["/citewell/file?collection=animals&document=a%26b%20%231%3F.md"]


def test_a_quote_from_a_table_is_shown_in_its_rows(make: Any) -> None:
    table = TableExcerpt(
        (Row((Excerpt("Animal", "", ""), Excerpt("Sleep", "", "")), 1),),
        (Row((Excerpt("Elephant", "", ""), Excerpt("", "2 hours", "")), 7),),
        5,
        0,
    )

    html = card_html(replace(card_of(make), table=table), 1)

    assert (
        '<thead><tr><th class="cw-row-number" scope="row">1</th><th dir="auto">Animal</th>'
        '<th dir="auto">Sleep</th></tr></thead><tbody>'
        '<tr class="cw-gap"><td colspan="3">5 more rows</td></tr>'
        '<tr class="cw-quoted-row"><th class="cw-row-number" scope="row">7</th>'
        '<td dir="auto">Elephant</td>'
        '<td dir="auto" class="cw-quoted-cell"><mark>2 hours</mark></td></tr></tbody>' in html
    )


def test_a_row_that_is_shorter_than_others_is_filled_up(make: Any) -> None:
    cell = Excerpt("a", "", "")
    table = TableExcerpt((Row((cell,)),), (Row((cell, Excerpt("", "b", ""))),), 0, 0)

    html = card_html(replace(card_of(make), table=table), 1)

    assert '<thead><tr><th dir="auto">a</th><th dir="auto"></th></tr></thead>' in html


def test_scores_stand_behind_an_expander(make: Any) -> None:
    scores = Scores(lexical=7.5, lexical_rank=2, dense=0.5, dense_rank=11)

    seen = Seen(card_html(replace(card_of(make), scores=scores), 1))

    assert "How it was foundby words: 2nd, BM25 7.500by meaning: 11th, cosine 0.500" in seen.text


def test_the_words_to_copy_name_their_source(make: Any) -> None:
    html = card_html(card_of(make), 1)

    assert (
        "Copy quote</button><span hidden>“Elephants sleep about two hours a night.” "
        "(Elephants, page 2; animals/elephants.md)</span>" in html
    )


def test_a_passage_that_was_found_is_shown_with_its_page(make: Any) -> None:
    passage = make.passage()
    [card] = passage_cards([passage], Lookup(make.engine(), "animals"))

    html = passage_html(passage, replace(card, figure=FIGURE), 2)

    assert '<details class="cw-source" id="answer-2-found-1">' in html
    assert "animals/elephants.md · pages 1–2 · Sleep" in Seen(html).text
    assert 'id="answer-2-found-1-figure" open>' in html


def test_nothing_that_is_planted_around_a_page_or_a_table_becomes_markup(make: Any) -> None:
    cell = Excerpt(PLANTED, PLANTED, PLANTED)
    planted = Document(PLANTED, PLANTED, f"{PLANTED} The quote.")
    card = replace(
        card_of(make, quote="The quote.", document=planted, page=None),
        figure=replace(FIGURE, labels=(PLANTED,) * 6),
        table=TableExcerpt((Row((cell,)),), (Row((cell,)),), 1, 1),
    )

    seen = Seen(card_html(card, 1))

    assert seen.tags.count("img") == 1
    assert "script" not in seen.tags
    assert all(link.startswith("/citewell/") for link in seen.links)
