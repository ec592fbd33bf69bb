CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    collection TEXT NOT NULL,
    title TEXT NOT NULL,
    sought TEXT NOT NULL,  -- the title as a search sees it
    named INTEGER NOT NULL,  -- whether a person gave the title
    created INTEGER NOT NULL,  -- like all times: microseconds since 1970 in UTC
    changed INTEGER NOT NULL,
    choices TEXT NOT NULL  -- JSON: settings by name
) STRICT;

CREATE INDEX conversations_by_change ON conversations (person, changed);

CREATE TABLE turns (
    key INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order they were asked
    id TEXT NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    asked INTEGER NOT NULL,
    question TEXT NOT NULL,
    content BLOB NOT NULL  -- JSON, packed: see codec.py
) STRICT;

CREATE INDEX turns_of_conversation ON turns (conversation);

-- Apart from the turns, whose answers with all that was found are many times as long.
CREATE TABLE said (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    turn INTEGER NOT NULL,
    sought TEXT NOT NULL,  -- question and answer as a search sees them
    PRIMARY KEY (conversation, turn)
) STRICT, WITHOUT ROWID;

CREATE TABLE feedback (
    turn INTEGER PRIMARY KEY REFERENCES turns ON DELETE CASCADE,
    given INTEGER NOT NULL,
    rating TEXT CHECK (rating IN ('up', 'down')),
    comment TEXT NOT NULL,
    wrong TEXT NOT NULL,  -- JSON: markers of citations
    right_document TEXT,
    right_start INTEGER,
    right_end INTEGER,
    right_quote TEXT
) STRICT;

CREATE TABLE preferences (
    person TEXT PRIMARY KEY,
    choices TEXT NOT NULL
) STRICT, WITHOUT ROWID;
