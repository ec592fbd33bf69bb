"""Where each browser is a person of its own, none finds what another asked."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.models]

QUESTION = "How long do elephants sleep a night?"


def test_a_browser_finds_its_own_conversations_again_and_nobody_elses(
    serve_page: Callable[..., Any],
    open_visit: Callable[..., Any],
    filled_home: Path,
    tmp_path: Path,
) -> None:
    home = copytree(filled_home, tmp_path / "home", ignore=lambda *_: ["chats.db", "chats.db-wal"])
    with serve_page(home, CITEWELL_PEOPLE="browsers") as url:
        mine = open_visit(url)
        mine.ask(QUESTION)
        address = mine.page.url
        mine.page.goto(url)
        mine.page.get_by_role("button", name=QUESTION).wait_for()

        other = open_visit(address)
        other.page.get_by_text("That conversation is not here any more.").wait_for()

        assert other.page.get_by_role("button", name=QUESTION).count() == 0
        assert QUESTION not in other.page.locator(".stApp").inner_text()
