"""Make text fit to store: what a reader of the page can see, in one normal form."""

import re
import unicodedata

from citewell.retrieval.visible import visible

_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Return the text without what is invisible, lines ended by ``\\n``, in NFC.

    Spaces of any width become plain ones, and more than two blank lines become two. Offsets of
    pages and headings are taken in the text that comes out.
    """
    if not _is_plain(text):
        text = _SPACE.sub(" ", clean_code(text))
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n\n", text))


def clean_code(text: str) -> str:
    """Return the text without what is invisible, lines ended by ``\\n``, and else as it stands."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return visible(_LINE_BREAK.sub("\n", text))


def _is_plain(text: str) -> bool:
    """Tell in a tenth of the time that there is nothing to clean, as in most English text."""
    return text.isascii() and text.replace("\n", "").replace("\t", "").isprintable()


def clean_line(text: str) -> str:
    """Return the text cleaned and on one line, with single spaces."""
    clean = text.isascii() and text.isprintable()  # most cells of a table are
    return " ".join((text if clean else clean_text(text)).split())
