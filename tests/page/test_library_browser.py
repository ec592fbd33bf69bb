"""Collections in a real browser: what is dropped is read, listed, renamed and deleted."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

CITEWELL = Path(sys.executable).with_name("citewell")

pytestmark = [pytest.mark.browser, pytest.mark.models]


def drop(page: Any, files: dict[str, str]) -> None:
    """Let go of files over the place where they are to be dropped, as a mouse does."""
    dragged = page.evaluate_handle(
        """files => {
            const dragged = new DataTransfer();
            for (const [name, text] of Object.entries(files))
                dragged.items.add(new File([text], name));
            return dragged;
        }""",
        files,
    )
    place = page.get_by_test_id("stFileUploaderDropzone").first
    place.dispatch_event("drop", {"dataTransfer": dragged})


def done(page: Any) -> str:
    """Wait until an ingest is over, take its note away, and return it."""
    text: str = page.locator(".cw-done").inner_text()
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator(".cw-done").wait_for(state="detached")
    return text


def listed(page: Any) -> list[str]:
    names: list[str] = page.locator(".cw-row .cw-title").all_inner_texts()
    return names


def test_documents_go_in_are_seen_and_go_out_again(
    open_visit: Callable[..., Any], serve_page: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "case"
    (folder / "notes").mkdir(parents=True)
    (folder / "notes" / "dogs.txt").write_text("Dogs run when they are called.")
    more = tmp_path / "more"
    more.mkdir()
    (more / "cows.txt").write_text("Cows eat grass.")
    home = tmp_path / "home"
    with serve_page(home) as url:
        visit = open_visit(url, viewport={"width": 1400, "height": 900})
        page = visit.page
        page.get_by_test_id("stSidebar").get_by_role("link", name="Collections").click()
        page.get_by_role("heading", name="Drop files here").wait_for()

        drop(page, {"cats.txt": "Cats sleep most of the day."})
        assert "1 file added." in done(page)
        page.locator("input[webkitdirectory]").set_input_files(folder)
        assert "1 file added." in done(page)
        page.get_by_text("case/notes/dogs.txt").wait_for()
        assert listed(page) == ["Dogs", "Cats"]

        # what the command ingests is seen without a click
        command = [str(CITEWELL), "ingest", str(more), "--home", str(home), "--json"]
        ran = subprocess.run(command, check=True, capture_output=True)
        assert json.loads(ran.stdout)["added"] == 1
        page.get_by_text("3 documents · 3 passages").wait_for()
        page.get_by_text("Cows", exact=True).wait_for()

        page.get_by_text("Report", exact=True).click()
        page.wait_for_function(
            """() => {
                const plots = [...document.querySelectorAll("img.plot")];
                return plots.length == 5 && plots.every(plot => plot.naturalWidth > 0);
            }"""
        )

        page.get_by_role("button", name="Rename").click()
        page.get_by_role("dialog").get_by_role("textbox", name="New name").fill("farm")
        page.get_by_role("dialog").get_by_role("button", name="Rename").click()
        page.get_by_role("dialog").wait_for(state="detached")
        page.get_by_text("3 documents · 3 passages").wait_for()
        expect(page.get_by_role("combobox", name="Collection")).to_have_value("farm")
        assert (home / "uploads" / "farm" / "cats.txt").exists()

        page.reload()
        page.get_by_text("3 documents · 3 passages").wait_for()
        page.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("textbox", name="Type its name to confirm").fill(
            "farm"
        )
        page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
        page.get_by_role("heading", name="Drop files here").wait_for()

        assert not (home / "uploads" / "farm").exists()
        assert visit.elsewhere == []
