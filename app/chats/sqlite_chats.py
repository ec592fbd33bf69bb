"""Conversations kept in one SQLite file in the home folder."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from citewell.app.chats import rows
from citewell.app.chats.chats_file import FILE_NAME, ChatsFile
from citewell.app.chats.codec import (
    decode_choices,
    encode,
    encode_choices,
    has_answer,
    storable,
)
from citewell.app.chats.protocol import Chats
from citewell.app.chats.seeking import seek, sought
from citewell.app.chats.values import Choices, Conversation, Feedback, Judged, KeptTurn
from citewell.app.terminal import excerpt
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreError

UNTITLED = "New conversation"
"""The title until there is a question."""

TITLE_CHARACTERS = 70
"""Of a title that is made of a question."""

MOST_TITLE_CHARACTERS = 200


def open_chats(home: Path, *, max_bytes: int | None = None) -> Chats:
    """Open the conversations of a home folder; both are made when they do not exist.

    Args:
        home: The folder. Others on this machine may not look into one that is made here.
        max_bytes: Size the file may not outgrow; reaching it is the same as a full disk.

    Raises:
        StoreError: If the file is damaged, was made by a newer Citewell, or cannot be opened.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {home} cannot be made ({error.strerror}). "
            "Name another home folder with CITEWELL_HOME."
        ) from error
    file = ChatsFile(home / FILE_NAME, max_bytes=max_bytes)
    try:
        file.lay_out(again=True)
    except BaseException:
        file.close()
        raise
    return SqliteChats(file)


class SqliteChats:
    """`Chats` on one SQLite file. Any number of threads and processes may use it at once."""

    def __init__(self, file: ChatsFile) -> None:
        self._file = file

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    # conversations

    def create(
        self, collection: str, choices: Choices | None = None, person: str = ""
    ) -> Conversation:
        """Begin a conversation. Without choices it takes the preferences of the person."""
        id_, now = uuid4().hex, rows.microseconds(datetime.now(UTC))
        with self._file.writing() as connection:
            kept = encode_choices(_preferred(connection, person) if choices is None else choices)
            connection.execute(
                "INSERT INTO conversations"
                " (id, person, collection, title, sought, named, created, changed, choices)"
                " VALUES (?, ?, ?, ?, '', 0, ?, ?, ?)",
                (id_, person, collection, UNTITLED, now, now, kept),
            )
        return self.get(id_)

    def get(self, id_: str) -> Conversation:
        """Return a conversation. Raises NotConfigured if there is none of this id."""
        with self._file.reading() as connection:
            row = connection.execute(f"{rows.CONVERSATIONS} WHERE id = ?", (id_,)).fetchone()
        if row is None:
            raise _gone(id_)
        return rows.conversation(row)

    def conversations(
        self, words: str = "", person: str = "", most: int | None = None
    ) -> list[Conversation]:
        """Return the conversations of a person that hold all the words, last asked first."""
        condition, values = seek(words)
        with self._file.reading() as connection:
            found = connection.execute(
                f"{rows.CONVERSATIONS} WHERE person = ?{condition}"
                " ORDER BY changed DESC, key DESC LIMIT ?",
                (person, *values, -1 if most is None else most),
            ).fetchall()
        return [rows.conversation(row) for row in found]

    def rename(self, id_: str, title: str) -> None:
        """Give a title. Raises ConfigError if it is blank, NotConfigured if there is no such."""
        shown = excerpt(title, MOST_TITLE_CHARACTERS)
        if not shown:
            raise ConfigError(f"The title {title!r} holds no words. Give one that does.")
        with self._of(id_) as (connection, key):
            connection.execute(
                "UPDATE conversations SET title = ?, sought = ?, named = 1 WHERE key = ?",
                (shown, sought(shown), key),
            )

    def delete(self, id_: str) -> None:
        """Remove a conversation for good."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (id_,))
        self._file.scrub()

    def choose(self, id_: str, choices: Choices) -> None:
        """Set the settings that hold for a conversation."""
        kept = encode_choices(choices)
        with self._of(id_) as (connection, key):
            connection.execute("UPDATE conversations SET choices = ? WHERE key = ?", (kept, key))

    def move(self, collection: str, new: str) -> None:
        """Let the conversations about a collection go on under its new name."""
        with self._file.writing() as connection:
            connection.execute(
                "UPDATE conversations SET collection = ? WHERE collection = ?", (new, collection)
            )

    # turns

    def turns(self, id_: str) -> list[KeptTurn]:
        """Return the turns of a conversation, oldest first."""
        with self._file.reading() as connection:
            found = connection.execute(
                f"{rows.TURNS} WHERE conversations.id = ? ORDER BY turns.key",
                (id_,),
            ).fetchall()
        return [rows.turn(row) for row in found]

    def put_turn(self, id_: str, turn: KeptTurn) -> None:
        """Add a turn, or put it in place of the one with its id."""
        question, content = storable(turn.question), encode(turn)
        with self._of(id_) as (connection, conversation):
            before = connection.execute(
                "SELECT conversation, content, key FROM turns WHERE id = ?", (turn.id,)
            ).fetchone()
            if before is not None and before[0] != conversation:
                raise ValueError(f"The turn {turn.id!r} stands in another conversation.")
            key = connection.execute(
                "INSERT INTO turns (id, conversation, asked, question, content)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET asked = excluded.asked,"
                " question = excluded.question, content = excluded.content RETURNING key",
                (turn.id, conversation, rows.microseconds(turn.asked), question, content),
            ).fetchone()[0]
            if before is not None and before[1] != content and has_answer(before[1]):
                connection.execute("DELETE FROM feedback WHERE turn = ?", (key,))
            connection.execute(
                "INSERT OR REPLACE INTO said (conversation, turn, sought) VALUES (?, ?, ?)",
                (conversation, key, sought(f"{question}\n{rows.answer_text(turn)}")),
            )
            _name(connection, conversation, key, question)

    def cut(self, id_: str, turn_id: str) -> None:
        """Remove a turn and all after it."""
        with self._of(id_) as (connection, conversation):
            first = connection.execute(
                "SELECT key FROM turns WHERE id = ? AND conversation = ?", (turn_id, conversation)
            ).fetchone()
            if first is None:
                return
            for statement in (
                "DELETE FROM turns WHERE conversation = ? AND key >= ?",
                "DELETE FROM said WHERE conversation = ? AND turn >= ?",
            ):
                connection.execute(statement, (conversation, first[0]))

    # feedback

    def feedback(self, turn_id: str) -> Feedback | None:
        """Return what was said of a turn."""
        with self._file.reading() as connection:
            row = connection.execute(f"{rows.FEEDBACK} WHERE turns.id = ?", (turn_id,)).fetchone()
        return None if row is None else rows.feedback(row)

    def feedback_of(self, id_: str) -> dict[str, Feedback]:
        """Return what was said of the turns of a conversation, by their ids."""
        with self._file.reading() as connection:
            found = connection.execute(
                f"{rows.FEEDBACK} WHERE conversation ="
                " (SELECT key FROM conversations WHERE id = ?)",
                (id_,),
            ).fetchall()
        return {row[0]: rows.feedback(row) for row in found}

    def set_feedback(self, turn_id: str, feedback: Feedback | None) -> None:
        """Keep what was said of a turn in place of what was; None takes it back."""
        with self._file.writing() as connection:
            turn = connection.execute("SELECT key FROM turns WHERE id = ?", (turn_id,)).fetchone()
            if turn is None and feedback is not None:
                raise NotConfigured(f"The answer {turn_id!r} is gone, so nothing is kept about it.")
            if turn is not None:
                connection.execute("DELETE FROM feedback WHERE turn = ?", turn)
            if turn is not None and feedback is not None:
                connection.execute(
                    "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (turn[0], rows.microseconds(datetime.now(UTC)), *rows.feedback_row(feedback)),
                )

    def judged(self, collection: str | None = None) -> list[Judged]:
        """Return what people said of answers, in the order they said it."""
        with self._file.reading() as connection:
            found = connection.execute(
                f"{rows.FEEDBACK} JOIN conversations ON conversations.key = turns.conversation"
                " WHERE ? IN (conversations.collection, '') ORDER BY given, turns.key",
                (collection or "",),
            ).fetchall()
            return [_judged(connection, row) for row in found]

    # preferences

    def preferences(self, person: str = "") -> Choices:
        """Return the settings that new conversations of a person begin with."""
        with self._file.reading() as connection:
            return _preferred(connection, person)

    def set_preferences(self, choices: Choices, person: str = "") -> None:
        """Set the settings that new conversations of a person begin with."""
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO preferences (person, choices) VALUES (?, ?)",
                (person, encode_choices(choices)),
            )

    @contextmanager
    def _of(self, id_: str) -> Iterator[tuple[sqlite3.Connection, int]]:
        """Write to a conversation. Raises NotConfigured if it is gone."""
        with self._file.writing() as connection:
            row = connection.execute(
                "SELECT key FROM conversations WHERE id = ?", (id_,)
            ).fetchone()
            if row is None:
                raise _gone(id_)
            yield connection, row[0]


def _gone(id_: str) -> NotConfigured:
    return NotConfigured(f"The conversation {id_!r} is gone. Choose another, or begin a new one.")


def _preferred(connection: sqlite3.Connection, person: str) -> Choices:
    row = connection.execute(
        "SELECT choices FROM preferences WHERE person = ?", (person,)
    ).fetchone()
    return {} if row is None else decode_choices(row[0])


def _name(connection: sqlite3.Connection, conversation: int, turn: int, question: str) -> None:
    """Note that a conversation was asked something, and name it after its first question."""
    now = rows.microseconds(datetime.now(UTC))
    connection.execute("UPDATE conversations SET changed = ? WHERE key = ?", (now, conversation))
    title = excerpt(question, TITLE_CHARACTERS) or UNTITLED
    connection.execute(
        "UPDATE conversations SET title = ?, sought = ? WHERE key = ? AND NOT named"
        " AND ? = (SELECT min(key) FROM turns WHERE turns.conversation = conversations.key)",
        (title, sought(title), conversation, turn),
    )


def _judged(connection: sqlite3.Connection, row: rows.Row) -> Judged:
    id_ = row[:1]
    turn = connection.execute(f"{rows.TURNS} WHERE turns.id = ?", id_).fetchone()
    conversation = connection.execute(
        f"{rows.CONVERSATIONS} WHERE key = (SELECT conversation FROM turns WHERE id = ?)", id_
    ).fetchone()
    return Judged(
        rows.conversation(conversation), rows.turn(turn), rows.feedback(row), rows.time_of(row[1])
    )
