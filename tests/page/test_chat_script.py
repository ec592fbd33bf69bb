"""The page as Streamlit runs it, without a browser, on an engine that answers from a script."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from citewell.app.answer_values import Answered, Event, Searched
from citewell.app.page.engine import ChatEngine
from citewell.retrieval.errors import StoreError


def page(engine: "ChatEngine") -> None:
    from citewell.app.page.chat import errors_shown, show

    with errors_shown():
        show(engine)


Run = Callable[[ChatEngine], AppTest]


@pytest.fixture
def run() -> Run:
    return lambda engine: AppTest.from_function(page, args=(engine,), default_timeout=20).run()


def shown(app: AppTest) -> str:
    """All the HTML of the page, from top to bottom."""
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def ask(app: AppTest, question: str) -> AppTest:
    return app.chat_input[0].set_value(question).run()


def test_without_a_collection_the_page_says_what_to_do(run: Run, make: Any) -> None:
    app = run(make.engine(names=()))

    assert "<code>citewell ingest PATH</code>" in shown(app)
    assert len(app.chat_input) == 0


def test_a_collection_without_documents_counts_as_none(run: Run, make: Any) -> None:
    app = run(make.engine(documents=()))

    assert "<code>citewell ingest PATH</code>" in shown(app)


def test_an_empty_chat_shows_a_hint_and_what_can_be_asked(run: Run, make: Any) -> None:
    app = run(make.engine())

    assert "Ask animals" in shown(app)
    assert "1 document · 3 passages" in shown(app)
    assert "Nothing leaves this machine." in shown(app)


def test_a_question_is_answered_with_markers_and_sources(
    run: Run, make: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    app = ask(run(engine), "How long do they sleep?")

    assert engine.asked == [("animals", "How long do they sleep?")]
    assert '<p class="cw-question">How long do they sleep?</p>' in shown(app)
    assert 'href="#answer-1-source-1"' in shown(app)
    assert "<mark>Elephants sleep about two hours a night.</mark>" in shown(app)


def test_earlier_turns_stay_with_their_sources(run: Run, make: Any, answered: list[Event]) -> None:
    app = ask(ask(run(make.engine(answered)), "First?"), "Second?")

    assert len(app.chat_message) == 4
    assert 'id="answer-1-source-1"' in shown(app)
    assert 'id="answer-2-source-1"' in shown(app)


def test_a_blank_question_is_not_asked(run: Run, make: Any, answered: list[Event]) -> None:
    engine = make.engine(answered)

    ask(run(engine), "   ")

    assert engine.asked == []


def test_an_abstention_shows_what_was_found_instead(run: Run, make: Any) -> None:
    declined = make.answer(mode="abstained", reason="off_topic", sources=[make.passage()])
    app = ask(run(make.engine([Searched(()), Answered(declined)])), "Who won?")

    assert "The documents are about something else." in shown(app)
    assert "What was found instead" in shown(app)


def test_an_error_is_a_message_and_no_traceback(run: Run, make: Any) -> None:
    app = ask(run(make.engine([StoreError("The store is damaged. Run: citewell doctor")])), "How?")

    assert 'role="alert"><p>The store is damaged. Run: citewell doctor</p>' in shown(app)


def test_the_preferred_collection_is_opened_first(run: Run, make: Any) -> None:
    app = run(make.engine(names=("a", "b", "c"), preferred="b"))

    assert app.selectbox[0].value == "b"


def test_each_collection_has_a_chat_of_its_own(run: Run, make: Any, answered: list[Event]) -> None:
    app = ask(run(make.engine(answered, names=("a", "b"))), "How long?")

    app.selectbox[0].set_value("b").run()
    assert len(app.chat_message) == 0

    app.selectbox[0].set_value("a").run()
    assert len(app.chat_message) == 2


def test_a_new_chat_is_empty(run: Run, make: Any, answered: list[Event]) -> None:
    app = ask(run(make.engine(answered)), "How long?")

    app.button[0].click().run()

    assert len(app.chat_message) == 0
    assert "Ask animals" in shown(app)
