-- The layout of citewell.db, version 2. Statements run one by one in a single transaction.
--
-- Beside these, each collection has a view `passages_<id>` of its chunks and an FTS5 table
-- `search_<id>` over that view (see sqlite_rows.py): BM25 counts words within one collection.
-- Paths are BLOBs because a file name need not be valid UTF-8.

CREATE TABLE store_state (
    -- Above every generation of the collections deleted so far, so that a collection made
    -- again under an old name never shows a generation that a reader has seen.
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
    -- SHA-256 of what was embedded: a text that comes again need not be embedded again.
    embedded BLOB NOT NULL,
    vector BLOB NOT NULL
);

CREATE INDEX chunks_of_collection ON chunks (collection, embedded);

CREATE INDEX chunks_of_document ON chunks (document);

-- What became of each file that was looked at, also of those that hold no document.
CREATE TABLE readings (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    path BLOB NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (collection, path)
);
