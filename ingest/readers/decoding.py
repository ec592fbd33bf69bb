"""Turn the bytes of a text file into text, whatever encoding it is in."""

import codecs
import re
from contextlib import suppress

from citewell.retrieval.errors import ReadError

SAMPLE_BYTES = 65_536
MOST_CONTROLS = 0.01
"""Share of control bytes above which a file is not text. Random bytes hold 0.11."""

MOST_ACCENTS = 0.3
"""Share of bytes beyond ASCII up to which text is taken for Latin. Czech has 0.2, Russian 0.8."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b")) + b"\x7f"
_UTF_16 = ("utf-16-le", "utf-16-be")
_WHITE = frozenset(" \n\u3000\u3002")
_WIDE = ["utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le", "utf_7"]
_EBCDIC = bytes(
    [
        *b"\x05\x0d\x15\x25\x40\x4b\x4d\x5d\x60\x61\x6b\x7a\x7d\x7f",
        *(*range(0x81, 0x8A), *range(0x91, 0x9A), *range(0xA2, 0xAA)),
        *(*range(0xC1, 0xCA), *range(0xD1, 0xDA), *range(0xE2, 0xEA), *range(0xF0, 0xFA)),
    ]
)
"""White space, the commonest marks, letters and digits."""

_MULTIBYTE = re.compile(r"big5|cp9(?:32|49|50)|euc|gb|hz|iso2022|johab|shift_jis")
_WINDOWS_LATIN = ["cp1252", "cp1250", "cp1254"]
_LATIN = re.compile(
    r"cp125[02478]$|cp(?:437|775|85[0278]|86[0135])$|latin_1|iso8859_(?:[1-49]|10|1[3-6])$"
    r"|mac_(?:greek|iceland|latin2|roman|turkish)$|hp_roman8"
)
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_MOST_HALF_WIDTH = 0.3
"""Share of half-width katakana above which it is no Japanese, but KOI8-R taken for it."""

_CYRILLIC = re.compile("[\u0400-\u04ff]{2}")
_CYRILLICS = ("cp1251", "koi8_r", "iso8859_5", "cp866", "mac_cyrillic")
_LARGE_AFTER_SMALL = re.compile("[а-яё][А-ЯЁ]")
_COMMON = "оеаинтсрвл"
"""The letters that make up two thirds of Russian, and of its neighbours."""

_JAPANESE_MAIL = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")
_ASCII = bytes(range(32, 127))
_LEAST_BEYOND_ASCII = 0.25
"""Share of bytes in UTF-16 of any script that are no ASCII; Chinese has 0.5."""

_LEAST_PRINTABLE = 0.98


def decode(data: bytes, declared: str | None = None) -> str:
    """Return the bytes as text, without a byte order mark.

    In this order: a byte order mark, UTF-16 by its zeros, EBCDIC by its spaces, UTF-8, the
    encoding that the file declares, UTF-8 with lines of something else between, a guess by
    charset-normalizer, and Windows-1252, which can say anything.

    Raises:
        ReadError: If the bytes are not text.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide_encoding(data):
        return data.decode(wide, "replace")
    if _is_ebcdic(data):
        return data.decode(_ebcdic_codec(data))
    if _JAPANESE_MAIL.search(data) and data.isascii():
        return data.decode("iso2022_jp_2", "replace")
    if _controls_share(data) > MOST_CONTROLS:
        raise ReadError("not text: the file holds binary data")
    for codec in filter(None, ("utf-8", _codec(declared))):
        with suppress(UnicodeDecodeError):
            return data.decode(codec)
    return _decode_mixed(data)


def is_text(head: bytes) -> bool:
    """Tell whether a file that begins with these bytes is clearly text."""
    if _is_ebcdic(head) or _wide_encoding(head) or head.startswith(tuple(dict(_BOMS))):
        return True
    return b"\0" not in head and _controls_share(head) <= MOST_CONTROLS


def _is_ebcdic(data: bytes) -> bool:
    """Tell EBCDIC: spaces are ``@``, and nearly all else letters above ASCII, digits and lines.

    Source: IBM code page 500, whose letters and digits are those of 37 and 1047 too.
    """
    sample = data[:SAMPLE_BYTES]
    spaces = sample.count(b"\x40")
    if spaces < 0.05 * len(sample) or sample.count(b" ") > 0.01 * len(sample):
        return False
    return len(sample.translate(None, _EBCDIC)) < 0.2 * len(sample)


def _ebcdic_codec(data: bytes) -> str:
    """Choose between the two in wide use, which differ in ``[ ] ! |`` and such."""
    exclamations, brackets = data.count(b"\x5a"), data.count(b"\x4a")
    return "cp037" if exclamations > max(brackets, data.count(b"\x4f")) else "cp500"


def _wide_encoding(data: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 without a mark: they hold zeros, and decode to what can be printed."""
    sample = data[: SAMPLE_BYTES // 4 * 4]
    if b"\0" not in sample or len(data) % 2:
        return None
    half = len(sample) // 2
    even, odd = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.4 and even < 0.01:
        return "utf-16-le"
    if even > 0.4 and odd < 0.01:
        return "utf-16-be"
    if len(sample.translate(None, _ASCII)) < _LEAST_BEYOND_ASCII * len(sample):
        return None
    wide = ("utf-32-le", "utf-32-be") if len(data) % 4 == 0 else ()
    return next(filter(lambda name: _is_printable(sample, name), (*wide, *_UTF_16)), None)


def _is_printable(sample: bytes, encoding: str) -> bool:
    """Tell whether bytes decode to text with white space, and with next to nothing unprintable."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    printable = sum(each.isprintable() or each in "\n\r\t" for each in text)
    return printable >= _LEAST_PRINTABLE * len(text) and not _WHITE.isdisjoint(text)


def _controls_share(data: bytes) -> float:
    sample = data[:SAMPLE_BYTES]
    return 1 - len(sample.translate(None, _CONTROLS)) / len(sample) if sample else 0.0


def _codec(declared: str | None) -> str | None:
    """Return Python's codec for a declared encoding; browsers read Latin-1 as Windows-1252.

    Source: https://encoding.spec.whatwg.org/#names-and-labels
    """
    try:
        name = codecs.lookup(declared or "").name
    except (LookupError, ValueError):
        return None
    stand_ins = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
    return stand_ins.get(name, name if _is_text_codec(name) else None)


def _is_text_codec(name: str) -> bool:
    try:
        b"a".decode(name)
    except (LookupError, UnicodeError):
        return False
    return True


def _decode_mixed(data: bytes) -> str:
    """Decode line by line when at least half of the lines beyond ASCII are UTF-8."""
    lines = data.splitlines(keepends=True)
    foreign = [line for line in lines if not line.isascii()]
    broken = [line for line in foreign if not _is_utf8(line)]
    other = _guess(b"".join(broken)[:SAMPLE_BYTES])
    if len(broken) * 2 > len(foreign):
        return data.decode(other, "replace")
    return "".join(line.decode("utf-8" if _is_utf8(line) else other, "replace") for line in lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    excluded = list(_WIDE)
    while (found := from_bytes(sample, cp_exclusion=excluded).best()) is not None:
        if len(_HALF_WIDTH.findall(str(found))) <= _MOST_HALF_WIDTH * len(str(found)):
            break
        excluded.append(found.encoding)
    if found is not None and _is_believable(found.encoding, sample):
        return _best_cyrillic(sample) if _CYRILLIC.search(str(found)) else found.encoding
    # The Latin code pages differ in few letters; only the three in wide use are told apart.
    found = from_bytes(sample, cp_isolation=_WINDOWS_LATIN).best()
    if found is None or "cp1252" in found.could_be_from_charset:
        return "cp1252"
    return _rather_latin_2(sample) if found.encoding == "cp1250" else found.encoding


def _best_cyrillic(sample: bytes) -> str:
    """Return the encoding that gives most of the commonest letters, and few large after small."""

    def score(encoding: str) -> int:
        text = sample.decode(encoding, "replace")
        common = sum(map(text.lower().count, _COMMON))
        return common - len(_LARGE_AFTER_SMALL.findall(text))

    return max(_CYRILLICS, key=score)


def _rather_latin_2(sample: bytes) -> str:
    """Return ``iso8859_2`` for what has more letters in it than in Windows-1250."""
    windows, iso = (sample.decode(name, "replace") for name in ("cp1250", "iso8859_2"))
    return "iso8859_2" if sum(map(str.isalpha, iso)) > sum(map(str.isalpha, windows)) else "cp1250"


def _is_believable(encoding: str, sample: bytes) -> bool:
    """Doubt a script of its own where few bytes are beyond ASCII, as in Latin with accents."""
    if _LATIN.match(encoding):
        return False
    beyond_ascii = sum(byte > 127 for byte in sample) / len(sample)
    return beyond_ascii > MOST_ACCENTS or _MULTIBYTE.match(encoding) is not None
