"""A damaged home folder is told by the doctor, mended by a rebuild, and embeds nothing again."""

import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.doctor import diagnose
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured, StoreBusy, StoreError
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.rebuilding import rebuild
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.sqlite_store import open_store


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    folder: Path
    home: Path
    embedder: Embedder

    def write(self, name: str, text: str) -> Path: ...
    def ingest(self) -> IngestReport: ...
    def texts(self) -> dict[str, str]: ...
    def on_disk(self) -> dict[str, str]: ...
    def findings(self) -> list[object]: ...


def sql(place: Place, statement: str) -> None:
    """Change the database behind the store's back."""
    connection = sqlite3.connect(place.home / "citewell.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def damage(place: Place) -> list[str]:
    return [finding.text for finding in diagnose(place.home, 0).damage]


def test_a_home_in_order_has_no_findings(place: Place) -> None:
    place.ingest()

    diagnosis = diagnose(place.home, 0)

    assert (diagnosis.damage, diagnosis.behind, diagnosis.sound) == ((), (), True)
    assert [(each.documents, each.chunks) for each in diagnosis.collections] == [(3, 3)]


def test_a_folder_that_has_changed_is_news_and_no_damage(place: Place) -> None:
    place.ingest()
    (place.folder / "cat.txt").unlink()
    place.write("dog.txt", "The dog howls.")

    diagnosis = diagnose(place.home, 0)

    assert diagnosis.sound
    assert [finding.text.rpartition("/")[2] for finding in diagnosis.behind] == [
        "cat.txt' is gone.",
        "dog.txt' has changed.",
    ]
    assert {finding.command for finding in diagnosis.behind} == {"citewell ingest PATH"}


def test_a_home_without_a_store_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match=r"no store in .*citewell ingest PATH"):
        diagnose(tmp_path, 0)
    with pytest.raises(NotConfigured, match=r"no store in .*citewell ingest PATH"):
        rebuild(tmp_path, 0)


def test_nobody_examines_or_rebuilds_while_another_writes(place: Place) -> None:
    place.ingest()

    with writer_lock(place.home, 0):
        with pytest.raises(StoreBusy, match="is writing to"):
            diagnose(place.home, 0)
        with pytest.raises(StoreBusy, match="is writing to"):
            rebuild(place.home, 0)


VECTOR = "x'0000803f000000000000000000000000'"

DAMAGES = {
    "UPDATE chunks SET text = 'The horse.' WHERE key = 1": [
        "pets: the word index does not hold the words of the chunks.",
        "pets: 'cat.txt' has 1 chunks that are not as they were stored.",
        "'cat.txt' has 1 chunks that are not the text of their place.",
    ],
    "UPDATE documents SET text = 'The' WHERE name = 'cat.txt'": [
        "pets: 'cat.txt' is not as it was stored.",
        "'cat.txt' has 1 chunks that are not the text of their place.",
    ],
    "UPDATE documents SET metadata = '[' WHERE name = 'cat.txt'": ["is damaged (a row is garbled"],
    "UPDATE chunks SET vector = x'00' WHERE key = 1": ["is damaged (a row is garbled"],
    "UPDATE chunks SET vector = x'0000c07f000000000000000000000000' WHERE key = 1": [
        "'cat.txt' has 1 vectors that are not finite."
    ],
    "UPDATE chunks SET vector = zeroblob(16) WHERE key = 1": [
        "'cat.txt' has 1 vectors not of length 1."
    ],
    "UPDATE chunks SET vector = zeroblob(20) WHERE key = 1": [
        "'cat.txt' has 1 vectors of another dimension."
    ],
    "DELETE FROM chunks WHERE key = 1": [
        "pets: the word index does not hold the words of the chunks.",
        "'cat.txt' has no chunks.",
    ],
}


@pytest.mark.parametrize("statement", DAMAGES)
def test_damage_in_the_database_is_told_and_the_rest_is_saved(place: Place, statement: str) -> None:
    place.ingest()
    sql(place, statement)

    told = damage(place)
    rebuilt = rebuild(place.home, 0)

    assert len(told) == len(DAMAGES[statement])
    assert all(part in text for part, text in zip(DAMAGES[statement], told, strict=True)), told
    assert rebuilt.saved == 2
    assert place.texts().items() < place.on_disk().items()
    assert damage(place) == []
    assert place.ingest().added == 1
    assert place.findings() == []
    assert place.texts() == place.on_disk()


def test_documents_whose_files_are_forgotten_are_saved_by_their_readings(place: Place) -> None:
    place.ingest()
    sql(place, "DELETE FROM files")

    told = damage(place)
    rebuilt = rebuild(place.home, 0)

    assert "Row 1 of documents belongs to a row of files that is not there." in told
    assert (rebuilt.saved, rebuilt.lost) == (3, 0)
    assert place.findings() == []
    assert (place.ingest().unchanged, place.texts()) == (3, place.on_disk())


def test_a_file_whose_documents_are_gone_is_read_again(place: Place) -> None:
    place.ingest()
    sql(place, "DELETE FROM documents WHERE name = 'cat.txt'")

    rebuilt = rebuild(place.home, 0)

    assert (rebuilt.saved, rebuilt.lost) == (2, 1)
    assert place.ingest().added == 1
    assert place.texts() == place.on_disk()


def test_a_word_index_that_lost_its_words_is_made_anew_in_place(place: Place) -> None:
    place.ingest()
    sql(place, "INSERT INTO search_1 (search_1) VALUES ('delete-all')")

    told = damage(place)
    rebuilt = rebuild(place.home, 0)

    assert told == ["pets: the word index does not hold the words of the chunks."]
    assert (rebuilt.collections, rebuilt.aside) == (("pets",), None)
    assert place.findings() == []
    with open_store(place.home) as store:
        assert len(store.search_text("pets", ["purrs"], 5)) == 1


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def garble(content: bytes) -> bytes:
    return b"This is no database. " * (len(content) // 21)


@pytest.mark.parametrize("how", [cut, garble])
def test_a_database_that_is_beyond_reading_is_set_aside_and_the_folder_read_again(
    place: Place, how: Callable[[bytes], bytes]
) -> None:
    place.ingest()
    path = place.home / "citewell.db"
    path.write_bytes(how(path.read_bytes()))

    with pytest.raises(StoreError, match=r"is damaged.*citewell rebuild.*citewell ingest"):
        place.texts()
    assert damage(place) != []
    rebuilt = rebuild(place.home, 0)

    assert rebuilt.aside == place.home / "citewell.db.damaged-1"
    assert rebuilt.aside.exists()
    place.ingest()
    assert place.texts() == place.on_disk()
    assert place.findings() == []


def test_an_empty_or_removed_database_begins_anew(place: Place) -> None:
    place.ingest()
    (place.home / "citewell.db").write_bytes(b"")
    place.ingest()
    emptied = place.texts()
    (place.home / "citewell.db").unlink()
    place.ingest()

    assert emptied == place.texts() == place.on_disk()
    assert place.findings() == []


def test_a_search_goes_on_with_the_database_that_took_the_place_of_a_damaged_one(
    place: Place,
) -> None:
    place.ingest()
    with open_retriever(place.home, collection="pets", embedder=place.embedder) as retriever:
        before = [each.document for each in retriever.search("purrs")]
        sql(place, "UPDATE documents SET text = 'The' WHERE name = 'dog.txt'")
        rebuild(place.home, 0)
        place.write("new.txt", "The cat hums.")
        place.ingest()
        after = [each.document for each in retriever.search("hums", mode="lexical")]
        whole = {each.document: each.text for each in retriever.search("cat", 10)}

    assert before[0] == "cat.txt"
    assert after == ["new.txt"]
    assert whole == place.on_disk()


def test_no_vector_is_taken_for_that_of_another_chunk_after_a_rebuild(place: Place) -> None:
    ant = place.write("ant.txt", "The ant carries a leaf.")
    place.ingest()
    ant.unlink()
    place.ingest()
    with open_retriever(place.home, collection="pets", embedder=place.embedder) as retriever:
        retriever.search("all vectors are read", mode="dense")
        sql(place, "UPDATE documents SET text = 'The' WHERE name = 'dog.txt'")
        rebuild(place.home, 0)
        left = list(place.texts().values())
        found = [retriever.search(text, 1, "dense")[0].text for text in left]

    assert len(left) == 2
    assert found == left


FLIPPED = """
import sys
from pathlib import Path
from citewell.retrieval.doctor import diagnose
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.rebuilding import rebuild
from citewell.retrieval.sqlite_store import open_store

for home in map(Path, sys.argv[1:]):
    try:
        with open_store(home) as store:
            for key, _ in store.search_text("pets", ["cat", "dog", "horse"], 10):
                store.chunks("pets", [key])
            list(store.vectors("pets"))
    except CitewellError as error:
        assert "citewell" in str(error), error
    diagnose(home, 0)
    rebuild(home, 0)
    assert diagnose(home, 0).sound
"""


def test_flipped_bytes_anywhere_are_told_in_words_and_mended(place: Place) -> None:
    for number in range(20):
        place.write(f"{number}.txt", f"Cat {number} and dog {number}. " * 20)
    place.ingest()
    content = (place.home / "citewell.db").read_bytes()
    chance = random.Random(20)
    homes = []
    for number in range(8):
        flipped = bytearray(content)
        for _ in range(8):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        home = place.home.with_name(f"flipped{number}")
        home.mkdir()
        (home / "citewell.db").write_bytes(flipped)
        homes.append(str(home))

    done = subprocess.run(
        [sys.executable, "-c", FLIPPED, *homes], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
