"""Tags and labels in citewell.db, and which documents ask which labels of those who see them.

Documents that ask the same form a partition. What they ask is a list of sets of labels, one for
each level that carries any: the collection, each folder, the file and the document itself.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from citewell.retrieval.sqlite_rows import as_json, read_labels
from citewell.retrieval.store import Mark, MarkKind, levels

LOCKED = Mark("", "label", "labels were damaged")
"""Given to a collection whose labels were damaged: users set them again, then remove it."""


def all_marks(connection: sqlite3.Connection, collection: int) -> list[Mark]:
    """Return all marks of a collection by kind and name."""
    found = connection.execute(
        "SELECT name, kind, value, folder FROM marks WHERE collection = ?"
        " ORDER BY kind, name, folder, value",
        (collection,),
    )
    return [Mark(*row) for row in found]


def add_marks(connection: sqlite3.Connection, collection: int, marks: Iterable[Mark]) -> None:
    """Store marks; those that are there stay."""
    connection.executemany(
        "INSERT OR IGNORE INTO marks (collection, kind, name, folder, value)"
        " VALUES (?, ?, ?, ?, ?)",
        ((collection, each.kind, each.name, each.folder, each.value) for each in marks),
    )


def change_marks(
    connection: sqlite3.Connection,
    collection: int,
    kind: MarkKind,
    names: Sequence[str],
    change: tuple[Iterable[str], Iterable[str]],
) -> None:
    """Give marks to each name, and take others from it."""
    added, removed = map(set, change)
    if not all(value.strip() for value in added):
        raise ValueError(f"A {kind} is blank; give it a name.")
    connection.executemany(
        "DELETE FROM marks WHERE collection = ? AND kind = ? AND name = ? AND value = ?",
        ((collection, kind, name, value) for name in names for value in removed),
    )
    add_marks(
        connection,
        collection,
        (Mark(name, kind, value) for name in names for value in sorted(added - set(removed))),
    )


def move_marks(connection: sqlite3.Connection, collection: int, old: str, new: str) -> None:
    """Let the marks of a document or file follow it to another name.

    Labels of folders that it is no longer below come with it: what was kept from some must not
    become open to them because it was moved. None of them joins labels that the new name has,
    as holding one of either would be enough then.
    """
    if old == new:
        return
    labels = _Labels(connection, collection)
    there = labels.levels(new)
    moved: list[Mark] = []
    for (level, folder), values in labels.levels(old).items():
        own = level == old and not folder
        source = "" if own and (new, "") not in there else folder or level
        if not own and values in there.values():
            continue
        while (new, source) in there:
            source += "/"
        there[new, source] = values
        moved += [Mark(new, "label", value, source) for value in values]
    connection.execute(
        "DELETE FROM marks WHERE collection = ? AND name = ? AND kind = 'label'", (collection, old)
    )
    connection.execute(
        "UPDATE OR REPLACE marks SET name = ? WHERE collection = ? AND name = ?",
        (new, collection, old),
    )
    add_marks(connection, collection, moved)


class Partitions:
    """Which partition a document belongs to, by the marks that are there when this is made."""

    def __init__(self, connection: sqlite3.Connection, collection: int) -> None:
        self._connection = connection
        self._collection = collection
        self._labels = _Labels(connection, collection)
        self._known: dict[str, int] = {}

    def of(self, document: str, file: str) -> int:
        """Return the partition of a document of a file, by their names; made if need be."""
        labels = self._labels.asked(document, file)
        if labels not in self._known:
            self._known[labels] = self._made(labels)
        return self._known[labels]

    def _made(self, labels: str) -> int:
        row = self._connection.execute(
            "INSERT INTO partitions (collection, labels) VALUES (?, ?)"
            " ON CONFLICT (collection, labels) DO UPDATE SET labels = labels RETURNING id",
            (self._collection, labels),
        ).fetchone()
        partition: int = row[0]
        return partition


def sort_documents(connection: sqlite3.Connection, collection: int) -> None:
    """Bring all documents into the partitions that the marks say, and drop empty partitions."""
    documents = connection.execute(
        "SELECT documents.id, documents.name, files.name, partition FROM documents"
        " JOIN files ON files.id = documents.file WHERE documents.collection = ?",
        (collection,),
    ).fetchall()
    partitions = Partitions(connection, collection)
    right = ((partitions.of(name, file), document, now) for document, name, file, now in documents)
    connection.executemany(
        "UPDATE documents SET partition = ? WHERE id = ?",
        [(partition, document) for partition, document, now in right if partition != now],
    )
    connection.execute(
        "DELETE FROM partitions WHERE collection = ?"
        " AND id NOT IN (SELECT partition FROM documents WHERE collection = ?)",
        (collection, collection),
    )


def misplaced(connection: sqlite3.Connection, collection: int) -> int:
    """Count the documents that are in another partition than the marks say."""
    return sum(stored != asked for stored, asked in _asked_of_all(connection, collection))


def lock_if_lost(connection: sqlite3.Connection, collection: int) -> None:
    """Keep a collection from everybody if documents ask for labels that no mark tells of.

    Its marks were damaged then, and those that are left might open what was closed.
    """
    if labels_lost(connection, collection):
        add_marks(connection, collection, [LOCKED])


def labels_lost(connection: sqlite3.Connection, collection: int) -> bool:
    """Tell whether documents ask for labels that no mark tells of."""
    found = _asked_of_all(connection, collection)
    return any(
        each not in read_labels(asked)
        for stored, asked in found
        if stored not in (None, asked)
        for each in read_labels(stored or "[]")
    )


def open_to(
    connection: sqlite3.Connection, collection: int, labels: frozenset[str]
) -> frozenset[int]:
    """Return the partitions whose documents a caller with these labels may see."""
    found = connection.execute(
        "SELECT id, labels FROM partitions WHERE collection = ?", (collection,)
    ).fetchall()
    return frozenset(
        partition
        for partition, asked in found
        if all(not labels.isdisjoint(each) for each in read_labels(asked))
    )


def _asked_of_all(
    connection: sqlite3.Connection, collection: int
) -> Iterator[tuple[str | None, str]]:
    """Yield what each document asks as it is stored, and as the marks say."""
    documents = connection.execute(
        "SELECT documents.name, coalesce(files.name, ''), labels FROM documents"
        " LEFT JOIN files ON files.id = documents.file"
        " LEFT JOIN partitions ON partitions.id = partition WHERE documents.collection = ?",
        (collection,),
    ).fetchall()
    given = _Labels(connection, collection)
    return ((asked, given.asked(name, file)) for name, file, asked in documents)


class _Labels:
    """The labels of a collection by what carries them."""

    def __init__(self, connection: sqlite3.Connection, collection: int) -> None:
        self._of: dict[str, dict[str, set[str]]] = {}
        found = connection.execute(
            "SELECT name, folder, value FROM marks WHERE collection = ? AND kind = 'label'",
            (collection,),
        )
        for name, folder, value in found:
            self._of.setdefault(name, {}).setdefault(folder, set()).add(value)

    def asked(self, document: str, file: str) -> str:
        """Return what a document of a file asks of those who see it, as partitions hold it."""
        levels = self.levels(file) | self.levels(document)
        return as_json(sorted({tuple(sorted(each)) for each in levels.values()}))

    def levels(self, name: str) -> dict[tuple[str, str], set[str]]:
        """Return the labels of each level that a name is of, itself included."""
        return {
            (level, folder): labels
            for level in (levels(name) if self._of else ())
            for folder, labels in self._of.get(level, {}).items()
        }
