-- The layout of citewell.db, version 3. Statements run one by one in a single transaction.
--
-- Beside these, each collection has an FTS5 table `search_<id>` of its chunks' words, a view
-- `passages_<id>` that it checks them against, and a table `words_<id>` that gives them out (see
-- sqlite_words.py). Paths are BLOBs because a file name need not be valid UTF-8.

CREATE TABLE store_state (
    -- Above every generation of the collections deleted so far, so that a collection made
    -- again under an old name never shows a generation that a reader has seen.
    first_generation INTEGER NOT NULL,
    -- Version of the rules by which the word indexes were made (see analysis.py).
    analysis INTEGER NOT NULL DEFAULT 0
);

INSERT INTO store_state (first_generation) VALUES (0);

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
    -- What it is called in the collection; its documents may have names of their own.
    name TEXT NOT NULL DEFAULT '',
    UNIQUE (collection, path)
);

CREATE INDEX files_of_name ON files (collection, name);

-- Documents that ask the same of those who may see them. `labels` is JSON: a list of lists, of
-- each of which a caller must hold a label; an empty list asks nothing.
CREATE TABLE partitions (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    labels TEXT NOT NULL,
    UNIQUE (collection, labels)
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
    -- ISO 639-1 code; blank if it is not clear.
    language TEXT NOT NULL DEFAULT '',
    partition INTEGER REFERENCES partitions,
    UNIQUE (collection, name)
);

CREATE INDEX documents_of_file ON documents (file);

CREATE INDEX documents_of_partition ON documents (collection, partition, language);

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
    vector BLOB NOT NULL,
    -- How many words the word index holds of it.
    terms INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX chunks_of_collection ON chunks (collection, embedded);

CREATE INDEX chunks_of_document ON chunks (document, terms);

-- What filters compare.
CREATE TABLE facts (
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    number REAL,
    PRIMARY KEY (document, key, text)
) WITHOUT ROWID;

CREATE INDEX facts_by_text ON facts (key, text, document);

CREATE INDEX facts_by_number ON facts (key, number, document) WHERE number IS NOT NULL;

-- Tags and labels that users gave: to a document, a file, a folder with all below it (its name
-- ends in a slash) or, where the name is blank, to all of a collection. They outlive documents.
CREATE TABLE marks (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    -- The folder that a document had it of before it was renamed; blank for one of its own.
    folder TEXT NOT NULL DEFAULT '',
    UNIQUE (collection, kind, name, folder, value)
);

-- What became of each file that was looked at, also of those that hold no document.
CREATE TABLE readings (
    collection INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    path BLOB NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (collection, path)
);
