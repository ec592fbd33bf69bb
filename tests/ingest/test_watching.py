"""A watched folder and the store stay in step, through real changes of real files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from citewell.ingest.pipeline import IngestReport, ingest_paths
from citewell.ingest.watching import Outcome, follow, is_news, watch
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, StoreBusy
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import SqliteStore, open_store

DEADLINE = 60


@dataclass
class Watched:
    """A folder that is watched in a thread, with the store that follows it.

    Attributes:
        outcomes: What each run did.
    """

    folder: Path
    store: SqliteStore
    embedder: Embedder
    settings: Settings
    stop: Event = field(default_factory=Event)
    outcomes: "Queue[Outcome]" = field(default_factory=Queue)

    def run(self) -> IngestReport:
        return ingest_paths(
            [self.folder],
            store=self.store,
            embedder=self.embedder,
            collection="pets",
            settings=self.settings,
            sync_index=lambda: None,
        )

    def report(self) -> dict[str, int]:
        """Wait for the next run and return what it counted."""
        outcome = self.outcomes.get(timeout=DEADLINE)
        assert isinstance(outcome, IngestReport), outcome
        counts = {
            "added": outcome.added,
            "changed": outcome.changed,
            "renamed": outcome.renamed,
            "deleted": outcome.deleted,
            "failed": len(outcome.failed),
        }
        return {name: count for name, count in counts.items() if count}

    def texts(self) -> dict[str, str]:
        """Return what the store holds: the text of each document by name."""
        names = [document.name for document in self.store.documents("pets")]
        return {name: self.store.document("pets", name).text for name in names}


@pytest.fixture
def watched(tmp_path: Path, embedder: Embedder) -> Iterator[Watched]:
    folder, home = tmp_path / "docs", tmp_path / "docs" / "store"
    folder.mkdir()
    folder.joinpath("cats.md").write_text("Cats purr.")
    settings = Settings(home=home, lock_timeout=0, read_workers=1)
    with open_store(home) as store:
        made = Watched(folder, store, embedder, settings)
        thread = Thread(
            target=follow,
            args=([folder], home, made.run, made.outcomes.put, made.stop),
            kwargs={"settled": 0.3},
        )
        thread.start()
        yield made
        made.stop.set()
        thread.join(DEADLINE)
        assert not thread.is_alive()


def test_the_store_follows_what_happens_to_files(watched: Watched) -> None:
    assert watched.report() == {"added": 1}
    assert watched.texts() == {"cats.md": "Cats purr."}

    watched.folder.joinpath("dogs.md").write_text("Dogs bark.")
    watched.folder.joinpath("cats.md").write_text("Cats meow.")
    assert watched.report() == {"added": 1, "changed": 1}
    assert watched.texts() == {"cats.md": "Cats meow.", "dogs.md": "Dogs bark."}

    watched.folder.joinpath("deep").mkdir()
    watched.folder.joinpath("dogs.md").rename(watched.folder / "deep" / "hounds.md")
    assert watched.report() == {"renamed": 1}
    assert watched.texts() == {"cats.md": "Cats meow.", "deep/hounds.md": "Dogs bark."}

    watched.folder.joinpath("deep", "hounds.md").unlink()
    assert watched.report() == {"deleted": 1}
    assert watched.texts() == {"cats.md": "Cats meow."}


def test_a_busy_store_is_told_once_and_waited_for(watched: Watched) -> None:
    watched.report()
    with writer_lock(watched.settings.home, 0):
        watched.folder.joinpath("dogs.md").write_text("Dogs bark.")
        busy = watched.outcomes.get(timeout=DEADLINE)

    assert isinstance(busy, StoreBusy)
    assert watched.report() == {"added": 1}
    assert set(watched.texts()) == {"cats.md", "dogs.md"}


def test_a_run_that_fails_does_not_end_it(watched: Watched) -> None:
    watched.report()
    watched.settings = watched.settings.model_copy(update={"chunk_chars": 500})
    watched.folder.joinpath("dogs.md").write_text("Dogs bark.")
    refused = watched.outcomes.get(timeout=DEADLINE)
    watched.settings = watched.settings.model_copy(update={"chunk_chars": 900})
    watched.folder.joinpath("horses.md").write_text("Horses neigh.")

    assert "was made with another chunking" in str(refused)
    assert watched.report() == {"added": 2}


@pytest.mark.parametrize(
    ("path", "news"),
    [
        ("/docs/cats.md", True),
        ("/docs/deep/cats.md", True),
        ("/docs/.git/index", False),
        ("/docs/deep/.cats.md.swp", False),
        ("/docs/~$cats.docx", False),
        ("/docs/store/citewell.db-wal", False),
        ("/elsewhere/cats.md", False),
        ("/.hidden/given/cats.md", True),
    ],
)
def test_only_what_an_ingest_would_look_at_is_news(path: str, news: bool) -> None:
    roots = [Path("/docs"), Path("/.hidden/given")]

    assert is_news(Path(path), roots, Path("/docs/store")) is news


def test_a_file_cannot_be_watched(tmp_path: Path) -> None:
    file = tmp_path / "cats.md"
    file.write_text("Cats purr.")
    outcomes: Queue[Outcome] = Queue()

    with pytest.raises(ConfigError, match=r"cats\.md cannot be watched: it is no folder"):
        watch([file], Settings(home=tmp_path / "home"), outcomes.put, Event())


def test_why_folders_cannot_be_watched_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHFILES_POLL_DELAY_MS", "9" * 30)
    outcomes: Queue[Outcome] = Queue()

    with pytest.raises(ConfigError, match=r"The folders cannot be watched \(.*too big.*POLLING=1"):
        follow([tmp_path], tmp_path, lambda: pytest.fail("ran"), outcomes.put, Event())
