"""Conversations and answers in forms that leave the page."""

from citewell.app.chats.export_html import as_html
from citewell.app.chats.export_markdown import as_markdown
from citewell.app.chats.export_text import turn_text

__all__ = ["as_html", "as_markdown", "turn_text"]
