"""What citewell.db holds for searches alone, and can make again from its documents and chunks."""

import sqlite3
from collections.abc import Iterable, Iterator

from citewell.retrieval import sqlite_marks, sqlite_words
from citewell.retrieval.languages import language_of
from citewell.retrieval.sqlite_documents import full_document
from citewell.retrieval.sqlite_writes import put_facts


def derive_again(connection: sqlite3.Connection, collection: int) -> None:
    """Find the words and facts of all documents of a collection anew, and who may see them."""
    sqlite_marks.lock_if_lost(connection, collection)
    sqlite_marks.sort_documents(connection, collection)
    tell_again(connection, _documents(connection, collection))
    sqlite_words.relearn(connection, collection)


def tell_again(connection: sqlite3.Connection, documents: Iterable[int]) -> None:
    """Find the facts of some documents anew, as where their file is called otherwise."""
    for document in documents:
        put_facts(connection, document, full_document(connection, document))


def tell_languages(connection: sqlite3.Connection, collection: int) -> None:
    """Tell the languages of documents that were stored without."""
    for document in _documents(connection, collection):
        held = full_document(connection, document)
        connection.execute(
            "UPDATE documents SET language = ? WHERE id = ?",
            (language_of([held.title, held.text]), document),
        )


def derived_faults(connection: sqlite3.Connection, collection: int) -> Iterator[str]:
    """Yield what is not as `derive_again` would make it, in words."""
    if not sqlite_words.knows_its_words(connection, collection):
        yield "the word index does not hold the words of the chunks."
    if wrong := sqlite_marks.misplaced(connection, collection):
        yield f"{wrong} documents are not kept from those that their labels keep them from."
    (unknown,) = connection.execute(
        "SELECT count(*) FROM documents WHERE collection = ?"
        " AND id NOT IN (SELECT document FROM facts WHERE key = 'document')",
        (collection,),
    ).fetchone()
    if unknown:
        yield f"{unknown} documents are not known to filters."


def _documents(connection: sqlite3.Connection, collection: int) -> list[int]:
    found = connection.execute(
        "SELECT documents.id FROM documents JOIN files ON files.id = documents.file"
        " WHERE documents.collection = ?",
        (collection,),
    )
    return [row[0] for row in found]
