"""Text without the characters that a reader cannot see.

Such characters can slip a language model instructions (the Tag block spells ASCII, variation
selectors carry bytes), hide words from a search, turn a line around (bidi overrides) or command a
terminal. They are taken out where text comes in and again wherever it is shown.
See OWASP Top 10 for LLM applications 2026, LLM10 Improper Output Handling.
"""

import re

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls other than tab and line feed
    "\u00ad"  # soft hyphen
    "\u034f\u061c\u180b-\u180f"  # joiner and selectors without a glyph
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb"  # variation selectors, byte order mark, annotations
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters
    "\ud800-\udfff"  # lone surrogates, which no output can carry
    "\U000e0000-\U000e0fff"  # Tag block, further variation selectors
    "]"
)
_NEEDS_JOINERS = "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdcf\ufe70-\ufefc"
_JOINER = re.compile(f"(?<![{_NEEDS_JOINERS}])[\u200c\u200d]|[\u200c\u200d](?![{_NEEDS_JOINERS}])")
"""Zero-width joiners; they change how a word is spelt in Arabic, Indic and related scripts."""


def visible(text: str) -> str:
    """Return the text without what is invisible; tabs and line feeds stay."""
    return _JOINER.sub("", _INVISIBLE.sub("", text))
