"""After any sequence of changes the store holds what a dictionary would."""

import sqlite3
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.sqlite_connections import add_functions
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import (
    Chunk,
    ChunkingSettings,
    Document,
)


def check(home: Path) -> None:
    """Raise if SQLite finds a fault in the file, or FTS5 one between its words and the chunks."""
    connection = sqlite3.connect(home / "citewell.db")
    add_functions(connection)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        found += connection.execute("PRAGMA foreign_key_check").fetchall()
        if found != ["ok"]:
            raise AssertionError(found)
        for (collection,) in connection.execute("SELECT id FROM collections").fetchall():
            connection.execute(
                f"INSERT INTO search_{collection} (search_{collection}, rank)"
                " VALUES ('integrity-check', 1)"
            )
    finally:
        connection.close()


NAMES = ("r1", "r2", "r3", "r4")
PATHS = ("/docs/a", "/docs/b", "/docs/c")
WORDS = ("alpha", "beta", "gamma")


class StoreAgainstModel(RuleBasedStateMachine):
    """The store holds what a dictionary of its documents says, after any changes."""

    root: Path
    embedder: Embedder

    def __init__(self) -> None:
        super().__init__()
        self.home = self.root / str(len(list(self.root.iterdir())))
        self.store = open_store(self.home)
        self.store.create_collection("papers", self.embedder.fingerprint, ChunkingSettings())
        self.model: dict[str, tuple[str, str]] = {}  # name -> (path, text)

    def teardown(self) -> None:
        self.store.close()
        check(self.home)

    @rule(
        path=st.sampled_from(PATHS),
        changed=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WORDS), max_size=3),
        kept=st.sets(st.sampled_from(NAMES)),
    )
    def replace_file(self, path: str, changed: dict[str, str], kept: set[str]) -> None:
        kept &= self.model.keys()
        documents = []
        for name, text in changed.items():
            vectors = self.embedder.embed_passages([text])
            chunks = [Chunk(name, 0, len(text), text)]
            documents.append(EmbeddedDocument(Document(name, "T", text), chunks, vectors))
        self.store.replace_file(
            "papers", SourceFile(Path(path), "0" * 64, "text-1"), documents, kept
        )
        for name in [name for name, (held, _) in self.model.items() if held == path]:
            if name not in kept:
                del self.model[name]
        for name in kept:
            self.model[name] = (path, self.model[name][1])
        for name, text in changed.items():
            self.model[name] = (path, text)

    @rule(path=st.sampled_from(PATHS))
    def delete_file(self, path: str) -> None:
        self.store.delete_file("papers", Path(path))
        self.model = {name: held for name, held in self.model.items() if held[0] != path}

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = open_store(self.home)

    @invariant()
    def holds_the_same(self) -> None:
        names = {name: str(path) for name, path in self.store.names("papers").items()}
        assert names == {name: path for name, (path, _) in self.model.items()}
        texts = {name: self.store.document("papers", name).text for name in names}
        assert texts == {name: text for name, (_, text) in self.model.items()}

    @invariant()
    def finds_the_same(self) -> None:
        for word in WORDS:
            keys = [key for key, _ in self.store.search_text("papers", [word], 10)]
            found = {each.chunk.document for each in self.store.chunks("papers", keys)}
            assert found == {name for name, (_, text) in self.model.items() if text == word}
        assert len(self.store.chunk_keys("papers")) == len(self.model)


def test_any_sequence_of_changes_leaves_what_a_model_says(
    tmp_path: Path, embedder: Embedder
) -> None:
    class Here(StoreAgainstModel):
        root = tmp_path

    Here.embedder = embedder
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
    assert len(list(tmp_path.iterdir())) >= 25
