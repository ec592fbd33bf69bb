"""Every page against the rules of WCAG 2.1 A and AA, as axe tells them."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.browser, pytest.mark.models]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}

STILL = """() =>
    document.querySelector('.stApp[data-test-script-state="notRunning"]') &&
    !document.querySelector('[data-stale="true"]') && !document.getAnimations().length"""

Visit = Any


def broken(visit: Visit) -> list[str]:
    """Each rule that the page breaks, with the elements that do."""
    visit.page.wait_for_function(STILL)
    found = Axe().run(visit.page, options=RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_keeps_the_rules(
    open_visit: Callable[..., Visit], server: str, scheme: str
) -> None:
    visit = open_visit(server, viewport={"width": 1400, "height": 900}, color_scheme=scheme)
    main = visit.page.get_by_test_id("stMainBlockContainer")

    main.get_by_role("heading").first.wait_for()
    assert broken(visit) == []

    visit.ask("How long do elephants sleep a night?")
    assert broken(visit) == []

    for name in ("Collections", "Settings"):
        visit.page.get_by_role("link", name=name).click()
        main.get_by_role("heading", name=name, exact=True).wait_for()
        assert broken(visit) == []
