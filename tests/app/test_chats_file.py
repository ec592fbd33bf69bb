"""The file of conversations: damaged, newer, full, shared, and without what was deleted."""

import json
import random
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE
from threading import Thread

import pytest

from citewell.app.answer_values import Answer, Timings
from citewell.app.chats.codec import NEWER, UNREADABLE, encode
from citewell.app.chats.sqlite_chats import open_chats
from citewell.app.chats.values import Feedback, KeptTurn
from citewell.retrieval.errors import StoreDamaged, StoreError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TURN = KeptTurn("t1", "Do cats purr?", NOON)


def change(home: Path, statement: str, values: Iterable[object] = ()) -> None:
    """Change the file as no Citewell would."""
    with closing(sqlite3.connect(home / "chats.db")) as connection:
        connection.execute(statement, tuple(values))
        connection.commit()


def words_in(home: Path) -> bytes:
    """Return all that is in the file and those beside it."""
    return b"".join(path.read_bytes() for path in sorted(home.iterdir()))


def test_what_was_kept_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    with closing(open_chats(tmp_path)) as chats:
        made = chats.create("papers", {"k": 8})
        chats.put_turn(made.id, TURN)
        chats.set_feedback("t1", Feedback("up"))

    with closing(open_chats(tmp_path)) as chats:
        assert chats.conversations() == [chats.get(made.id)]
        assert chats.get(made.id).choices == {"k": 8}
        assert (chats.turns(made.id), chats.feedback("t1")) == ([TURN], Feedback("up"))


def test_others_on_the_machine_may_not_read_conversations(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with closing(open_chats(tmp_path)) as chats:
        chats.create("papers")
        modes = {path.name: S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}

    assert modes["chats.db"] == modes["chats.db-wal"] == 0o600


def test_a_home_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    tmp_path.joinpath("file").touch()

    with pytest.raises(StoreError, match=r"file/home cannot be made .* CITEWELL_HOME"):
        open_chats(tmp_path / "file" / "home")


def test_a_file_that_is_no_database_is_left_where_it_is(tmp_path: Path) -> None:
    tmp_path.joinpath("chats.db").write_text("no database, but someone's words\n" * 500)

    with pytest.raises(StoreDamaged, match=r"chats\.db, .*, is damaged \(.*\)\. Stop Citewell and"):
        open_chats(tmp_path)

    assert tmp_path.joinpath("chats.db").read_text().startswith("no database, but someone's")


def test_a_file_damaged_in_the_middle_says_so_when_it_is_read(tmp_path: Path) -> None:
    with closing(open_chats(tmp_path)) as chats:
        for _ in range(300):
            chats.create("papers", {"note": "x" * 200})
    path = tmp_path / "chats.db"
    data = path.read_bytes()
    path.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))

    with (
        closing(open_chats(tmp_path)) as chats,
        pytest.raises(StoreDamaged, match="rename that file"),
    ):
        chats.conversations()


def test_a_file_of_a_newer_citewell_is_refused_and_left(tmp_path: Path) -> None:
    open_chats(tmp_path).close()
    change(tmp_path, "PRAGMA user_version = 2")
    before = tmp_path.joinpath("chats.db").read_bytes()

    with pytest.raises(StoreError, match=r"made by a newer Citewell \(layout 2; this one knows 1"):
        open_chats(tmp_path)

    assert tmp_path.joinpath("chats.db").read_bytes() == before


def test_a_file_renamed_in_use_makes_room_for_a_new_one(tmp_path: Path) -> None:
    with closing(open_chats(tmp_path)) as chats:
        chats.create("papers")
        for path in list(tmp_path.iterdir()):
            path.rename(tmp_path / path.name.replace("chats", "old"))

        assert chats.conversations() == []
        assert chats.create("papers").title == "New conversation"


def test_a_full_disk_refuses_a_turn_and_keeps_those_there(tmp_path: Path) -> None:
    with closing(open_chats(tmp_path, max_bytes=200_000)) as chats:
        made = chats.create("papers")
        chats.put_turn(made.id, TURN)

        with pytest.raises(StoreError, match="no room left"):
            chats.put_turn(made.id, replace(TURN, id="t2", question="Why? " * 100_000))

        assert chats.turns(made.id) == [TURN]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UNREADABLE),
        (b"\x00\xff" * 40, UNREADABLE),
        (encode(TURN)[:-9], UNREADABLE),
        ('{"version": 1}', UNREADABLE),
        ("[1]", UNREADABLE),
        ('{"version": "one"}', UNREADABLE),
        ("[" * 100_000, UNREADABLE),
        ('{"version": 1, "answer": 7, "error": null, "standalone": null}', UNREADABLE),
        ('{"version": 2, "text": "of tomorrow"}', NEWER),
    ],
)
def test_a_turn_that_cannot_be_read_says_so_and_hides_no_other(
    tmp_path: Path, content: str | bytes, error: str
) -> None:
    packed = content if isinstance(content, bytes) else zlib.compress(content.encode())
    with closing(open_chats(tmp_path)) as chats:
        made = chats.create("papers")
        chats.put_turn(made.id, TURN)
        chats.put_turn(made.id, replace(TURN, id="t2"))
        change(tmp_path, "UPDATE turns SET content = ? WHERE id = 't1'", [packed])

        found = chats.turns(made.id)
        chats.put_turn(made.id, TURN)

        assert found == [replace(TURN, error=error), replace(TURN, id="t2")]
        assert chats.turns(made.id)[0] == TURN


def test_a_field_that_an_older_citewell_did_not_keep_has_its_default(tmp_path: Path) -> None:
    answer = Answer("q", "a", "generated", None, (), (), None, Timings(1, None, 2))
    turn = replace(TURN, answer=answer)
    value = json.loads(zlib.decompress(encode(turn)))
    for name in ("notices", "fault", "sent"):
        del value["answer"][name]
    value["answer"]["colour"] = "of a later field"
    with closing(open_chats(tmp_path)) as chats:
        made = chats.create("papers")
        chats.put_turn(made.id, turn)
        packed = zlib.compress(json.dumps(value).encode())
        change(tmp_path, "UPDATE turns SET content = ?", [packed])

        assert chats.turns(made.id) == [turn]


@pytest.mark.parametrize("choices", ["", "[]", "{", "7"])
def test_choices_that_cannot_be_read_are_none(tmp_path: Path, choices: str) -> None:
    with closing(open_chats(tmp_path)) as chats:
        made = chats.create("papers", {"k": 8})
        change(tmp_path, "UPDATE conversations SET choices = ?", [choices])

        assert chats.get(made.id).choices == {}


def test_a_deleted_conversation_leaves_no_word_in_the_file(tmp_path: Path) -> None:
    with closing(open_chats(tmp_path)) as chats:
        chats.create("papers")
        secret = chats.create("papers", {"note": "clandestine"}).id
        chats.put_turn(secret, replace(TURN, question="Clandestine? " * 900))
        chats.put_turn(secret, replace(TURN, question="Also clandestine?"))
        chats.set_feedback("t1", Feedback(comment="clandestine"))
        chats.rename(secret, "clandestine")
        before = words_in(tmp_path)

        chats.delete(secret)

        assert (b"clandestine" in before, b"clandestine" in words_in(tmp_path)) == (True, False)


def test_pages_that_were_rearranged_hold_no_word_of_what_was_deleted(tmp_path: Path) -> None:
    pick = random.Random(0)  # a seed for which words stay in the gaps of pages, left alone
    with closing(open_chats(tmp_path)) as chats:
        made = [chats.create("papers").id for _ in range(40)]
        secret = set(made[::2])
        for number in range(300):
            id_ = pick.choice(made)
            word = "clandestine " if id_ in secret else "ordinary "
            for _ in range(2 if number % 3 == 0 else 1):
                question = word * pick.choice((1, 20, 200))
                chats.put_turn(id_, replace(TURN, id=f"t{number}", question=question))

        for id_ in secret:
            chats.delete(id_)

        assert b"clandestine" not in words_in(tmp_path)
        assert len(chats.conversations("ordinary")) == 20


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    def work(name: str) -> None:
        with closing(open_chats(tmp_path)) as chats:
            made = chats.create(name)
            for number in range(40):
                chats.put_turn(made.id, replace(TURN, id=f"{name}-{number}"))
                if number % 20 == 0:
                    chats.delete(chats.create("gone").id)

    threads = [Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with closing(open_chats(tmp_path)) as chats:
        found = {each.collection: each.turns for each in chats.conversations()}
    assert found == {"one": 40, "two": 40}
