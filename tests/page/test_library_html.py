"""What the collections page says of ingests and documents."""

from pathlib import Path

import pytest

from citewell.app.page.jobs import FileLine, JobState, JobView
from citewell.app.page.library_html import (
    MOST_LISTED,
    done_html,
    heading_html,
    job_html,
    page_image_html,
    passages_html,
    refused_html,
    row_html,
    text_html,
)
from citewell.app.page.uploads import Refused
from citewell.app.progress import Tally
from citewell.app.reports.summary import summarise
from citewell.ingest.folder import Remark
from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.reading import PageReading, Reading
from citewell.retrieval.store import DocumentSummary, StoredChunk
from citewell.retrieval.values import Chunk, Document


def view(
    state: JobState = "running",
    tally: Tally | None = None,
    lines: tuple[FileLine, ...] = (),
    *,
    ahead: int = 0,
    message: str = "",
    stopping: bool = False,
) -> JobView:
    return JobView(state, ahead, tally or Tally(), lines, 10.0, message, None, stopping)


def report(
    failed: tuple[Remark, ...] = (), skipped: tuple[Remark, ...] = (), added: int = 0
) -> IngestReport:
    return IngestReport(added, 0, 0, 0, skipped, failed, 0, 0.0)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (view("queued"), "Begins in a moment …"),
        (view("queued", ahead=1), "Waits for another ingest to end …"),
        (view("queued", ahead=2), "Waits for 2 other ingests to end …"),
        (view("waiting", message="Waiting for process 7."), "Waiting for process 7. This goes on"),
        (view(tally=Tally(found=1_200)), "Looking at the files: 1,200 files so far …"),
        (view(tally=Tally(found=3, planned=0)), "Nothing is new. Finishing …"),
        (
            view(tally=Tally(planned=4, size=100, done=1, done_size=50, pages=3, chunks=9)),
            "1 of 4 files read, 3 pages, 9 passages made searchable · 0:10 left<",
        ),
        (
            view(tally=Tally(planned=4, size=1000, done=1, done_size=1)),
            "1 of 4 files read, 0 passages made searchable<",
        ),
        (view(stopping=True), "Stopping …"),
        (view("failed", message="The disk is full."), 'role="alert"><p>The disk is full.</p>'),
    ],
)
def test_a_job_says_what_it_does_now(shown: JobView, said: str) -> None:
    assert said in job_html(shown, "pets")


def test_a_job_shows_how_far_it_has_come_to_all() -> None:
    html = job_html(view(tally=Tally(planned=4, size=100, done=1, done_size=25)), "pets")

    assert 'role="progressbar"' in html
    assert 'aria-valuenow="25"' in html
    assert 'style="width:25%"' in html


def test_a_job_names_the_files_read_last_the_newest_first() -> None:
    lines = tuple(FileLine(f"<{number}>.pdf", 2, 5) for number in range(9))
    html = job_html(view(lines=(*lines, FileLine("bad.doc", 0, 0))), "pets")

    assert html.index("bad.doc") < html.index("&lt;8&gt;.pdf") < html.index("&lt;2&gt;.pdf")
    assert "&lt;1&gt;.pdf" not in html
    assert "2 pages, 5 passages" in html
    assert "gave no new text" in html


def test_what_could_not_be_read_is_named_and_what_was_skipped_can_be_unfolded() -> None:
    failed = (Remark("<b>.doc", "old Word format"),)
    html = done_html(report(failed, (Remark("a.png", "an image"),)), 1.0)

    assert "<strong>Nothing was new.</strong>" in html
    assert "1 file could not be read</span>" in html
    assert "&lt;b&gt;.doc</bdi>: old Word format" in html
    assert "<details><summary>1 file left out" in html


@pytest.mark.parametrize(("number", "opened"), [(3, True), (30, False)])
def test_a_long_list_of_failures_is_folded(number: int, opened: bool) -> None:
    failed = tuple(Remark(f"{each}.doc", "old Word format") for each in range(number))

    assert ("<details open><summary>" in done_html(report(failed), 1.0)) is opened


def test_after_documents_came_in_the_next_step_is_said() -> None:
    assert "Ask about them under Chat." in done_html(report(added=1), 1.0)
    assert "Ask about them" not in done_html(report(), 1.0)


def test_of_very_many_files_some_are_named_and_the_rest_counted() -> None:
    refused = [Refused(f"{number}.txt", "it is empty") for number in range(MOST_LISTED + 7)]
    html = refused_html(refused)

    assert html.count(" was not added: ") == MOST_LISTED
    assert "… and 7 more" in html


def test_a_row_names_a_document_by_its_title_and_its_name() -> None:
    html = row_html(DocumentSummary("a/<b>.pdf", "A & B", Path("/a"), 2, 9, 1), 1)

    assert ">A &amp; B</p>" in html
    assert "a/&lt;b&gt;.pdf</bdi> · 2 pages · 1 passage" in html


def test_a_document_says_what_to_know_about_how_it_was_read() -> None:
    pages = (PageReading(1, "none", 0), PageReading(2, "text", 9))
    reading = Reading(Path("/a.pdf"), "a.pdf", "read", pages=pages)
    (file,) = summarise("pets", [reading]).files

    html = heading_html(Document("a.pdf", "A", "text"), Path("/a.pdf"), file)

    assert "<li>1 of 2 pages (1) without text</li>" in html


def test_the_image_of_a_page_is_asked_of_this_server_by_names_made_safe() -> None:
    html = page_image_html("pets", 'a&b "c".pdf', 3)

    assert (
        'src="/citewell/page?collection=pets&amp;document=a%26b+%22c%22.pdf&amp;page=3&amp;' in html
    )
    assert 'alt="Page 3, ' in html


def test_passages_say_where_they_stand() -> None:
    chunk = Chunk("a.pdf", 0, 4, "<i>x", 2, 3, ("One", "Two"))
    html = passages_html([StoredChunk(1, chunk, "A")], 26)

    assert "Passage 26 · pages 2–3 · <bdi>One › Two</bdi>" in html
    assert "&lt;i&gt;x" in html


def test_text_can_be_scrolled_by_keyboard() -> None:
    assert 'tabindex="0" role="region" aria-label="Text">a\nb</div>' in text_html("a\nb")
