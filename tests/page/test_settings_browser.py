"""Settings in a real browser: chosen for a conversation, and a model tested."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.model_server import ModelServer

pytestmark = [pytest.mark.browser, pytest.mark.models]


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    double = ModelServer("ok")
    yield double
    double.close()


def test_a_conversation_that_is_to_quote_asks_no_model_and_others_still_do(
    open_visit: Callable[..., Any],
    serve_page: Callable[..., Any],
    filled_home: Path,
    tmp_path: Path,
    model_server: ModelServer,
) -> None:
    asks = {"CITEWELL_LLM": "openai:test", "CITEWELL_LLM_BASE_URL": model_server.address}
    home = shutil.copytree(filled_home, tmp_path / "home")
    with serve_page(home, **asks) as url:
        visit = open_visit(url, viewport={"width": 1400, "height": 900})
        page = visit.page
        visit.ask("How long do elephants sleep a night?")
        assert len(model_server.requests) == 1

        page.get_by_test_id("stSidebar").get_by_role("link", name="Settings").click()
        page.get_by_text("Only for “How long do elephants sleep a night?”.").wait_for()
        page.get_by_text("No model", exact=True).click()
        page.get_by_text("No language model: answers quote the documents").wait_for()
        page.get_by_test_id("stSidebar").get_by_role("link", name="Chat").click()
        page.locator(".cw-made").wait_for()  # of the first question; `ask` waits for one more
        visit.ask("How long do elephants sleep?")

        assert len(model_server.requests) == 1
        answer = page.locator(".cw-answer").last
        assert "Elephants sleep about two hours a night." in answer.inner_text()

        page.get_by_test_id("stSidebar").get_by_role("link", name="Settings").click()
        page.get_by_text("New conversations", exact=True).click()
        page.get_by_role("button", name="Test this model").click()
        page.get_by_text("Not fit for the job").wait_for()

        assert page.locator(".cw-trial li").count() == 10
        assert visit.complaints == []
        assert visit.elsewhere == []
