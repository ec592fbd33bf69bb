"""After any changes, kills and runs the store is what a first run over the folder would make."""

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.values import embedding_text

NAMES = st.sampled_from(["cat.txt", "dog.md", "sub/cat.txt", "sub/b.md", "sub/deep/c.txt"])
TEXTS = st.sampled_from(
    [
        "The cat purrs.",
        "The dog barks.",
        "# Horse\n\nThe horse neighs.",
        "# Cat\n\nA cat and a dog.",
        "A cat.\n\n" + "The dog and the horse run. " * 60,
    ]
)


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    folder: Path
    home: Path
    embedder: Embedder

    def write(self, name: str, text: str) -> Path: ...
    def ingest(self, store: SqliteStore | None = None) -> IngestReport: ...
    def faulty(self, n: int, fault: Callable[[], None]) -> SqliteStore: ...
    def texts(self) -> dict[str, str]: ...
    def on_disk(self) -> dict[str, str]: ...
    def findings(self) -> list[object]: ...


class Killed(BaseException):
    """The process ends here: nothing of ours catches it, and open transactions are undone."""


def killed() -> None:
    raise Killed


class FolderAgainstStore(RuleBasedStateMachine):
    """Changes a folder and runs over it, some runs to their end and some killed."""

    make: Callable[[], Place]

    def __init__(self) -> None:
        super().__init__()
        self.place = self.make()

    @rule(name=NAMES, text=TEXTS)
    def write(self, name: str, text: str) -> None:
        self.place.write(name, text)

    @precondition(lambda self: self.place.on_disk())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.pick(data).unlink()

    @precondition(lambda self: self.place.on_disk())
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        path = self.pick(data)
        self.place.write(name, path.read_text("utf-8"))
        if path != self.place.folder / name:
            path.unlink()

    @precondition(lambda self: self.place.on_disk())
    @rule(data=st.data(), name=NAMES)
    def copy(self, data: st.DataObject, name: str) -> None:
        self.place.write(name, self.pick(data).read_text("utf-8"))

    @precondition(lambda self: self.place.on_disk())
    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        one, other = self.pick(data), self.pick(data)
        first, second = one.read_text("utf-8"), other.read_text("utf-8")
        one.write_text(second, "utf-8")
        other.write_text(first, "utf-8")

    @rule(n=st.integers(1, 6))
    def run_killed(self, n: int) -> None:
        with closing(self.place.faulty(n, killed)) as store, suppress(Killed):
            self.place.ingest(store)

    @rule()
    def run(self) -> None:
        self.place.ingest()
        assert self.place.texts() == self.place.on_disk()
        assert self.place.findings() == []
        assert held(self.place.home) == held(self.fresh().home)
        assert strangers(self.place.home, self.place.embedder) == []

    def teardown(self) -> None:
        self.run()

    def pick(self, data: st.DataObject) -> Path:
        return self.place.folder / data.draw(st.sampled_from(sorted(self.place.on_disk())))

    def fresh(self) -> Place:
        """Return a place with the same folder and a store of its first run."""
        other = self.make()
        other.folder = self.place.folder
        other.ingest()
        return other


def held(home: Path) -> list[tuple[object, ...]]:
    """Return all that is searched and cited, but for vectors, in the order of names."""
    found: list[tuple[object, ...]] = []
    with open_store(home) as store:
        for name in sorted(store.names("pets")):
            chunks = store.document_chunks("pets", name)
            found.append((name, store.document("pets", name).digest))
            found += [(each.chunk.id, each.title, each.chunk.headings) for each in chunks]
    return found


def strangers(home: Path, embedder: Embedder) -> list[str]:
    """Return the texts of chunks whose vectors are not theirs, under any title they ever had."""
    found = []
    with open_store(home) as store:
        stored = store.chunks("pets", sorted(store.chunk_keys("pets")))
        vectors = dict(store.vectors("pets"))
    for each in stored:
        texts = [embedding_text(title, each.chunk) for title in ("cat", "dog", "horse", "other")]
        if not np.isclose(embedder.embed_passages(texts), vectors[each.key]).all(axis=1).any():
            found.append(each.chunk.text)
    return found


def test_any_sequence_of_changes_and_runs_leaves_what_a_first_run_would(
    tmp_path: Path, place_at: Callable[[Path], Place]
) -> None:
    made = 0

    class Here(FolderAgainstStore):
        @staticmethod
        def make() -> Place:
            nonlocal made
            made += 1
            place = place_at(tmp_path / str(made))
            place.folder.mkdir(parents=True)
            return place

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=14,
            deadline=None,
            # a counterexample of a dozen steps is read sooner than it is made shorter
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert made >= 8
