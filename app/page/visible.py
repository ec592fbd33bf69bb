"""Text of documents and models made fit to stand in a page: visible, and never markup.

Characters that no reader sees can carry instructions (the Tag block spells ASCII) or turn a line
around (bidi overrides). They are taken out again at display, whatever happened before.
See OWASP Top 10 for LLM applications 2026, LLM10 Improper Output Handling.
"""

import html
import re

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls other than tab and line feed
    "\u00ad\u034f\u061c\u180b-\u180f"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb"  # variation selectors, byte order mark, annotations
    "\ud800-\udfff"  # lone surrogates, which no page can carry
    "\U000e0000-\U000e0fff"  # Tag block, further variation selectors
    "]"
)

_SPELT_WITH_JOINERS = (
    "\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdcf\ufe70-\ufefc"
)
_JOINER = re.compile(
    f"(?<![{_SPELT_WITH_JOINERS}])[\u200c\u200d]|[\u200c\u200d](?![{_SPELT_WITH_JOINERS}])"
)

_WRAPPED = re.compile(r"(?<!\n)\n(?!\n|[ \t]*(?:[-*+|#>•]|\d+[.)]))")
"""A line feed inside a paragraph: not before a blank line, a list item, a table row, a heading."""


def visible(text: str) -> str:
    """Return the text without the characters that a reader cannot see."""
    return _JOINER.sub("", _INVISIBLE.sub("", text))


def escaped(text: str) -> str:
    """Return HTML that shows exactly this text, without what is invisible."""
    return html.escape(visible(text))


def flowing(text: str) -> str:
    """Return HTML that shows the text with the lines of each paragraph joined."""
    return escaped(_WRAPPED.sub(" ", text))
