"""What stands beside an answer, and that nothing in it becomes markup."""

from html.parser import HTMLParser
from typing import Any

import pytest

from citewell.app.page.excerpts import SourceCard, source_cards
from citewell.app.page.source_html import card_html, passage_html
from citewell.retrieval.values import Document

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
    engine = make.engine(documents=[citation.get("document", make.document)])
    said = make.sentence("It [1].", make.citation(**citation))
    [card] = source_cards([said], lambda name: engine.document("animals", name))
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
    engine = make.engine(documents=())
    [card] = source_cards([said], lambda name: engine.document("animals", name))

    seen = Seen(card_html(card, 1))

    assert "The document has changed since this answer was given." in seen.text
    assert seen.marked == make.quote


def test_nothing_that_is_planted_in_a_card_becomes_markup(make: Any) -> None:
    planted = Document(PLANTED, PLANTED, f"{PLANTED} The quote. {PLANTED}")
    card = card_of(make, quote=f"{PLANTED} The quote.", document=planted, page=None)

    seen = Seen(card_html(card, 1))

    assert set(seen.tags) == {"blockquote", "details", "mark", "p", "span", "summary"}
    assert seen.links == []
    assert seen.marked == f"{PLANTED} The quote."


def test_nothing_that_is_planted_in_a_passage_becomes_markup(make: Any) -> None:
    planted = Document(PLANTED, PLANTED, PLANTED)

    seen = Seen(passage_html(make.passage(planted)))

    assert set(seen.tags) == {"blockquote", "details", "p", "span", "summary"}
    assert PLANTED in seen.text
