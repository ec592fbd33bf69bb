"""What labels keep from some stays kept when a damaged store is mended."""

import sqlite3
from pathlib import Path
from typing import Protocol

import pytest

from citewell.retrieval.doctor import diagnose
from citewell.retrieval.rebuilding import rebuild
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import Mark


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    home: Path

    def write(self, name: str, text: str) -> Path: ...
    def ingest(self) -> object: ...


HR = frozenset({"hr"})


def sql(place: Place, statement: str) -> None:
    """Change the database behind the store's back."""
    connection = sqlite3.connect(place.home / "citewell.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def visible(place: Place, labels: frozenset[str]) -> set[str]:
    with open_store(place.home) as store:
        names = store.names("pets")
        return {name for name in names if store.is_visible("pets", name, labels)}


@pytest.fixture
def labelled(place: Place) -> Place:
    """A place of which the folder ``sub`` is for hr."""
    place.ingest()
    with open_store(place.home) as store:
        store.mark("pets", "label", ["sub/"], ["hr"])
        store.mark("pets", "tag", ["cat.txt"], ["nice"])
    return place


def test_marks_are_saved_with_the_documents(labelled: Place) -> None:
    sql(labelled, "UPDATE documents SET text = 'The' WHERE name = 'cat.txt'")

    rebuilt = rebuild(labelled.home, 0)

    assert rebuilt.saved == 2
    with open_store(labelled.home) as store:
        assert store.marks("pets") == [Mark("sub/", "label", "hr"), Mark("cat.txt", "tag", "nice")]
    assert visible(labelled, frozenset()) == {"dog.txt"}
    assert visible(labelled, HR) == {"dog.txt", "sub/horse.txt"}


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM marks WHERE kind = 'label'",
        "UPDATE marks SET value = 'hs' WHERE kind = 'label'",
        "UPDATE marks SET name = 'suc/' WHERE kind = 'label'",
    ],
)
def test_where_labels_were_lost_nobody_sees_anything(labelled: Place, damage: str) -> None:
    sql(labelled, "UPDATE chunks SET text = 'The' WHERE key = 1")
    sql(labelled, damage)

    rebuild(labelled.home, 0)

    assert visible(labelled, HR) == set()
    with open_store(labelled.home) as store:
        assert Mark("", "label", "labels were damaged") in store.marks("pets")
        store.mark("pets", "label", ["sub/"], ["hr"])
        store.mark("pets", "label", [""], [], ["labels were damaged"])
    assert visible(labelled, frozenset()) == {"dog.txt"}


def test_a_document_that_is_open_against_its_labels_is_told_and_mended(labelled: Place) -> None:
    sql(labelled, "UPDATE documents SET partition = 1")

    told = [finding.text for finding in diagnose(labelled.home, 0).damage]
    rebuild(labelled.home, 0)

    assert told == ["pets: 1 documents are not kept from those that their labels keep them from."]
    assert visible(labelled, frozenset()) == {"cat.txt", "dog.txt"}
    assert diagnose(labelled.home, 0).damage == ()


def test_facts_that_are_lost_are_told_and_mended(labelled: Place) -> None:
    sql(labelled, "DELETE FROM facts WHERE key = 'document'")

    told = [finding.text for finding in diagnose(labelled.home, 0).damage]
    rebuild(labelled.home, 0)

    assert told == ["pets: 3 documents are not known to filters."]
    assert diagnose(labelled.home, 0).damage == ()


def test_word_counts_that_are_wrong_are_told_and_mended(labelled: Place) -> None:
    sql(labelled, "UPDATE chunks SET terms = 99 WHERE key = 1")

    told = [finding.text for finding in diagnose(labelled.home, 0).damage]
    rebuild(labelled.home, 0)

    assert told == ["pets: the word index does not hold the words of the chunks."]
    assert diagnose(labelled.home, 0).damage == ()
