"""Ingests of the page: one at a time, in a thread, followed, stopped, and told in sentences."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from citewell.app.page.jobs import FileLine, Job, Jobs
from citewell.app.progress import Tell
from citewell.ingest.events import IngestEvent
from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import StoreError
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store

SECONDS = 30
DONE = IngestReport(1, 0, 0, 0, (), (), 3, 0.1)

UNSORTED_MARKS = "a" + "\u0301\u0316" * 200_000
"""Takes minutes to normalise: the marks are sorted in time that grows with their square."""

HOLD_LOCK = (
    "import sys; from pathlib import Path; from citewell.retrieval.locking import writer_lock\n"
    "with writer_lock(Path(sys.argv[1]), 5):\n"
    "    print('held', flush=True); sys.stdin.readline()\n"
)


@dataclass
class Steps:
    """Stands for an ingest: tells its events, waits for leave, then returns or raises."""

    events: Sequence[IngestEvent] = (IngestEvent("planned", 1, size=10),)
    error: Exception | None = None
    began: Event = field(default_factory=Event)
    leave: Event = field(default_factory=Event)
    collections: list[str] = field(default_factory=list)

    def __call__(self, paths: Sequence[Path], settings: Settings, tell: Tell) -> IngestReport:
        self.collections.append(settings.collection)
        for event in self.events:
            tell(event)
        self.began.set()
        assert self.leave.wait(SECONDS)
        tell(IngestEvent("embedded", 3))
        if self.error:
            raise self.error
        return DONE


Make = Callable[..., Jobs]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def make(settings: Settings) -> Iterator[Make]:
    made: list[Jobs] = []

    def make_jobs(ingest: Callable[..., IngestReport]) -> Jobs:
        made.append(Jobs(settings, ingest))
        return made[-1]

    yield make_jobs
    for jobs in made:
        jobs.close()


def over(job: Job) -> str:
    assert job.wait(SECONDS)
    return job.state


def test_a_job_tells_how_far_it_has_come(make: Make) -> None:
    steps = Steps(
        [
            IngestEvent("found", 1),
            IngestEvent("planned", 2, size=10),
            IngestEvent("file", 4, name="a.pdf", pages=2, size=5),
        ]
    )
    job = make(steps).start("papers", [Path("/docs")])
    assert steps.began.wait(SECONDS)

    view = job.view()

    assert (view.state, view.over) == ("running", False)
    assert (view.tally.found, view.tally.planned, view.tally.done) == (1, 2, 1)
    assert view.lines == (FileLine("a.pdf", 2, 4),)
    steps.leave.set()


def test_a_job_that_is_done_keeps_its_report(make: Make) -> None:
    steps = Steps()
    steps.leave.set()
    jobs = make(steps)

    assert over(jobs.start("papers", [Path("/docs")])) == "done"

    job = jobs.of("papers")
    assert job is not None
    assert job.view().report == DONE
    assert jobs.under_way() == ()


def test_an_error_is_told_as_its_sentence(make: Make) -> None:
    steps = Steps(error=StoreError("The disk is full. Free some space."))
    steps.leave.set()

    job = make(steps).start("papers", [Path("/docs")])

    assert over(job) == "failed"
    assert job.view().message == "The disk is full. Free some space."


def test_what_nobody_foresaw_is_told_and_ends_no_other_job(make: Make) -> None:
    steps = Steps(error=RuntimeError("odd"))
    steps.leave.set()
    jobs = make(steps)

    first, second = jobs.start("papers", []), jobs.start("notes", [])

    assert (over(first), over(second)) == ("failed", "failed")
    assert "broken off (RuntimeError: odd)" in second.view().message


def test_jobs_run_one_after_the_other(make: Make) -> None:
    steps = Steps()
    jobs = make(steps)
    first, second = jobs.start("papers", []), jobs.start("notes", [])
    assert steps.began.wait(SECONDS)

    assert steps.collections == ["papers"]
    assert (second.view().state, second.view().ahead) == ("queued", 1)
    assert jobs.under_way() == (first, second)

    steps.leave.set()
    assert over(second) == "done"
    assert steps.collections == ["papers", "notes"]


def test_a_job_in_line_stands_for_another_of_the_same(make: Make) -> None:
    steps = Steps()
    jobs = make(steps)
    running = jobs.start("papers", [Path("/docs")])
    assert steps.began.wait(SECONDS)

    waiting = jobs.start("papers", [Path("/docs")])

    assert waiting is not running
    assert jobs.start("papers", [Path("/docs")]) is waiting
    assert jobs.start("papers", [Path("/other")]) is not waiting
    steps.leave.set()


def test_a_running_job_is_stopped_between_two_steps(make: Make) -> None:
    steps = Steps()
    job = make(steps).start("papers", [])
    assert steps.began.wait(SECONDS)

    job.stop()
    assert job.view().stopping
    steps.leave.set()

    assert over(job) == "stopped"
    assert not job.view().stopping


def test_a_job_in_line_is_stopped_at_once_and_never_runs(make: Make) -> None:
    steps = Steps()
    jobs = make(steps)
    jobs.start("papers", [])
    waiting = jobs.start("notes", [])
    assert steps.began.wait(SECONDS)

    waiting.stop()

    assert waiting.state == "stopped"
    steps.leave.set()
    assert over(jobs.start("last", [])) == "done"
    assert steps.collections == ["papers", "last"]


def test_a_job_that_is_over_can_be_forgotten_and_one_under_way_not(make: Make) -> None:
    steps = Steps()
    jobs = make(steps)
    job = jobs.start("papers", [])
    assert steps.began.wait(SECONDS)

    jobs.forget("papers")
    assert jobs.of("papers") is job

    steps.leave.set()
    over(job)
    jobs.forget("papers")
    assert jobs.of("papers") is None


def test_closing_stops_the_job_at_work_and_those_in_line(make: Make) -> None:
    steps = Steps()
    jobs = make(steps)
    first, second = jobs.start("papers", []), jobs.start("notes", [])
    assert steps.began.wait(SECONDS)
    steps.leave.set()

    jobs.close()

    assert (over(first), second.state) == ("stopped", "stopped")


# over a real store


@pytest.fixture
def jobs(make: Make, embedder: Embedder) -> Jobs:
    def ingest(paths: Sequence[Path], settings: Settings, tell: Tell) -> IngestReport:
        with open_store(settings.home) as store:
            return ingest_paths(
                paths,
                store=store,
                embedder=embedder,
                collection=settings.collection,
                settings=settings,
                sync_index=lambda: None,
                on_event=tell,
            )

    return make(ingest)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "cats.txt").write_text("Cats sleep most of the day.")
    return folder


def test_a_folder_is_ingested(jobs: Jobs, settings: Settings, folder: Path) -> None:
    job = jobs.start("pets", [folder])

    assert over(job) == "done"
    assert job.view().lines == (FileLine("cats.txt", 0, 1),)
    with open_store(settings.home) as store:
        assert [each.name for each in store.documents("pets")] == ["cats.txt"]


def test_a_folder_that_is_not_there_is_told(jobs: Jobs, tmp_path: Path) -> None:
    job = jobs.start("pets", [tmp_path / "gone"])

    assert over(job) == "failed"
    assert "cannot be ingested: No such file" in job.view().message


def test_a_file_can_be_read_again_though_it_has_not_changed(
    jobs: Jobs, settings: Settings, folder: Path
) -> None:
    over(jobs.start("pets", [folder]))
    path = folder / "cats.txt"

    job = jobs.start("pets", [path], again=[path])

    assert over(job) == "done"
    report = job.view().report
    assert report is not None
    assert (report.changed, report.unchanged, report.embedded) == (1, 0, 0)
    with open_store(settings.home) as store:
        assert [each.name for each in store.documents("pets")] == ["cats.txt"]


def test_a_file_that_could_not_be_read_is_tried_again(jobs: Jobs, folder: Path) -> None:
    bad = folder / "bad.docx"
    bad.write_bytes(b"PK\x03\x04 no archive")
    over(jobs.start("pets", [folder]))
    unread = jobs.start("pets", [folder])
    over(unread)
    assert unread.view().lines == ()

    job = jobs.start("pets", [bad], again=[bad])
    over(job)

    assert job.view().lines == (FileLine("bad.docx", 0, 0),)


@pytest.mark.models
def test_a_job_is_stopped_in_the_middle_of_a_file_that_takes_long(
    settings: Settings, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.txt"
    slow.write_text(UNSORTED_MARKS)
    jobs = Jobs(settings.model_copy(update={"read_timeout": 600}))
    job = jobs.start("pets", [slow])
    while job.view().tally.planned is None:
        job.wait(0.05)

    job.stop()

    assert over(job) == "stopped"
    with open_store(settings.home) as store:
        assert store.readings("pets") == []


def test_another_process_that_writes_is_waited_for_and_named(
    jobs: Jobs, settings: Settings, folder: Path
) -> None:
    settings.home.mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(settings.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"

    job = jobs.start("pets", [folder])
    while job.view().state != "waiting":
        job.wait(0.05)
    assert f"Waiting for process {other.pid} (" in job.view().message

    other.communicate("\n", timeout=SECONDS)
    assert over(job) == "done"


def test_a_change_on_the_page_itself_is_waited_for(
    jobs: Jobs, settings: Settings, folder: Path
) -> None:
    settings.home.mkdir()
    with writer_lock(settings.home, 5):
        job = jobs.start("pets", [folder])
        while job.view().state != "waiting":
            job.wait(0.05)
        message = job.view().message

    assert message == "Waiting for a change made on this page to be finished."
    assert over(job) == "done"


def test_a_job_that_waits_for_a_writer_can_be_stopped(
    jobs: Jobs, settings: Settings, folder: Path
) -> None:
    settings.home.mkdir()
    with writer_lock(settings.home, 5):
        job = jobs.start("pets", [folder])
        while job.view().state != "waiting":
            job.wait(0.05)
        job.stop()

        assert over(job) == "stopped"
