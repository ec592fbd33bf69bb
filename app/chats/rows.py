"""Values of conversations as rows of the file, and back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from citewell.app.chats.codec import decode, decode_choices, storable
from citewell.app.chats.values import Conversation, Feedback, KeptTurn, RightPassage

CONVERSATIONS = (
    "SELECT id, title, collection, person, created, changed, choices,"
    " (SELECT count(*) FROM turns WHERE turns.conversation = conversations.key)"
    " FROM conversations"
)
TURNS = (
    "SELECT turns.id, question, asked, content FROM turns"
    " JOIN conversations ON conversations.key = turns.conversation"
)
FEEDBACK = (
    "SELECT turns.id, given, rating, comment, wrong, right_document, right_start, right_end,"
    " right_quote FROM feedback JOIN turns ON turns.key = feedback.turn"
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Row = tuple[Any, ...]


def microseconds(when: datetime) -> int:
    """Return a time as the file holds it; one without a zone is local time."""
    return (when.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def time_of(number: int) -> datetime:
    """Return a time that the file holds, in UTC."""
    return _EPOCH + timedelta(microseconds=number)


def conversation(row: Row) -> Conversation:
    """Return what a row of `CONVERSATIONS` says."""
    id_, title, collection, person, created, changed, choices, turns = row
    times = time_of(created), time_of(changed)
    return Conversation(id_, title, collection, person, *times, decode_choices(choices), turns)


def turn(row: Row) -> KeptTurn:
    """Return what a row of `TURNS` says."""
    id_, question, asked, content = row
    return decode(id_, question, time_of(asked), content)


def answer_text(turn: KeptTurn) -> str:
    """Return what was answered, without markers, as far as it came."""
    return " ".join(sentence.text for sentence in turn.sentences)


def feedback(row: Row) -> Feedback:
    """Return what a row of `FEEDBACK` says."""
    _, _, rating, comment, wrong, document, start, end, quote = row
    right = None if document is None else RightPassage(document, start, end, quote)
    return Feedback(rating, comment, tuple(json.loads(wrong)), right)


def feedback_row(said: Feedback) -> Row:
    """Return the columns of the table from ``rating`` on."""
    right = said.right
    place: Row = (None, None, None, None)
    if right is not None:
        place = (storable(right.document), right.start, right.end, storable(right.quote))
    return said.rating, storable(said.comment), json.dumps(said.wrong), *place
