"""The reader names a document and sees where the search lost it."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from citewell.app.answer_values import Answer
from citewell.app.page.why_dialog import in_words, why_declined, why_html
from citewell.retrieval.diagnosis import Diagnosis
from citewell.retrieval.values import Chunk

SCRIPT = """
import streamlit as st
from citewell.app.page.why_dialog import why_dialog

services = st.session_state["services"]
answer = st.session_state["answer"]
why_dialog(services, "animals", "How long do elephants sleep?", services.settings, answer)
"""
CHUNK = Chunk("a.md", 0, 24, "Giraffes sleep standing.", 3, 3, ("Giraffes", "Sleep"))


class Text(HTMLParser):
    """Collects the visible text and the tags of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown = ""
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.shown += data


def dialog(services: Any, answer: Answer) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=30)
    app.session_state["services"] = services
    app.session_state["answer"] = answer
    return app.run()


def lost(**facts: Any) -> Diagnosis:
    return Diagnosis("a.md", "rank", "6 others ranked higher, and 5 were asked for.", **facts)


def test_documents_are_offered_and_none_is_chosen(make: Any, make_services: Any) -> None:
    app = dialog(make_services(make.engine()), make.answer())

    assert app.selectbox[0].options == ["Elephants (animals/elephants.md)"]
    assert app.selectbox[0].value is None


def test_a_chosen_document_is_looked_for(make: Any, make_services: Any) -> None:
    app = dialog(make_services(make.engine(found=lost())), make.answer())

    app.selectbox[0].select("animals/elephants.md").run()

    shown = [Text(block.proto.body).shown for block in app.get("html")]
    assert "6 others ranked higher, and 5 were asked for." in shown


@pytest.mark.parametrize(("settings", "asked_for"), [({}, "27.7 %"), ({"threshold": 0.5}, "50 %")])
def test_of_a_found_document_is_said_why_the_answer_was_declined(
    make: Any, make_services: Any, settings: dict[str, float], asked_for: str
) -> None:
    found = Diagnosis("animals/elephants.md", "found", "It was found: passage 2.")
    services = make_services(make.engine(found=found), **settings)
    app = dialog(services, declined(make, "weak_match", 0.214))

    app.selectbox[0].select("animals/elephants.md").run()

    assert Text(app.get("html")[-1].proto.body).shown == (
        "It was found: passage 2.What was found was judged to answer the question with a "
        f"probability of 21.4 %, and at least {asked_for} is asked for, so Citewell declined. "
        "“Least probability of an answer” under Settings lowers it."
    )


def declined(make: Any, reason: str, confidence: float | None) -> Answer:
    answer: Answer = make.answer(mode="abstained", reason=reason)
    return replace(answer, confidence=confidence)


@pytest.mark.parametrize(
    ("reason", "confidence", "words"),
    [
        ("no_match", 0.1, "Most words of the question stand nowhere in the documents."),
        ("off_topic", 0.1, "Why there is no answer: The documents are about something else."),
        ("not_supported", 0.6, "No sentence of the draft is supported by the documents."),
        ("weak_match", None, "The documents touch on this, but no passage answers it."),
        ("weak_match", 0.3, "That was too little then, and is enough now. Ask again."),
    ],
)
def test_each_reason_for_declining_is_said(
    make: Any, reason: str, confidence: float | None, words: str
) -> None:
    assert words in why_declined(declined(make, reason, confidence), 0.277)


def test_of_a_lost_document_is_not_said_why_the_answer_was_declined() -> None:
    assert "about something else" not in why_html(lost(), "How?", "It is about something else.")


def test_an_answer_was_not_declined(make: Any) -> None:
    assert why_declined(make.answer(), 0.277) == ""


def test_an_empty_collection_offers_nothing(make: Any, make_services: Any) -> None:
    app = dialog(make_services(make.engine(documents_held=[])), make.answer())

    assert app.selectbox[0].options == []
    assert not app.exception


def test_how_far_a_document_came_is_shown_with_its_passage() -> None:
    found = lost(chunk=CHUNK, searched=1200, lexical_rank=22, dense_rank=None)

    shown = Text(why_html(found, "How do giraffes sleep?")).shown

    assert "a.md · page 3 · Giraffes › SleepGiraffes sleep standing." in shown
    assert "Of 1,200 passages, by words: 22nd; by meaning: nowhere." in shown


def test_words_that_stand_nowhere_in_it_are_named() -> None:
    shown = Text(why_html(lost(missing=("night", "hours")), "How long?")).shown

    assert "These words of the question stand nowhere in it: night, hours." in shown


@pytest.mark.parametrize(
    ("remedy", "words"),
    [
        ("-k 12", "Set “Passages to find” to 12 under Settings."),
        ("--mode lexical", "Set “How passages are searched” to words only under Settings."),
        ("with collar month in the question", "Ask with these words too: collar month."),
    ],
)
def test_what_would_have_found_it_is_said_in_the_words_of_the_page(remedy: str, words: str) -> None:
    assert in_words(remedy) == words
    assert words in Text(why_html(lost(remedies=(remedy,)), "How long?")).shown


def test_nothing_that_is_planted_in_a_document_becomes_markup() -> None:
    planted = "<img src=http://127.0.0.1:9/a.png><script>1</script>"
    chunk = Chunk(planted, 0, 5, planted, headings=(planted,))
    found = Diagnosis(planted, "rank", planted, chunk, 1, 1, 1, 1, (planted,), (planted,))

    seen = Text(why_html(found, planted))

    assert not {"img", "script"} & seen.tags
    assert seen.shown.count(planted) == 6
