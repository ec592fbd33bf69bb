"""The word index of a collection: which words stand in which chunks.

FTS5 keeps it and keeps it exact when chunks go (https://www.sqlite.org/fts5.html). It is given
the words as `citewell.retrieval.analysis` finds them, with spaces between, and gives them out
through fts5vocab; scores are worked out in `sqlite_search`. It holds no texts: what it is to
forget is told to it once more, by a view that finds the words of the stored chunks again.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import lru_cache

from citewell.retrieval.analysis import index_terms
from citewell.retrieval.values import Chunk

# It parts words at spaces and changes none, if they are lower case and hold no signs of ASCII.
_TOKENIZER = "ascii"

_COLUMNS = "title, headings, text"


def register(connection: sqlite3.Connection) -> None:
    """Let statements on a connection find the words of texts, as the views of chunks do."""
    connection.create_function("words_of", 2, words_of, deterministic=True)
    connection.create_function("words_of_path", 2, _words_of_json, deterministic=True)


def words_of(text: str, language: str) -> str:
    """Return the words of a text as the index takes them."""
    return " ".join(index_terms(text, language))


@lru_cache(maxsize=2_000)
def words_of_path(titles: tuple[str, ...], language: str) -> str:
    """Return the words of a title or of some headings, which many chunks share."""
    return words_of("\n".join(titles), language)


def words_of_chunk(title: str, chunk: Chunk, language: str) -> tuple[str, str, str]:
    """Return the words of a chunk's columns; the header of its table counts as its text."""
    return (
        words_of_path((title,), language),
        words_of_path(chunk.headings, language),
        words_of(f"{chunk.header}\n{chunk.text}", language),
    )


def _words_of_json(headings: str, language: str) -> str:
    return words_of_path(tuple(json.loads(headings)), language)


def add_index(connection: sqlite3.Connection, collection: int) -> None:
    """Make the empty word index of a collection."""
    connection.execute(
        f"CREATE VIEW passages_{collection} AS SELECT key, document,"
        " words_of(chunks.title, language) AS title,"
        " words_of_path(chunks.headings, language) AS headings,"
        " words_of(header || char(10) || chunks.text, language) AS text"
        " FROM chunks JOIN documents ON documents.id = chunks.document"
        f" WHERE chunks.collection = {collection}"
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE search_{collection} USING fts5({_COLUMNS}, columnsize=0,"
        f" content='passages_{collection}', content_rowid='key', tokenize='{_TOKENIZER}')"
    )
    connection.execute(
        f"CREATE VIRTUAL TABLE words_{collection} USING fts5vocab(search_{collection}, instance)"
    )


def drop_index(connection: sqlite3.Connection, collection: int) -> None:
    """Remove the word index of a collection."""
    connection.execute(f"DROP TABLE IF EXISTS words_{collection}")
    connection.execute(f"DROP TABLE search_{collection}")
    connection.execute(f"DROP VIEW passages_{collection}")


def learn(
    connection: sqlite3.Connection, collection: int, passages: Iterable[tuple[int, str, str, str]]
) -> None:
    """Take the words of new chunks in: key, then those of title, headings and text."""
    connection.executemany(
        f"INSERT INTO search_{collection} (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?)", passages
    )


def forget(connection: sqlite3.Connection, collection: int, document: int) -> None:
    """Drop the words of a document that is still stored as it was when they were learnt."""
    connection.execute(
        f"INSERT INTO search_{collection} (search_{collection}, rowid, {_COLUMNS})"
        f" SELECT 'delete', key, {_COLUMNS} FROM passages_{collection} WHERE document = ?",
        (document,),
    )


def learn_again(connection: sqlite3.Connection, collection: int, document: int) -> None:
    """Take in the words of a stored document that was forgotten."""
    passages = connection.execute(
        f"SELECT key, {_COLUMNS} FROM passages_{collection} WHERE document = ?", (document,)
    ).fetchall()
    learn(connection, collection, passages)
    connection.executemany(
        "UPDATE chunks SET terms = ? WHERE key = ?",
        ((count_terms(words), key) for key, *words in passages),
    )


def relearn(connection: sqlite3.Connection, collection: int) -> None:
    """Make a word index anew from the stored chunks."""
    connection.execute(
        f"INSERT INTO search_{collection} (search_{collection}) VALUES ('delete-all')"
    )
    documents = connection.execute(
        "SELECT id FROM documents WHERE collection = ? ORDER BY id", (collection,)
    ).fetchall()
    for (document,) in documents:
        learn_again(connection, collection, document)


def count_terms(words: Sequence[str]) -> int:
    """Return the number of words in the columns of a passage."""
    return sum(len(each.split()) for each in words)


def knows_its_words(connection: sqlite3.Connection, collection: int) -> bool:
    """Compare a word index with the chunks: https://www.sqlite.org/fts5.html#integrity_check"""
    try:
        connection.execute(
            f"INSERT INTO search_{collection} (search_{collection}, rank)"
            " VALUES ('integrity-check', 1)"
        )
        held, counted = connection.execute(
            f"SELECT (SELECT count(*) FROM words_{collection}),"
            " (SELECT coalesce(sum(terms), 0) FROM chunks WHERE collection = ?)",
            (collection,),
        ).fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(held == counted)
