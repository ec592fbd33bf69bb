"""Read mail as files hold it (.eml), however badly it was put together.

The standard library's older message class is used: the newer one parses headers as they are looked
at, and raises errors of many kinds over malformed ones. Attachments are named and not opened.
Sources: RFC 5322 (messages), RFC 2045 to 2047 (MIME), RFC 3676 (flowed text).
"""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Part
from email.parser import BytesParser
from email.policy import compat32
from pathlib import Path

from citewell.ingest.readers.blocks import Block
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.html_reader import page_blocks
from citewell.ingest.readers.mail_blocks import MOST_DEPTH, Message, message_document
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

MOST_PARTS = 1000
LONGEST_HEADER = 100_000
"""Characters of a header that are read."""

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_BOM = b"\xef\xbb\xbf"
_ENVELOPE = re.compile(rb"\s*(?:>?From [^\n]*\n)?")


def read_mail(path: Path, name: str) -> list[Document]:
    """Return a message as one document; messages attached to it are sections.

    Raises:
        ReadError: If it is no message, or holds no text.
    """
    data = path.read_bytes().removeprefix(_BOM)
    try:
        part = BytesParser(policy=compat32).parsebytes(data[_ENVELOPE.match(data).end() :])  # type: ignore[union-attr]
        return [message_document(_message(part, 0), name)]
    except RecursionError as error:
        raise ReadError("its parts are nested too deeply") from error


def _message(part: Part, depth: int) -> Message:
    message = Message([(name, _header(part, name)) for name in _SHOWN])
    for number, leaf in enumerate(_leaves(part)):
        if number == MOST_PARTS:
            raise ReadError(f"has more than {MOST_PARTS} parts")
        _take(message, leaf, depth)
    return message


def _take(message: Message, part: Part, depth: int) -> None:
    """Add a part to the message that it belongs to, as its type asks."""
    kind = part.get_content_type()
    if kind == "message/rfc822" and depth < MOST_DEPTH:
        message.enclosed += [_message(inner, depth + 1) for inner in _parts(part)]
    elif kind == "message/delivery-status":
        message.body += [Block(str(inner)) for inner in _parts(part)]
    elif part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
        message.attachments.append(_file_name(part) or kind)
    elif kind in ("text/plain", "text/html"):
        message.body += _text_blocks(part)
    else:
        message.attachments.append(_file_name(part) or kind)


def _leaves(part: Part) -> Iterator[Part]:
    """Yield the parts that are shown, in order: of alternatives, plain text before HTML."""
    if part.get_content_maintype() != "multipart" or not part.is_multipart():
        yield part
        return
    inner = _parts(part)
    if part.get_content_subtype() == "alternative":
        inner = sorted(inner, key=_preference)[:1]
    for each in inner:
        yield from _leaves(each)


def _preference(part: Part) -> int:
    """Return the rank of an alternative, 0 for the best."""
    kind = part.get_content_type()
    if kind == "text/plain":
        return 0 if _payload(part).strip() else 3
    return 1 if kind == "text/html" or kind.startswith("multipart/") else 2


def _parts(part: Part) -> list[Part]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Part)] if type(payload) is list else []


def _text_blocks(part: Part) -> list[Block]:
    data = _payload(part)
    charset = part.get_content_charset()
    if not data.strip():
        return []
    if part.get_content_type() == "text/html":
        return list(page_blocks(data, charset).blocks)
    text = decode(data, charset)
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _unflow(text, str(part.get_param("delsp", "")).lower() == "yes")
    return [Block(text)]


def _unflow(text: str, delete_space: bool) -> str:
    """Join the lines of flowed text, whose last space says that they go on.

    Source: RFC 3676 section 4.
    """
    text = text.replace("\r\n", "\n")
    return re.sub(r"(?<=[^\n]) \n(?![ >\n])", "" if delete_space else " ", text)


def _payload(part: Part) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _header(part: Part, name: str) -> str:
    """Return a header's first value, with encoded words and stray bytes made readable."""
    wanted = name.lower()
    value = next((raw for key, raw in part.raw_items() if key.lower() == wanted), "")
    return _decoded(str(value))


def _decoded(value: str) -> str:
    data = value.encode("utf-8", "surrogateescape")  # stray bytes stand in it as surrogates
    value = re.sub(r"\r?\n(?=[ \t])", "", decode(data[:LONGEST_HEADER]) if data else "")
    if "=?" not in value:
        return value
    try:
        words = decode_header(value)
        return "".join(
            word if isinstance(word, str) else decode(word, charset) for word, charset in words
        )
    except (MessageError, ReadError):
        return value


def _file_name(part: Part) -> str:
    try:
        return _decoded(part.get_filename() or "")
    except (LookupError, TypeError, ValueError):
        return ""
