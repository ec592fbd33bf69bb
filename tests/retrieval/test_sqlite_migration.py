"""A store of an older layout is brought up to date in place, and nothing is embedded again."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.retrieval.analysis import ANALYSIS_VERSION
from citewell.retrieval.doctor import diagnose
from citewell.retrieval.errors import StoreError
from citewell.retrieval.filters import parse_filter
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import Scope

LAYOUT_2 = """
CREATE TABLE store_state (
    first_generation INTEGER NOT NULL
);
INSERT INTO store_state VALUES (0);
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    chunking TEXT NOT NULL,
    generation INTEGER NOT NULL
);
CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    path BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    reader TEXT NOT NULL,
    UNIQUE (collection, path)
);
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    file INTEGER NOT NULL REFERENCES files ON DELETE CASCADE,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    digest TEXT NOT NULL,
    pages TEXT NOT NULL,
    headings TEXT NOT NULL,
    metadata TEXT NOT NULL,
    tables TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (collection, name)
);
CREATE INDEX documents_of_file ON documents (file);
CREATE TABLE layouts (
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    page INTEGER NOT NULL,
    start INTEGER NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (document, page)
);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    chunk_id TEXT NOT NULL,
    span_start INTEGER NOT NULL,
    span_end INTEGER NOT NULL,
    page_start INTEGER,
    page_end INTEGER,
    title TEXT NOT NULL,
    headings TEXT NOT NULL,
    header TEXT NOT NULL,
    place TEXT NOT NULL,
    text TEXT NOT NULL,
    embedded BLOB NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX chunks_of_collection ON chunks (collection, embedded);
CREATE INDEX chunks_of_document ON chunks (document);
CREATE TABLE readings (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    path BLOB NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (collection, path)
);
CREATE VIEW passages_1 AS SELECT key, title, headings,
 CASE header WHEN '' THEN text ELSE header || char(10) || text END AS text
 FROM chunks WHERE collection = 1;
CREATE VIRTUAL TABLE search_1 USING fts5(title, headings, text,
 content='passages_1', content_rowid='key', tokenize='porter unicode61 remove_diacritics 2');
PRAGMA user_version = 2;
"""
GERMAN = "Die Katze saß auf der Matte und sah den Vögeln zu, die im Garten waren."
"""A text whose plural words no English stemmer finds."""

ROWS = """
INSERT INTO collections VALUES (1, 'papers',
 '{"dimension":4,"model":"animals","pooling":"none","precision":"fp32","revision":"0"}',
 '{"chars":900,"version":2}', 7);
INSERT INTO files VALUES (1, 1, CAST('/docs/hr/k.md' AS BLOB), 'aa', 'markdown-1');
INSERT INTO readings VALUES (1, CAST('/docs/hr/k.md' AS BLOB), 'hr/k.md', 'read', '{"pages":[]}');
INSERT INTO documents VALUES (1, 1, 1, 'hr/k.md', 'Katzen', 'DIGEST', '[]', '[]',
 '{"year":"1999"}', '[]', 'TEXT');
INSERT INTO chunks VALUES (5, 1, 1, 'ID', 0, 71, NULL, NULL, 'Katzen', '[]', '', '', 'TEXT',
 x'00', x'0000803f000000000000000000000000');
INSERT INTO search_1 (search_1) VALUES ('rebuild');
"""
DIGEST = "185f9e2f3526589476e787bb15bbb05885d213d210d74bd1b0e29d816f7bf770"
CHUNK_ID = "0c0030bcf6e38fc7df8d84b82e4c0d9ca3ebe28d18cb05bcc7cdcced9baf1306"


@pytest.fixture
def old(home: Path) -> Path:
    """A home folder with a store of layout 2 that holds one document in German."""
    home.mkdir()
    connection = sqlite3.connect(home / "citewell.db")
    rows = ROWS.replace("TEXT", GERMAN).replace("DIGEST", DIGEST).replace("'ID'", f"'{CHUNK_ID}'")
    connection.executescript(LAYOUT_2 + rows)
    connection.close()
    return home


@pytest.fixture
def migrated(old: Path) -> Iterator[SqliteStore]:
    with open_store(old) as store:
        yield store


def test_documents_chunks_and_vectors_stay_as_they_were(migrated: SqliteStore) -> None:
    document = migrated.document("papers", "hr/k.md")
    ((key, vector),) = migrated.vectors("papers")

    assert (document.text, document.digest) == (GERMAN, DIGEST)
    assert [each.chunk.text for each in migrated.chunks("papers", [5])] == [GERMAN]
    assert (key, vector.tolist()) == (5, [1.0, 0.0, 0.0, 0.0])
    assert migrated.generation("papers") == 7


def test_the_languages_are_told_and_the_words_learnt_by_them(migrated: SqliteStore) -> None:
    assert migrated.document("papers", "hr/k.md").language == "de"
    assert migrated.word_counts("papers", ["Vogel", "Gärten"]) == {"Vogel": 1, "Gärten": 1}
    assert [key for key, _ in migrated.search_text("papers", ["Vogel"], 5)] == [5]


def test_filters_find_what_was_stored_before(migrated: SqliteStore) -> None:
    scope = Scope(where=parse_filter("year = 1999 and folder = hr"))

    assert [key for key, _ in migrated.search_text("papers", ["Katze"], 5, scope)] == [5]


def test_labels_hold_for_what_was_stored_before(migrated: SqliteStore) -> None:
    assert migrated.is_visible("papers", "hr/k.md", frozenset())

    migrated.mark("papers", "label", ["hr/"], ["staff"])

    assert not migrated.is_visible("papers", "hr/k.md", frozenset())
    assert migrated.files("papers")[Path("/docs/hr/k.md")].name == "hr/k.md"


def test_a_migrated_store_is_laid_out_as_a_new_one(old: Path, tmp_path: Path) -> None:
    def layout(home: Path) -> dict[str, list[str]]:
        connection = sqlite3.connect(home / "citewell.db")
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'index')"
            " AND name NOT GLOB '*_1*' AND name NOT GLOB 'sqlite_autoindex*'"
        ).fetchall()
        found = {
            name: sorted(row[1] for row in connection.execute(f"PRAGMA table_info({name})"))
            for (name,) in names
        }
        connection.close()
        return found

    open_store(old).close()
    open_store(tmp_path / "new").close()

    assert layout(old) == layout(tmp_path / "new")


def test_a_migrated_store_is_sound(old: Path) -> None:
    open_store(old).close()

    assert diagnose(old, 0).damage == ()


OPEN = """
import sys
from pathlib import Path
from citewell.retrieval.sqlite_store import open_store

with open_store(Path(sys.argv[1])) as store:
    print(store.word_counts("papers", ["Vogel"])["Vogel"])
"""


def test_processes_that_open_an_old_store_together_migrate_it_once(old: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(old)]
    openers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    assert [opener.communicate()[0] for opener in openers] == ["1\n"] * 3


def test_a_migration_that_fails_leaves_the_old_store(old: Path) -> None:
    size = (old / "citewell.db").stat().st_size

    with pytest.raises(StoreError, match="no room left"):
        open_store(old, max_bytes=size)

    connection = sqlite3.connect(old / "citewell.db")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (found,) = connection.execute(
        "SELECT count(*) FROM search_1 WHERE search_1 MATCH 'Katze'"
    ).fetchone()
    connection.close()
    assert (version, found) == (2, 1)


def test_a_store_too_old_to_be_read_is_refused(old: Path) -> None:
    connection = sqlite3.connect(old / "citewell.db")
    connection.execute("PRAGMA user_version = 1")
    connection.close()

    with pytest.raises(StoreError, match=r"older Citewell \(layout 1; this one reads 2 and 3\)"):
        open_store(old)


def test_words_learnt_by_other_rules_are_learnt_anew(migrated: SqliteStore, old: Path) -> None:
    migrated.close()
    connection = sqlite3.connect(old / "citewell.db")
    connection.execute("INSERT INTO search_1 (search_1) VALUES ('delete-all')")
    connection.execute("UPDATE store_state SET analysis = ?", (ANALYSIS_VERSION - 1,))
    connection.commit()
    connection.close()

    with open_store(old) as again:
        assert again.word_counts("papers", ["Vogel"]) == {"Vogel": 1}
        assert again.check() == []


def test_words_learnt_by_newer_rules_are_refused(migrated: SqliteStore, old: Path) -> None:
    migrated.close()
    connection = sqlite3.connect(old / "citewell.db")
    connection.execute("UPDATE store_state SET analysis = ?", (ANALYSIS_VERSION + 1,))
    connection.commit()
    connection.close()

    with pytest.raises(StoreError, match=r"newer Citewell \(layout 3\."):
        open_store(old)
