"""Turns as they are kept beyond this version of the code: JSON with a version, packed by zlib.

A field that is added to `Answer` with a default needs no new version; one that is removed, or
comes to mean something else, does.
"""

import json
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter

from citewell.app.answer_values import Answer, AnswerSentence
from citewell.app.chats.values import Choices, KeptTurn

VERSION = 1

NEWER = "This answer was kept by a newer Citewell. Update Citewell to read it, or ask again."
UNREADABLE = "This answer can no longer be read from the file of conversations. Ask again."

_LONE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Content:
    """What came of a question; ``sentences`` is None where they are those of the answer."""

    answer: Answer | None
    error: str | None
    sentences: tuple[AnswerSentence, ...] | None
    standalone: str | None


@cache
def _contents() -> TypeAdapter[_Content]:
    return TypeAdapter(_Content)


def storable(text: str) -> str:
    """Return a text that UTF-8 can hold: halves of surrogate pairs are replaced, one for one."""
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text)


def encode(turn: KeptTurn) -> bytes:
    """Return what came of a question as bytes."""
    whole = turn.answer is not None and turn.answer.sentences == turn.sentences
    content = _Content(turn.answer, turn.error, None if whole else turn.sentences, turn.standalone)
    value = {"version": VERSION, **_contents().dump_python(content)}
    text = storable(json.dumps(value, ensure_ascii=False))
    return zlib.compress(text.encode(), level=6)


def decode(id_: str, question: str, asked: datetime, packed: bytes) -> KeptTurn:
    """Return the turn that bytes hold; one that cannot be read has an error for its answer."""
    try:
        value = json.loads(zlib.decompress(packed))
        if value["version"] > VERSION:
            return KeptTurn(id_, question, asked, error=NEWER)
        content = _contents().validate_python(value)
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return KeptTurn(id_, question, asked, error=UNREADABLE)
    sentences = content.sentences
    if sentences is None:
        sentences = content.answer.sentences if content.answer else ()
    return KeptTurn(
        id_, question, asked, content.answer, content.error, sentences, content.standalone
    )


def has_answer(packed: bytes) -> bool:
    """Tell whether bytes hold a whole answer, also one that cannot be read."""
    try:
        return json.loads(zlib.decompress(packed))["answer"] is not None
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return True


def encode_choices(choices: Choices) -> str:
    """Return settings as text. Raises ValueError if a value is not JSON."""
    return storable(json.dumps(dict(choices), ensure_ascii=False, allow_nan=False))


def decode_choices(text: str) -> Choices:
    """Return the settings that a text holds; none if it cannot be read."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
