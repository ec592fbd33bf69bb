"""The page in a real browser, served as ``citewell ui`` serves it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SERVE = (
    "import sys; from citewell.app.ui import serve; "
    "from citewell.retrieval.settings import Settings; "
    "serve('127.0.0.1', int(sys.argv[1]), Settings(), open_browser=False)"
)
SECONDS = 60

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the path"),
]


@pytest.fixture(scope="module")
def server(filled_home: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CITEWELL_HOME": str(filled_home), "CITEWELL_LLM": "none"}
    command = [sys.executable, "-c", SERVE, str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}" in process.stderr.readline()
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        _, complaints = process.communicate(timeout=SECONDS)
    assert "Traceback" not in complaints


def wait_until_healthy(url: str) -> None:
    for _ in range(SECONDS * 5):
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Visit:
    """An open page, and what the browser complained about or fetched from elsewhere."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self._context = browser.new_context(**context)
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page.set_default_timeout(SECONDS * 1000)
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self._hear("error", str(error)))
        self.page.on("request", lambda request: self._see(request.url, url))
        self.page.goto(url)
        self.page.get_by_test_id("stChatInputTextArea").wait_for()

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def _see(self, asked: str, own: str) -> None:
        if not asked.startswith((own, "data:", "blob:")):
            self.elsewhere.append(asked)

    def ask(self, question: str) -> None:
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(question)
        box.press("Enter")
        self.page.locator(".cw-made").last.wait_for()

    def close(self) -> None:
        self._context.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    wide = Visit(browser, server, viewport={"width": 1400, "height": 900})
    yield wide
    wide.close()


@pytest.fixture
def phone(browser: Browser, server: str) -> Iterator[Visit]:
    size = {"width": 360, "height": 740}
    narrow = Visit(browser, server, viewport=size, color_scheme="dark")
    yield narrow
    narrow.close()


def test_enter_asks_and_the_answer_stands_beside_the_words_it_rests_on(
    visit: Visit, tmp_path: Path
) -> None:
    visit.ask("How long do elephants sleep a night?")

    visit.page.screenshot(path=tmp_path / "wide.png")
    card = visit.page.locator(".cw-source")
    assert visit.page.locator(".cw-marker").all_inner_texts() == ["[1]"]
    assert card.locator(".cw-number").all_inner_texts() == ["[1]"]
    assert card.locator(".cw-title").all_inner_texts() == ["Elephants"]
    assert card.locator(".cw-state").all_inner_texts() == ["Verified"]
    assert card.locator("mark").all_inner_texts() == ["Elephants sleep about two hours a night."]
    answer = visit.page.locator(".cw-answer").bounding_box()
    sources = visit.page.locator(".cw-sources").bounding_box()
    assert answer is not None
    assert sources is not None
    assert answer["x"] + answer["width"] <= sources["x"]


def test_a_marker_leads_to_its_card_by_keyboard(visit: Visit) -> None:
    visit.ask("How long do elephants sleep a night?")

    visit.page.locator(".cw-marker").focus()
    visit.page.keyboard.press("Enter")

    visit.page.locator(".cw-source:target").wait_for()
    assert visit.page.url.endswith("#answer-1-source-1")


def test_a_card_opens_and_closes_by_keyboard(visit: Visit) -> None:
    visit.ask("How long do elephants sleep a night?")
    summary = visit.page.locator(".cw-source summary")

    summary.focus()
    visit.page.keyboard.press("Enter")
    assert not visit.page.locator(".cw-source mark").is_visible()

    visit.page.keyboard.press("Enter")
    assert visit.page.locator(".cw-source mark").is_visible()


def test_what_a_document_plants_is_text_and_fetched_by_nobody(visit: Visit, listener: Any) -> None:
    visit.ask("When does the harbour of Ostrand open in the morning?")

    cards = visit.page.locator(".cw-source")
    shown = "\n".join(cards.all_inner_texts())
    assert f"![a](http://127.0.0.1:{listener.port}/inline.png)" in shown
    assert f'<img src="http://127.0.0.1:{listener.port}/tag.png">' in shown
    assert cards.locator("img, a").count() == 0
    assert visit.elsewhere == []
    assert listener.paths == []


def test_a_script_on_the_page_could_not_reach_another_server(visit: Visit, listener: Any) -> None:
    outcome = visit.page.evaluate(
        """async url => {
            const image = new Image();
            const loaded = new Promise(done => {
                image.onload = () => done("loaded"); image.onerror = () => done("blocked");
            });
            image.src = url + "/image.png";
            const fetched = fetch(url + "/fetch").then(() => "fetched", () => "blocked");
            return [await loaded, await fetched];
        }""",
        f"http://127.0.0.1:{listener.port}",
    )

    assert outcome == ["blocked", "blocked"]
    assert listener.paths == []


def test_the_browser_has_nothing_to_complain_about(visit: Visit) -> None:
    visit.ask("How long do elephants sleep a night?")

    assert visit.complaints == []
    assert visit.elsewhere == []


def test_on_a_phone_in_the_dark_all_fits_the_width(phone: Visit, tmp_path: Path) -> None:
    phone.ask("When does the harbour of Ostrand open in the morning?")

    phone.page.screenshot(path=tmp_path / "phone.png")
    widths = phone.page.evaluate(
        "[...document.querySelectorAll('.cw-turn, .cw-turn *')]"
        ".map(item => item.getBoundingClientRect().right)"
    )
    assert max(widths) <= 360
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 360
    scheme = "getComputedStyle(document.querySelector('.stApp')).colorScheme"
    assert phone.page.evaluate(scheme) == "dark"
