"""Text of documents and models made fit to stand in a page: visible, and never markup."""

import html
import re

from citewell.retrieval.visible import visible

_WRAPPED = re.compile(r"(?<!\n)\n(?!\n|[ \t]*(?:[-*+|#>•]|\d+[.)]))")
"""A line feed inside a paragraph: not before a blank line, a list item, a table row, a heading."""


def escaped(text: str) -> str:
    """Return HTML that shows exactly this text, without what is invisible."""
    return html.escape(visible(text))


def flowing(text: str) -> str:
    """Return HTML that shows the text with the lines of each paragraph joined."""
    return escaped(_WRAPPED.sub(" ", text))


_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")
_LINK = re.compile(r"(?<=[:.@])(?=\S)")


def labelling(text: str) -> str:
    """Return Markdown that shows exactly this text in one line: what a button's label takes.

    Each sign that could mean something is escaped, and an invisible joiner parts what would be
    made a link without any sign. See https://spec.commonmark.org/0.31.2/#backslash-escapes.
    """
    line = " ".join(visible(text).split())
    return _MARKDOWN.sub(r"\\\1", _LINK.sub("\u2060", line))
