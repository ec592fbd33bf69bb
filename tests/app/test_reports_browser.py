"""The report's page in a real browser: its script runs under its own policy, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from citewell.app.reports.page import report_page
from citewell.app.reports.summary import summarise
from citewell.retrieval.reading import PageReading, Reading

pytestmark = pytest.mark.browser

READINGS = (
    Reading(Path("/docs/b.md"), "b.md", "read", words=1200, seconds=0.2),
    Reading(Path("/docs/a.md"), "a.md", "read", words=90, seconds=3.0),
    Reading(
        Path("/docs/<img src=x onerror=alert(1)>.pdf"),
        "<img src=x onerror=alert(1)>.pdf",
        "read",
        words=800,
        pages=(PageReading(1, "text", 800), PageReading(2, "none", 0)),
    ),
    Reading(Path("/docs/z.pdf"), "z.pdf", "failed", "damaged"),
)


@pytest.fixture
def report(tmp_path: Path) -> Iterator[tuple[Page, list[str]]]:
    """The page in Chromium, and what its console and its network had to say."""
    file = tmp_path / "report.html"
    file.write_text(report_page(summarise("pets", READINGS)), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on("request", lambda request: said.append(request.url))
        page.goto(file.as_uri())
        said.remove(file.as_uri())
        yield page, said
        browser.close()


def names(page: Page) -> list[str]:
    return page.locator("tbody tr:visible th").all_inner_texts()


def test_the_table_is_sorted_and_narrowed_down_by_keyboard(
    report: tuple[Page, list[str]],
) -> None:
    page, _ = report
    assert names(page) == ["z.pdf", "<img src=x onerror=alert(1)>.pdf", "a.md", "b.md"]

    page.get_by_role("button", name="Words").focus()
    page.keyboard.press("Enter")
    assert names(page) == ["z.pdf", "a.md", "<img src=x onerror=alert(1)>.pdf", "b.md"]
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Words")

    page.keyboard.press("Enter")
    assert names(page)[0] == "b.md"

    page.get_by_role("combobox").select_option("good")
    assert names(page) == ["b.md", "a.md"]

    page.get_by_label("Find").fill("A.M")
    assert names(page) == ["a.md"]
    expect(page.locator("#shown")).to_have_text("1 of 4 files")


def test_the_page_fits_a_phone_and_a_desk_and_asks_for_nothing(
    report: tuple[Page, list[str]],
) -> None:
    page, said = report
    widths = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert widths == [390, 1280]
    assert said == []
