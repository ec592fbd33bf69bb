"""Read mail as Outlook saves it (.msg): an OLE file with a stream for each property.

The streams are decoded here and not by a library for messages: code pages are as often missing or
wrong in them as anywhere else. A body that is there as RTF alone is not read.
Source: https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxmsg, for the layout;
MS-OXPROPS of the same collection for the numbers of properties.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from citewell.ingest.readers.blocks import Block
from citewell.ingest.readers.containers import PROPERTIES
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.html_reader import page_blocks
from citewell.ingest.readers.mail_blocks import MOST_DEPTH, Message, message_document
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

Folder = list[str]
"""Where a message, recipient or attachment stands in the file."""

_SUBJECT, _BODY, _HTML = 0x0037, 0x1000, 0x1013
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS = 0x0C1A, 0x5D01, 0x0C1F
_SENT, _DELIVERED = 0x0039, 0x0E06
_DISPLAY_TO, _DISPLAY_CC = 0x0E04, 0x0E03
_RECIPIENT_TYPE, _NAME, _SMTP, _ADDRESS = 0x0C15, 0x3001, 0x39FE, 0x3003
_TO, _CC = 1, 2
_LONG_FILE_NAME, _FILE_NAME = 0x3707, 0x3704
_ENCLOSED = "__substg1.0_3701000D"
_MESSAGE_CODE_PAGE, _INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE

_ENTRY = struct.Struct("<HHI8s")


def read_msg(path: Path, name: str) -> list[Document]:
    """Return a message as one document; messages attached to it are sections.

    Raises:
        ReadError: If it is no message of Outlook, is damaged, or holds no text.
    """
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(path) as ole:
            if not ole.exists(PROPERTIES):
                raise ReadError("no message of Outlook: save it from Outlook again as .msg")
            message = _message(ole, [], 0)
    except (OSError, struct.error) as error:
        raise ReadError(f"damaged: it cannot be opened as a message ({error})") from error
    return [message_document(message, name)]


def _message(ole: Any, folder: Folder, depth: int) -> Message:
    part = _Part(ole, folder, 24 if folder else 32)
    to, cc = _recipients(ole, folder, part)
    message = Message(
        [
            ("From", _person(part, _SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS)),
            ("To", to or part.text(_DISPLAY_TO)),
            ("Cc", cc or part.text(_DISPLAY_CC)),
            ("Date", part.time(_SENT) or part.time(_DELIVERED)),
            ("Subject", part.text(_SUBJECT)),
        ]
    )
    message.body += _body(part)
    for place in _folders(ole, folder, "__attach_version1.0_"):
        if depth < MOST_DEPTH and ole.exists([*place, _ENCLOSED, PROPERTIES]):
            message.enclosed.append(_message(ole, [*place, _ENCLOSED], depth + 1))
        else:
            attached = _Part(ole, place, 8, part.code_page)
            names = (_LONG_FILE_NAME, _FILE_NAME, _NAME)
            message.attachments.append(next(filter(None, map(attached.text, names)), "unnamed"))
    return message


def _body(part: "_Part") -> list[Block]:
    """Return the plain text; what HTML says, where there is none."""
    if (text := part.text(_BODY)).strip():
        return [Block(text)]
    html, charset = part.stream(_HTML, "0102").rstrip(b"\0"), part.charset(_INTERNET_CODE_PAGE)
    if not html.strip():
        html, charset = part.text(_HTML).encode(), "utf-8"
    return list(page_blocks(html, charset).blocks) if html.strip() else []


def _recipients(ole: Any, folder: Folder, message: "_Part") -> tuple[str, str]:
    """Return who it is to, and who gets a copy."""
    found: dict[int, list[str]] = {_TO: [], _CC: []}
    for place in _folders(ole, folder, "__recip_version1.0_"):
        part = _Part(ole, place, 8, message.code_page)
        person = _person(part, _NAME, _SMTP, _ADDRESS)
        found.setdefault(part.number(_RECIPIENT_TYPE), []).append(person)
    return ", ".join(filter(None, found[_TO])), ", ".join(filter(None, found[_CC]))


def _person(part: "_Part", name: int, *addresses: int) -> str:
    """Return ``Jo Doe <jo@example.org>``, without an address that is one of Exchange's own."""
    known = (part.text(address) for address in addresses)
    address = next((each for each in known if "@" in each), "")
    called = part.text(name)
    return f"{called} <{address}>" if called and address not in ("", called) else called or address


def _folders(ole: Any, folder: Folder, prefix: str) -> Iterator[Folder]:
    """Yield the storages of a message whose names begin so, in order."""
    inside = len(folder) + 1
    for place in sorted(ole.listdir(streams=False, storages=True)):
        if len(place) == inside and place[:-1] == folder and place[-1].startswith(prefix):
            yield place


class _Part:
    """The properties of a message, recipient or attachment."""

    def __init__(self, ole: Any, folder: Folder, header: int, code_page: int = 0) -> None:
        self._ole = ole
        self._folder = folder
        self._fixed = dict(self._entries(header))
        self.code_page = self.number(_MESSAGE_CODE_PAGE) or code_page

    def _entries(self, header: int) -> Iterator[tuple[int, bytes]]:
        data = self._read(PROPERTIES)[header:]
        for entry in _ENTRY.iter_unpack(data[: len(data) // _ENTRY.size * _ENTRY.size]):
            yield entry[1], entry[3]

    def _read(self, name: str) -> bytes:
        place = [*self._folder, name]
        if not self._ole.exists(place):
            return b""
        with self._ole.openstream(place) as stream:
            return bytes(stream.read())

    def stream(self, number: int, kind: str) -> bytes:
        """Return the bytes of a property of variable length."""
        return self._read(f"__substg1.0_{number:04X}{kind}")

    def text(self, number: int) -> str:
        """Return a property of text; blank where it has none."""
        if data := self.stream(number, "001F"):
            return data.decode("utf-16-le", "replace").rstrip("\0")
        data = self.stream(number, "001E").rstrip(b"\0")
        return decode(data, self.charset(_MESSAGE_CODE_PAGE)) if data else ""

    def number(self, number: int) -> int:
        """Return a property of 32 bits; 0 where it has none."""
        return int.from_bytes(self._fixed.get(number, b"")[:4], "little")

    def charset(self, number: int) -> str | None:
        """Return the encoding that a property of this kind names."""
        page = self.number(number) or self.code_page
        return {0: None, 65001: "utf-8", 936: "gb18030"}.get(page, f"cp{page}")

    def time(self, number: int) -> str:
        """Return a time in words; blank where it has none. Ticks of 100 ns from 1601 on."""
        ticks = int.from_bytes(self._fixed.get(number, b""), "little")
        try:
            at = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
        except OverflowError:
            return ""
        return f"{at:%Y-%m-%d %H:%M} UTC" if ticks else ""
