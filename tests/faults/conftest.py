"""What tests of faults share: a folder beside a store, and ways for either to fail."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import pytest

from citewell.ingest.folder import Scan, scan
from citewell.ingest.pipeline import IngestReport, ingest_source
from citewell.ingest.readers import reader_for
from citewell.ingest.workers import ReadJob, ReadOutcome
from citewell.retrieval.doctor import Finding, diagnose
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.reading import Reading
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_connections import Connections
from citewell.retrieval.sqlite_schema import prepare
from citewell.retrieval.sqlite_store import FILE_NAME, SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import ChunkingSettings, Collection, Fingerprint


class HereSource:
    """Files of a folder, read in this process: as a source of its own would."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def scan(self, on_file: Callable[[], None]) -> Scan:
        return scan([self._folder], 10, None, on_file)

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[ReadOutcome]:
        for job in jobs:
            reader = reader_for(job.path)
            assert reader is not None
            yield ReadOutcome(job, tuple(reader.read(job.path, job.name)), final=True)


class FaultyStore(SqliteStore):
    """A store whose n-th write does what ``fault`` does instead; n counts from 1.

    Attributes:
        writes: How many there were, with the one that failed.
    """

    def __init__(self, connections: Connections, n: int, fault: Callable[[], None]) -> None:
        super().__init__(connections)
        self._n = n
        self._fault = fault
        self.writes = 0

    def _count(self) -> None:
        self.writes += 1
        if self.writes == self._n:
            self._fault()

    def create_collection(
        self, name: str, fingerprint: Fingerprint, chunking: ChunkingSettings
    ) -> Collection:
        self._count()
        return super().create_collection(name, fingerprint, chunking)

    def replace_file(
        self,
        collection: str,
        file: SourceFile,
        changed: Sequence[EmbeddedDocument],
        kept: Set[str] = frozenset(),
        reading: Reading | None = None,
    ) -> None:
        self._count()
        super().replace_file(collection, file, changed, kept, reading)

    def rename_file(
        self, collection: str, path: Path, file: SourceFile, named: Mapping[str, tuple[str, str]]
    ) -> None:
        self._count()
        super().rename_file(collection, path, file, named)

    def delete_file(self, collection: str, path: Path) -> None:
        self._count()
        super().delete_file(collection, path)


@dataclass
class Place:
    """A folder beside a home folder, and the runs that bring the one into the other."""

    folder: Path
    home: Path
    embedder: Embedder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def ingest(self, store: SqliteStore | None = None) -> IngestReport:
        """Run once; with a store of its own unless one is given."""
        if store is None:
            with open_store(self.home) as opened:
                return self.ingest(opened)
        return ingest_source(
            HereSource(self.folder),
            store=store,
            embedder=self.embedder,
            collection="pets",
            settings=Settings(home=self.home, lock_timeout=0),
            sync_index=lambda: None,
        )

    def texts(self) -> dict[str, str]:
        """Return the text of each document that the store holds, by name."""
        with open_store(self.home) as store:
            return {name: store.document("pets", name).text.strip() for name in store.names("pets")}

    def on_disk(self) -> dict[str, str]:
        """Return the text of each file in the folder, by name."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return {
            path.relative_to(self.folder).as_posix(): path.read_text("utf-8").strip()
            for path in files
        }

    def findings(self) -> list[Finding]:
        """Return all that is not as it should be: Invariant I holds where this is empty."""
        diagnosis = diagnose(self.home, 0)
        return [*diagnosis.damage, *diagnosis.behind]

    def faulty(self, n: int, fault: Callable[[], None]) -> FaultyStore:
        self.home.mkdir(exist_ok=True)
        connections = Connections(self.home / FILE_NAME)
        prepare(connections)
        return FaultyStore(connections, n, fault)

    def change_all(self) -> None:
        """Change one file, add one, remove one and rename one."""
        self.write("cat.txt", "The cat hisses at the dog.")
        self.write("new.txt", "A horse and a cat.")
        (self.folder / "dog.txt").unlink()
        (self.folder / "sub" / "horse.txt").rename(self.folder / "horse.txt")


def make_place(root: Path, embedder: Embedder) -> Place:
    """Make a folder of three files; its store is not there yet."""
    (root / "folder").mkdir(parents=True)
    made = Place(root / "folder", root / "home", embedder)
    made.write("cat.txt", "The cat purrs.")
    made.write("dog.txt", "The dog barks.")
    made.write("sub/horse.txt", "The horse neighs.")
    return made


@pytest.fixture
def place(tmp_path: Path, embedder: Embedder) -> Place:
    """A folder of three files; its store is not there yet."""
    return make_place(tmp_path, embedder)


@pytest.fixture
def place_at(embedder: Embedder) -> Callable[[Path], Place]:
    """Returns the place that another process has made below a folder."""
    return lambda root: Place(root / "folder", root / "home", embedder)
