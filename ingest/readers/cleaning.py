"""Make text fit to store: what a reader of the page can see, in one normal form.

Invisible characters are a way to slip a language model instructions that no person sees
(the Tag block spells ASCII, variation selectors carry bytes), and to hide words from a search.
"""

import re
import unicodedata

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls that are no line break
    "\u00ad"  # soft hyphen
    "\u034f\u061c\u180b-\u180f"  # joiner and selectors without a glyph
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"  # zero width, bidi marks and overrides
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb"  # variation selectors, byte order mark, annotations
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters
    "\U000e0000-\U000e0fff"  # Tag block, further variation selectors
    "]"
)
_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")

_NEEDS_JOINERS = "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdcf\ufe70-\ufefc"
_JOINER = re.compile(f"(?<![{_NEEDS_JOINERS}])[\u200c\u200d]|[\u200c\u200d](?![{_NEEDS_JOINERS}])")
"""Zero-width joiners; they change how a word is spelt in Arabic, Indic and related scripts."""


def clean_text(text: str) -> str:
    """Return the text without what is invisible, lines ended by ``\\n``, in NFC.

    Spaces of any width become plain ones, and more than two blank lines become two. Offsets of
    pages and headings are taken in the text that comes out.
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _LINE_BREAK.sub("\n", text)
    text = _JOINER.sub("", _INVISIBLE.sub("", text))
    text = _SPACE.sub(" ", text)
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n\n", text))


def clean_line(text: str) -> str:
    """Return the text cleaned and on one line, with single spaces."""
    return " ".join(clean_text(text).split())
