"""The page in a real browser, served as ``citewell ui`` serves it."""

from pathlib import Path
from typing import Any

import pytest

Visit = Any

pytestmark = [pytest.mark.browser, pytest.mark.models]


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
    assert visit.complaints == []
    assert visit.elsewhere == []


def test_what_a_document_plants_is_text_and_fetched_by_nobody(visit: Visit, listener: Any) -> None:
    visit.ask("When does the harbour of Ostrand open in the morning?")

    cards = visit.page.locator(".cw-source")
    shown = "\n".join(cards.all_inner_texts())
    assert f"![a](http://127.0.0.1:{listener.port}/inline.png)" in shown
    assert f'<img src="http://127.0.0.1:{listener.port}/tag.png">' in shown
    assert cards.locator("img, a:not([data-cw='open'])").count() == 0
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


def test_on_a_phone_in_the_dark_all_fits_the_width(phone: Visit, tmp_path: Path) -> None:
    phone.ask("When does the harbour of Ostrand open in the morning?")

    phone.page.screenshot(path=tmp_path / "phone.png")
    widths = phone.page.evaluate(
        "[...document.querySelectorAll('[class*=st-key-cw-turn] *')]"
        ".map(item => item.getBoundingClientRect().right)"
    )
    assert max(widths) <= 360
    assert phone.page.evaluate("document.documentElement.scrollWidth") == 360
    scheme = "getComputedStyle(document.querySelector('.stApp')).colorScheme"
    assert phone.page.evaluate(scheme) == "dark"
