"""Whole journeys through the chat page, in a real browser."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.model_server import ModelServer
from citewell.app.chats.protocol import Chats
from citewell.app.chats.sqlite_chats import open_chats

SLEEP = "How long do elephants sleep a night?"
ANSWER = "Elephants sleep about two hours a night."
LAPTOP = {"width": 1400, "height": 900}

pytestmark = [pytest.mark.browser, pytest.mark.models]

Begin = Callable[..., str]


@pytest.fixture
def chats(filled_home: Path) -> Iterator[Chats]:
    with closing(open_chats(filled_home)) as opened:
        yield opened


@pytest.fixture
def begin(chats: Chats, open_visit: Callable[..., Any], server: str) -> Callable[..., Any]:
    """Opens a new conversation, with settings of its own."""

    def begin(**choices: Any) -> Any:
        conversation = chats.create("animals", choices)
        visit = open_visit(f"{server}/?chat={conversation.id}", viewport=LAPTOP)
        visit.conversation = conversation.id
        visit.page.get_by_test_id("stChatInputTextArea").wait_for()
        return visit

    return begin


@pytest.fixture
def begin_slow(begin: Callable[..., Any]) -> Iterator[Callable[[], Any]]:
    """Opens a conversation whose language model writes word after word and never ends."""
    with closing(ModelServer("error")) as model:

        def slow() -> Any:
            visit = begin(llm="openai:test", llm_base_url=model.address)
            visit.ask(SLEEP)  # its failure is told, and the documents are quoted
            model.mode = "slow"
            return visit

        yield slow


def type_in(visit: Any, question: str) -> None:
    box = visit.page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def test_a_question_its_source_a_follow_up_and_a_reload(visit: Any) -> None:
    visit.ask(SLEEP)
    visit.page.locator(".cw-marker").first.click()
    visit.page.locator("#answer-1-source-1.cw-current").wait_for()

    visit.ask("And what about that?")
    visit.page.get_by_text("Searched for:").wait_for()

    visit.page.reload()
    visit.page.locator(".cw-made").nth(1).wait_for()
    shown = visit.page.locator(".cw-question").all_inner_texts()
    assert shown == [SLEEP, "And what about that?"]
    assert visit.page.locator(".cw-source mark").first.inner_text() == ANSWER
    visit.page.get_by_role("button", name="Conversation", exact=True).click()
    with visit.page.expect_download() as saved:
        visit.page.get_by_role("button", name="Markdown").click()
    assert saved.value.suggested_filename == "How long do elephants sleep a night.md"
    assert ANSWER in saved.value.path().read_text("utf-8")
    assert visit.complaints == []


def test_feedback_during_a_generation_does_not_end_it_and_a_reload_finds_it_again(
    begin_slow: Callable[[], Any], chats: Chats
) -> None:
    visit = begin_slow()
    [first] = chats.turns(visit.conversation)
    type_in(visit, "Why do they stand?")
    visit.page.locator(".cw-progress").wait_for()

    visit.page.get_by_test_id("stFeedback").locator("button").first.click()
    visit.page.get_by_role("button", name="Say more").click()
    visit.page.get_by_label("Comment").fill("Well said.")
    visit.page.get_by_role("button", name="Keep").click()
    visit.page.get_by_text("Kept. Thank you.").wait_for()

    given = chats.feedback(first.id)
    assert given is not None
    assert (given.rating, given.comment) == ("up", "Well said.")
    visit.page.locator(".cw-progress").wait_for()
    visit.page.reload()
    visit.page.locator(".cw-progress").wait_for()
    visit.page.get_by_role("button", name="Stop").click()
    visit.page.get_by_text("Stopped before the answer was complete.").wait_for()


def test_a_question_typed_during_an_answer_is_asked_after_it(
    begin_slow: Callable[[], Any], chats: Chats
) -> None:
    visit = begin_slow()
    type_in(visit, "Why do they stand?")
    visit.page.locator(".cw-progress").wait_for()

    type_in(visit, "What do they wear?")
    visit.page.get_by_text("Next: What do they wear?").wait_for()
    visit.page.get_by_role("button", name="Stop").click()

    visit.page.locator(".cw-question").nth(2).wait_for()
    visit.page.get_by_role("button", name="Stop").click()
    visit.page.get_by_text("Stopped before the answer was complete.").nth(1).wait_for()
    assert [turn.question for turn in chats.turns(visit.conversation)] == [
        SLEEP,
        "Why do they stand?",
        "What do they wear?",
    ]


def test_two_windows_see_nothing_of_each_other(
    begin_slow: Callable[[], Any], begin: Callable[..., Any]
) -> None:
    slow, quick = begin_slow(), begin()
    type_in(slow, "Why do they stand?")
    slow.page.locator(".cw-progress").wait_for()

    quick.ask("When does the harbour of Ostrand open in the morning?")

    assert slow.page.locator(".cw-question").all_inner_texts() == [SLEEP, "Why do they stand?"]
    assert quick.page.locator(".cw-question").count() == 1
    assert ANSWER not in quick.page.locator(".stMain").inner_text()
    quick.page.get_by_role("button", name="Ask again").wait_for()
    quick.page.get_by_role("button", name="Stop").wait_for(state="detached")
    slow.page.get_by_role("button", name="Stop").click()
    slow.page.get_by_text("Stopped before the answer was complete.").wait_for()


def test_a_declined_question_is_edited_and_answered(
    begin: Callable[..., Any], chats: Chats
) -> None:
    visit = begin()
    visit.ask("Who composed the opera Tosca?")
    visit.page.get_by_text("What you can do").wait_for()
    assert visit.page.get_by_text("What was found instead").count() == 1

    visit.page.get_by_role("button", name="Why not that document?").click()
    visit.page.get_by_role("dialog").wait_for()
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("button", name="Edit").click()
    visit.page.get_by_label("Question").fill(SLEEP)
    visit.page.get_by_role("button", name="Ask this instead").click()

    visit.page.locator(".cw-source mark").first.wait_for()
    assert [turn.question for turn in chats.turns(visit.conversation)] == [SLEEP]


def test_an_unreachable_model_is_named_and_the_question_asked_again(
    begin: Callable[..., Any], chats: Chats
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    visit = begin(llm="openai:test", llm_base_url=f"http://{address}/v1")

    visit.ask(SLEEP)
    told = visit.page.locator(".cw-note").inner_text()
    assert address in told
    assert "quoted from the documents" in told
    assert visit.page.locator(".cw-source mark").first.inner_text() == ANSWER

    [before] = chats.turns(visit.conversation)
    visit.page.get_by_role("button", name="Ask again").click()
    visit.page.locator(f'.cw-question:not([data-turn="{before.id}"])').wait_for()
    visit.page.locator(".cw-made").wait_for()
    assert len(chats.turns(visit.conversation)) == 1


def test_a_planted_question_becomes_neither_a_link_nor_an_image(
    begin: Callable[..., Any], listener: Any
) -> None:
    url = f"http://127.0.0.1:{listener.port}"
    planted = f"![a]({url}/a.png) [l]({url}/l) {url}/bare :material/home: $x$ www.example.org?"
    visit = begin()

    visit.ask(planted)

    listed = visit.page.locator(".st-key-cw-conversations button").first
    assert listed.inner_text().replace("\u2060", "").startswith(f"![a]({url}/a.png) [l]")
    assert visit.page.locator(".st-key-cw-conversations").locator("img, a").count() == 0
    assert visit.page.locator(".cw-question").inner_text() == planted
    assert listener.paths == []
