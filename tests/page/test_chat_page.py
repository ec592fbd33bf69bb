"""The chat page as Streamlit runs it, on an engine that answers from a script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event as Gate
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from citewell.app.answer_values import Answered, Event, Reading, Searched
from citewell.app.chats.values import Feedback, RightPassage
from citewell.app.followups import Turn as Past
from citewell.app.page.conversations import file_name
from citewell.app.page.services import Services
from citewell.app.page.turn_view import in_line
from citewell.app.page.turns import Turn
from citewell.retrieval.errors import StoreError
from citewell.retrieval.settings import Settings


def page(services: "Services") -> None:
    from citewell.app.page.chat_page import show

    show(services)


Run = Callable[..., AppTest]


@pytest.fixture
def run() -> Run:
    def run(services: Services, chat: str | None = None) -> AppTest:
        app = AppTest.from_function(page, args=(services,), default_timeout=20)
        if chat is not None:
            app.query_params["chat"] = chat
        return app.run()

    return run


def shown(app: AppTest) -> str:
    """All the HTML of the page, from top to bottom."""
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def ask(app: AppTest, question: str) -> AppTest:
    return app.chat_input(key="question").set_value(question).run()


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def opened(app: AppTest, popover: str) -> AppTest:
    """The page with one of its popovers opened; ``popover`` is how its key begins."""
    [key] = [key for key in app.session_state if str(key).startswith(popover)]
    app.session_state[key] = True
    return app.run()


class Held:
    """Answers as another engine does, but waits before the end until it is let go on."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.gate = Gate()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def ask(
        self, collection: str, question: str, history: Sequence[Past], settings: Settings
    ) -> Iterator[Event]:
        *first, last = self._engine.ask(collection, question, history, settings)
        yield from first
        assert self.gate.wait(20)
        yield last


# ---- before the first question


def test_without_a_collection_the_page_says_what_to_do(
    run: Run, make: Any, make_services: Any
) -> None:
    app = run(make_services(make.engine(names=())))

    assert "<code>citewell ingest PATH</code>" in shown(app)
    assert len(app.chat_input) == 0


def test_a_collection_without_documents_counts_as_none(
    run: Run, make: Any, make_services: Any
) -> None:
    app = run(make_services(make.engine(documents_held=())))

    assert "<code>citewell ingest PATH</code>" in shown(app)


def test_an_empty_chat_shows_a_hint_and_what_can_be_asked(
    run: Run, make: Any, make_services: Any
) -> None:
    html = shown(run(make_services(make.engine())))

    assert "Ask animals" in html
    assert "1 document · 3 passages" in html
    assert "What you ask is kept here." in html
    assert "Nothing leaves this machine." in html


def test_a_suggested_question_is_asked_by_a_click(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered, suggested=("What is [an] elephant?",))
    app = run(make_services(engine))

    [button] = [each for each in app.button if "elephant" in each.label]
    assert button.label == r"What is \[an\] elephant\?"
    button.click().run()

    assert engine.asked == [("animals", "What is [an] elephant?")]
    assert 'href="#answer-1-source-1"' in shown(app)


def test_the_collection_of_the_settings_is_chosen_first(
    run: Run, make: Any, make_services: Any
) -> None:
    app = run(make_services(make.engine(names=("a", "b", "c")), collection="b"))

    assert app.selectbox(key="collection").value == "b"


# ---- asking


def test_a_question_is_answered_with_markers_and_sources(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    app = ask(run(make_services(engine)), "How long do they sleep?")

    assert engine.asked == [("animals", "How long do they sleep?")]
    assert ">How long do they sleep?</p>" in shown(app)
    assert 'href="#answer-1-source-1"' in shown(app)
    assert "<mark>Elephants sleep about two hours a night.</mark>" in shown(app)


def test_a_conversation_has_an_address_of_its_own_and_is_kept(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")

    [kept] = services.chats.conversations()
    assert app.query_params["chat"] == kept.id
    html = shown(run(services, kept.id))
    assert ">How long?</h1>" in html
    assert "<mark>Elephants sleep about two hours a night.</mark>" in html


def test_earlier_turns_stay_with_their_sources(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    app = ask(ask(run(make_services(engine)), "First?"), "Second?")

    assert len(app.chat_message) == 4
    assert 'id="answer-1-source-1"' in shown(app)
    assert 'id="answer-2-source-1"' in shown(app)
    assert engine.histories[1] == (Past("First?", "They sleep two hours [1]."),)


def test_a_blank_question_is_not_asked(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))

    ask(run(services), "   ")

    assert services.chats.conversations() == []


def test_a_conversation_is_answered_with_its_own_settings(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    services = make_services(engine)
    services.chats.set_preferences({"k": 3})

    ask(run(services), "How long?")

    assert [settings.k for settings in engine.chosen] == [3]


def test_an_error_is_a_message_and_no_traceback(run: Run, make: Any, make_services: Any) -> None:
    engine = make.engine([StoreError("The store is damaged. Run: citewell doctor")])
    app = ask(run(make_services(engine)), "How?")

    assert 'role="alert"><p>The store is damaged. Run: citewell doctor</p>' in shown(app)


def test_a_choice_that_may_be_had_no_more_is_named_and_nothing_is_asked(
    run: Run, make: Any, make_services: Any
) -> None:
    services = make_services(make.engine())
    services.chats.set_preferences({"k": "many"})

    app = ask(run(services), "How long?")

    assert shown(app).count("Passages to find is &#x27;many&#x27;.") == 2
    assert services.chats.conversations() == []


def test_what_goes_wrong_with_a_click_is_said_once(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()
    app = opened(app, "conversation-")

    app.text_input(key=f"title-{kept.id}").set_value("  ").run()
    assert shown(app).count('role="alert"') == 1

    assert 'role="alert"' not in shown(app.run())


# ---- an answer under way


def test_an_answer_under_way_is_found_again_after_a_reload(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = Held(make.engine(answered))
    services = make_services(engine)
    kept = services.chats.create("animals")
    begin(services, kept, "How long?")
    looks = services.runs.of(kept.id).updates()
    while not next(looks).cards:
        pass

    engine.gate.set()
    html = shown(run(services, kept.id))

    assert "They sleep two hours" in html
    assert "cw-made" in html


def begin(services: Services, conversation: Any, question: str) -> None:
    from citewell.app.page import acting

    acting.ask(services, conversation, question)


def test_a_stopped_answer_shows_what_there_is_and_that_it_was_stopped(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = Held(make.engine(answered))
    services = make_services(engine)
    kept = services.chats.create("animals")
    begin(services, kept, "How long?")
    looks = services.runs.of(kept.id)
    for turn in looks.updates():
        if turn.cards:
            looks.stop()
    engine.gate.set()

    html = shown(run(services, kept.id))

    assert "They sleep two hours" in html
    assert "Stopped before the answer was complete." in html


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (0, "Searching …"),
        (1, "In line: 1 question is before yours …"),
        (3, "In line: 3 questions are before yours …"),
    ],
)
def test_a_question_in_line_says_how_many_are_before_it(ahead: int, said: str) -> None:
    assert in_line(Turn("How long?", progress="Searching …"), ahead).progress == said


# ---- what can be done with a turn


def test_asking_again_replaces_the_last_answer(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    services = make_services(engine)
    app = ask(run(services), "How long?")

    [again] = [button for button in app.button if button.label == "Ask again"]
    again.click().run()

    [kept] = services.chats.conversations()
    assert [question for _, question in engine.asked] == ["How long?", "How long?"]
    assert len(services.chats.turns(kept.id)) == 1


def test_an_edited_question_is_asked_in_place_of_it_and_all_after(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(ask(run(services), "First?"), "Second?")
    [kept] = services.chats.conversations()
    first = services.chats.turns(kept.id)[0].id

    app = opened(app, f"edit-{first}")
    assert "The question after this one is removed with its answer." in shown(app)
    app.text_area(key=f"edited-{first}").set_value("Another?")
    [button] = [each for each in app.button if each.label == "Ask this instead"]
    button.click().run()

    assert [turn.question for turn in services.chats.turns(kept.id)] == ["Another?"]
    assert ">Another?</p>" in shown(app)


def test_a_thumb_is_kept_and_taken_back(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()
    [turn] = services.chats.turns(kept.id)

    app.feedback[0].set_value(1).run()
    assert services.chats.feedback(turn.id) == Feedback("up")

    app.feedback[0].set_value(None).run()
    assert services.chats.feedback(turn.id) is None


def test_more_can_be_said_of_an_answer(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()
    [turn] = services.chats.turns(kept.id)

    app = opened(app, "say-")
    app.text_area(key=f"said-{turn.id}-comment").set_value("It is longer.")
    wrong = app.checkbox(key=f"said-{turn.id}-wrong-1")
    assert wrong.label.startswith(r"\[1\] Elephants\: “Elephants sleep about two hours")
    wrong.check()
    app.selectbox(key=f"said-{turn.id}-document").set_value("animals/elephants.md")
    app.text_area(key=f"said-{turn.id}-quote").set_value("They stand up\nwhile they do.")
    [button] = [each for each in app.button if each.label == "Keep"]
    button.click().run()

    start = make.document.text.index("They stand up")
    right = RightPassage("animals/elephants.md", start, start + 28, "They stand up while they do.")
    assert services.chats.feedback(turn.id) == Feedback(None, "It is longer.", (1,), right)
    assert not app.exception


def test_words_that_the_document_does_not_hold_are_no_right_passage(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()
    [turn] = services.chats.turns(kept.id)

    app = opened(app, "say-")
    app.selectbox(key=f"said-{turn.id}-document").set_value("animals/elephants.md")
    app.text_area(key=f"said-{turn.id}-quote").set_value("They fly.")
    [button] = [each for each in app.button if each.label == "Keep"]
    button.click().run()

    [popover] = [each for each in app.get("popover") if each.proto.popover.label == "Say more"]
    said = "\n".join(element.proto.body for element in popover.get("html"))
    error = "animals/elephants.md does not hold the words &#x27;They fly.&#x27;."
    assert error in said
    assert shown(app).count(error) == 1
    assert app.text_area(key=f"said-{turn.id}-quote").value == "They fly."
    assert services.chats.feedback(turn.id) is None


def test_what_was_wrong_with_the_form_is_said_no_more_once_it_is_mended(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()
    [turn] = services.chats.turns(kept.id)
    app = opened(app, "say-")
    app.text_area(key=f"said-{turn.id}-quote").set_value("They fly.")
    [button] = [each for each in app.button if each.label == "Keep"]
    app = button.click().run()
    assert "The right passage was given without its document. Choose it." in shown(app)

    app.text_area(key=f"said-{turn.id}-quote").set_value("")
    [button] = [each for each in app.button if each.label == "Keep"]
    button.click().run()

    assert 'role="alert"' not in shown(app)


def test_an_answer_can_be_copied_with_its_sources(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    html = shown(ask(run(make_services(make.engine(answered))), "How long?"))

    assert 'data-cw="copy">Copy with sources</button><span hidden>They sleep two' in html
    assert "Sources\n[1] Elephants (animals/elephants.md, page 2): “Elephants sleep" in html


# ---- declined


def test_a_declined_answer_says_what_was_found_and_what_can_be_done(
    run: Run, make: Any, make_services: Any
) -> None:
    declined = make.answer(mode="abstained", reason="off_topic", sources=[make.passage()])
    app = ask(run(make_services(make.engine([Searched(()), Answered(declined)]))), "Who won?")

    html = shown(app)
    assert "The documents are about something else." in html
    assert "What was found instead" in html
    assert "What you can do" in html
    assert "Why not that document?" in labels(app)


def test_a_declined_question_can_be_asked_of_another_collection(
    run: Run, make: Any, make_services: Any
) -> None:
    declined = make.answer(mode="abstained", reason="off_topic")
    engine = make.engine([Searched(()), Answered(declined)], names=("animals", "plants"))
    services = make_services(engine)
    app = ask(run(services), "What is a fern?")

    app.menu_button[0].set_value("plants").run()

    assert engine.asked[-1] == ("plants", "What is a fern?")
    assert [each.collection for each in services.chats.conversations()] == ["plants", "animals"]


def test_a_reading_of_an_ambiguous_question_is_asked_by_a_click(
    run: Run, make: Any, make_services: Any
) -> None:
    declined = replace(
        make.answer(mode="abstained", reason="ambiguous"),
        readings=(Reading("How long (Elephants)?", make.citation()),),
    )
    engine = make.engine([Searched(()), Answered(declined)])
    app = ask(run(make_services(engine)), "How long?")

    assert "Which do you mean?" in shown(app)
    assert "What you can do" not in shown(app)
    [reading] = [button for button in app.button if "Elephants" in button.label]
    reading.click().run()

    assert engine.asked[-1] == ("animals", "How long (Elephants)?")


# ---- conversations


def test_the_conversations_are_listed_and_searched(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long do elephants sleep?")
    app.button(key="new-chat").click().run()
    app = ask(app, "What do they eat?")

    listed = [label for label in labels(app) if label.endswith(r"\?")]
    assert listed == [r"What do they eat\?", r"How long do elephants sleep\?"]

    app.text_input(key="conversations-sought").set_value("elephants").run()
    listed = [label for label in labels(app) if label.endswith(r"\?")]
    assert r"How long do elephants sleep\?" in listed


def test_a_new_chat_is_empty_and_the_old_one_is_opened_again(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()

    app.button(key="new-chat").click().run()
    assert "Ask animals" in shown(app)
    assert "chat" not in app.query_params

    app.button(key=f"open-{kept.id}").click().run()
    assert len(app.chat_message) == 2


def test_choosing_another_collection_begins_a_new_conversation(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered, names=("a", "b")))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()

    app.selectbox(key=f"collection-of-{kept.id}").set_value("b").run()

    assert "Ask b" in shown(app)
    assert app.selectbox(key="collection").value == "b"


def test_a_conversation_is_renamed(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()

    app = opened(app, "conversation-")
    app.text_input(key=f"title-{kept.id}").set_value("Sleep").run()

    assert ">Sleep</h1>" in shown(app)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("How long?", "How long"),
        ("a/b\\c: d", "a b c d"),
        ("../..", "conversation"),
        ("é" * 100, "é" * 80),
    ],
)
def test_a_title_makes_a_name_for_a_file(title: str, name: str) -> None:
    assert file_name(title) == name


def test_a_conversation_is_deleted_once_it_is_confirmed(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    app = ask(run(services), "How long?")
    [kept] = services.chats.conversations()

    app = opened(app, "conversation-")
    assert app.button(key="delete").disabled
    app.checkbox(key=f"delete-sure-{kept.id}").check().run()
    app.button(key="delete").click().run()

    assert services.chats.conversations() == []
    assert "Ask animals" in shown(app)


def test_a_conversation_that_is_gone_says_so(run: Run, make: Any, make_services: Any) -> None:
    app = run(make_services(make.engine()), "of-nobody")

    assert "That conversation is not here any more." in shown(app)
    assert "Ask animals" in shown(app)


def test_a_conversation_about_a_collection_that_is_gone_can_be_read(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    engine = make.engine(answered)
    services = make_services(engine)
    ask(run(services), "How long?")
    [kept] = services.chats.conversations()
    engine.names = ("plants",)

    app = run(services, kept.id)

    assert "They sleep two hours" in shown(app)
    assert app.chat_input(key="question").disabled


def test_only_the_last_turns_are_shown_at_first(
    run: Run, make: Any, make_services: Any, answered: list[Event]
) -> None:
    services = make_services(make.engine(answered))
    kept = services.chats.create("animals")
    for number in range(22):
        begin(services, kept, f"Number {number}?")
        while services.runs.of(kept.id):
            pass

    app = run(services, kept.id)
    assert len(app.chat_message) == 40
    assert ">Number 1?</p>" not in shown(app)

    [earlier] = [button for button in app.button if button.label.startswith("Show earlier")]
    earlier.click().run()
    assert ">Number 0?</p>" in shown(app)
