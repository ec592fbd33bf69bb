"""Whatever a model's server does, the sources come first and the documents are quoted."""

from collections.abc import Callable
from typing import Protocol

import pytest

from citewell.app.answer_values import Answer, Answered, Searched
from citewell.app.answering import Answerer
from citewell.app.llms.factory import open_model
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings

QUESTION = "How many hours a day do cats sleep?"


class Server(Protocol):
    """What these tests use of the double."""

    requests: list[dict[str, object]]

    @property
    def host(self) -> str: ...
    @property
    def address(self) -> str: ...


def ask(retriever: Retriever, address: str, timeout: float = 60) -> tuple[list[str], Answer]:
    """Ask the model at an address. Returns the kinds of events, and the answer."""
    settings = Settings(llm="openai:test", llm_base_url=address, llm_timeout=timeout, threshold=0)
    answerer = Answerer(retriever, open_model("openai:test", settings), settings)
    events = list(answerer.stream(QUESTION))
    answerer.close()
    last = events[-1]
    assert isinstance(last, Answered)
    return [type(event).__name__ for event in events], last.answer


@pytest.mark.parametrize(
    ("mode", "notice"),
    [
        ("error", "answered HTTP 500"),
        ("busy", "answered HTTP 429"),
        ("malformed", "sent what cannot be read"),
        ("wrong_json", "stopped before its answer was complete"),
        ("not_sse", "sent what cannot be read"),
        ("cut", "stopped before its answer was complete"),
        ("wrong_utf8", "sent what cannot be read"),
    ],
)
def test_where_the_model_fails_the_documents_are_quoted_and_the_fault_is_told(
    mode: str, notice: str, model_server: Callable[[str], Server], retriever: Retriever
) -> None:
    server = model_server(mode)
    kinds, answer = ask(retriever, server.address)

    assert kinds[0] == Searched.__name__
    assert (answer.mode, answer.fault) == ("extractive", "failed")
    assert "fourteen hours" in answer.text
    assert answer.notices[0].startswith(f"The language model at {server.host} {notice}")


@pytest.mark.parametrize("mode", ["hang", "dribble"])
def test_a_server_that_does_not_come_to_an_end_is_left_after_the_timeout(
    mode: str, model_server: Callable[[str], Server], retriever: Retriever
) -> None:
    kinds, answer = ask(retriever, model_server(mode).address, timeout=1.5)

    assert kinds[0] == Searched.__name__
    assert (answer.mode, answer.fault) == ("extractive", "failed")
    assert "took longer than 1.5 s and was stopped" in answer.notices[0]


def test_a_server_that_is_down_is_unreachable(closed_address: str, retriever: Retriever) -> None:
    kinds, answer = ask(retriever, closed_address)

    assert kinds[0] == Searched.__name__
    assert (answer.mode, answer.fault) == ("extractive", "unreachable")
    assert "does not answer" in answer.notices[0]


@pytest.mark.parametrize("mode", ["endless", "one_line"])
def test_an_answer_without_end_is_cut_and_the_documents_are_quoted(
    mode: str, model_server: Callable[[str], Server], retriever: Retriever
) -> None:
    _, answer = ask(retriever, model_server(mode).address)

    assert answer.mode == "extractive"
    assert len(answer.text) < 500


def test_sources_are_there_before_the_model_is_asked(
    model_server: Callable[[str], Server], retriever: Retriever
) -> None:
    server = model_server("ok")
    settings = Settings(llm="openai:test", llm_base_url=server.address, threshold=0)
    answerer = Answerer(retriever, open_model("openai:test", settings), settings)
    events = answerer.stream(QUESTION)
    first = next(events)
    asked = len(server.requests)
    rest = list(events)
    answerer.close()

    assert isinstance(first, Searched)
    assert (asked, len(server.requests), isinstance(rest[-1], Answered)) == (0, 1, True)
