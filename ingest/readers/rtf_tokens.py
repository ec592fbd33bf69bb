"""Cut RTF into groups, control words and text, and decode its characters.

Source: Microsoft, Rich Text Format Specification 1.9.1.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    rb"(?P<open>\{)|(?P<close>\})|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\(?P<sign>[^a-zA-Z])"
    rb"|[\r\n\0]+|(?P<text>[^{}\\\r\n\0]+)",
    re.DOTALL,
)

CODE_PAGES = {
    **{0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030"},
    **{136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256"},
    **{186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850"},
}
"""The encoding of each character set that a font may have."""


class Token(NamedTuple):
    """A part of the file.

    Attributes:
        kind: ``open``, ``close``, ``word``, ``sign`` or ``bytes``.
        name: The control word, or sign, as text; blank of others.
        number: What follows a control word; None if nothing does.
        data: The bytes of text.
    """

    kind: str
    name: str = ""
    number: int | None = None
    data: bytes = b""


def tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of a file in order, in time in proportion to its length."""
    at = 0
    while found := _TOKEN.match(data, at):
        at = found.end()
        kind = found.lastgroup
        if kind == "number" or kind == "word":
            number = int(found["number"]) if found["number"] else None
            name = found["word"].decode("ascii")
            if name == "bin":
                at += max(0, number or 0)
            else:
                yield Token("word", name, number)
        elif kind == "hex":
            yield Token("bytes", data=bytes.fromhex(found["hex"].decode("ascii")))
        elif kind == "text":
            yield Token("bytes", data=found["text"])
        elif kind == "sign":
            yield Token("sign", found["sign"].decode("latin-1"))
        elif kind:
            yield Token(kind)


def known_encoding(code_page: int | None) -> str:
    """Return Python's name of a code page; Windows-1252 for those it does not know."""
    name = {10000: "mac_roman", 65001: "utf-8", 936: "gb18030"}.get(
        code_page or 0, f"cp{code_page}"
    )
    try:
        b"a".decode(name)
    except LookupError:
        return "cp1252"
    return name
